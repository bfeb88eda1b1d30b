"""An optional virus scanner beside the checks of our own: clamd, asked over its socket before a file is kept (trust.md H5).

A scanner that was named and does not answer lets nothing in: what nobody looked into would be stored as if somebody had.
"""

import io
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from clamav_client.clamd import ClamdError, ClamdNetworkSocket, ClamdUnixSocket
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext as _

log = logging.getLogger(__name__)
SECONDS = 30


def scanner() -> Any:
    """The client of the installation's scanner, or None where `PILOTAGE_CLAMD` names none.

    Raises ImproperlyConfigured for an address that is neither `unix:/path` nor `host:port`.
    """
    address = settings.CLAMD
    if not address:
        return None
    if address.startswith("unix:"):
        return ClamdUnixSocket(address.removeprefix("unix:"), timeout=SECONDS)
    host, colon, port = address.rpartition(":")
    if not colon or not port.isdigit():
        raise ImproperlyConfigured("PILOTAGE_CLAMD is unix:/path/to/clamd.ctl or host:port")
    return ClamdNetworkSocket(host.strip("[]"), int(port), timeout=SECONDS)


def fault(data: bytes) -> str:
    """Why the scanner does not let these bytes in, in words; an empty string when it does or there is none."""
    clamd = scanner()
    if clamd is None:
        return ""
    try:
        with _hung_up(clamd):
            status, found = clamd.instream(io.BytesIO(data)).get("stream", ("ERROR", "no answer"))
    except (ClamdError, OSError, ValueError, UnicodeError) as error:
        log.error("the virus scanner does not answer: %s", error)
        status, found = "ERROR", None
    if status == "OK":
        return ""
    if status == "FOUND":
        log.warning("the virus scanner found %s", found)
        return _("查毒程序发现 %(virus)s，没有保存；请查杀后重新上传。") % {"virus": str(found)[:60]}
    return _("查毒服务暂时没有应答，为安全起见没有保存；请稍后再试，或告知系统管理员。")


@contextmanager
def _hung_up(clamd: Any) -> Iterator[None]:
    """Closes the socket afterwards: the library leaves one open to which nobody answered."""
    try:
        yield
    finally:
        if hasattr(clamd, "clamd_socket"):
            clamd.clamd_socket.close()


def answers() -> bool:
    """True when the scanner that was named answers a ping."""
    clamd = scanner()
    try:
        with _hung_up(clamd):
            return bool(clamd.ping().strip() == "PONG")
    except (ClamdError, OSError, ValueError):
        return False
