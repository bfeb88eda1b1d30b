"""Movement: the flows, the one door, the ledger. `perform` and `explain` are the whole interface."""

from typing import Any


def perform(*args: Any, **kwargs: Any) -> Any:
    """Does one act on one case, or refuses with every reason. See `workflows.door.perform`."""
    from workflows.door import perform as _perform  # noqa: PLC0415 - models are not loaded when the package is

    return _perform(*args, **kwargs)


def explain(*args: Any, **kwargs: Any) -> Any:
    """What may be done to a case, by whom, and why not. See `workflows.explaining.explain`."""
    from workflows.explaining import explain as _explain  # noqa: PLC0415

    return _explain(*args, **kwargs)
