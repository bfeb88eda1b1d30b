"""Which kinds of signer there are: one per module of this package that has a `KIND`. No list to keep.

A site's own kind may live anywhere: a code with a dot in it is the name of a module with a `KIND`.
"""

import pkgutil
from functools import cache
from importlib import import_module

from approvals.certificates import signing
from approvals.certificates.signing.base import Kind, Options, Signer, SigningError


@cache
def every() -> dict[str, Kind]:
    """The packaged kinds by code, sorted."""
    modules = (import_module(f"{signing.__name__}.{found.name}") for found in pkgutil.iter_modules(signing.__path__))
    kinds = [module.KIND for module in modules if isinstance(getattr(module, "KIND", None), Kind)]
    return {kind.code: kind for kind in sorted(kinds, key=lambda kind: kind.code)}


def find(code: str) -> Kind:
    """The kind named *code*. Raises SigningError with the names there are."""
    if code in every():
        return every()[code]
    if "." in code:
        try:
            return import_module(code).KIND
        except (ImportError, AttributeError) as error:
            raise SigningError(f"no signer in {code}: {error}") from error
    raise SigningError(f"there is no signer {code!r}; choose one of {', '.join(every())}, or name a module of your own")


def build(code: str, options: Options) -> Signer:
    """The signer of *code*, ready to sign. Raises SigningError."""
    return find(code).build(options)
