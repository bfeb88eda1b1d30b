"""Which channels there are: one per folder beside this file that has a `transport.py`. No list to keep."""

import pkgutil
from functools import cache
from importlib import import_module

import notifications.channels
from notifications.channels.base import Channel


@cache
def every() -> dict[str, Channel]:
    """All channels by code, in the order of their folders' `ORDER` and names."""
    found = []
    for module in pkgutil.iter_modules(notifications.channels.__path__):
        if module.ispkg and module.name != "tests":
            transport = import_module(f"{notifications.channels.__name__}.{module.name}.transport")
            found.append((getattr(transport, "ORDER", 100), module.name, transport.CHANNEL))
    return {channel.code: channel for _order, _name, channel in sorted(found, key=lambda item: item[:2])}


def group() -> dict[str, Channel]:
    """The channels whose letters go to endpoints."""
    return {code: channel for code, channel in every().items() if not channel.personal}


def configured() -> dict[str, Channel]:
    """The channels that have endpoints to describe: groups', and a personal one's gateway."""
    return {code: channel for code, channel in every().items() if channel.form is not None}


def rings(code: str) -> bool:
    """Whether a person hears messages of this channel arrive."""
    return every()[code].rings
