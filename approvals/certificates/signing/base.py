"""What a signer is: certificates somebody can trust, and one operation with the key that belongs to them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol


class SigningError(RuntimeError):
    """No signature could be made; the message says in one line what to change or whom to ask."""


class SignerUnavailable(SigningError):
    """The key is elsewhere and did not answer; trying again later may help."""


class Signer(Protocol):
    """What everything that signs is given. A plug-in needs these two names and nothing else."""

    @property
    def chain(self) -> tuple[bytes, ...]:
        """DER certificates: the signing one first, then its issuers. A root may be left out."""
        ...

    def sign(self, data: bytes) -> bytes:
        """The signature over SHA-256 of *data*.

        DER ``ECDSA-Sig-Value`` for a P-256 key, PKCS#1 v1.5 for an RSA key, as the certificate's key tells. A key in a
        file signs deterministically (RFC 6979), so the same bytes come out twice. Raises SigningError.
        """
        ...


Post = Callable[[str, bytes, Mapping[str, str]], tuple[int, bytes]]


def no_network(url: str, body: bytes, headers: Mapping[str, str]) -> tuple[int, bytes]:
    """The transport of those who brought none. Raises SigningError."""
    raise SigningError("this signer needs the network, and no transport was given")


@dataclass(frozen=True)
class Options:
    """What an installation says about its signer. ``values`` are plain strings, secrets are named by their files.

    ``directory`` is where a signer may keep what it makes itself. ``post(url, body, headers)`` sends one request and
    returns status and body; the caller brings it, with its own rules about addresses.
    """

    directory: Path
    values: Mapping[str, str] = field(default_factory=dict)
    post: Post = no_network

    def need(self, name: str) -> str:
        """The value of *name*. Raises SigningError where it is empty."""
        value = self.values.get(name, "")
        if not value:
            raise SigningError(f"the signer needs {name}")
        return value

    def secret(self, name: str) -> bytes | None:
        """The content of the file named by *name*, without line ends; None where none is named. Raises SigningError."""
        path = self.values.get(name, "")
        if not path:
            return None
        try:
            return Path(path).read_bytes().strip(b"\r\n")
        except OSError as error:
            raise SigningError(f"{name} cannot be read: {error.strerror}") from error


@dataclass(frozen=True)
class Kind:
    """A way of signing. ``options`` are the names it reads from `Options.values`, for documentation and checks."""

    code: str
    build: Callable[[Options], Signer]
    options: tuple[str, ...] = ()
    # Files signed so are specimens: the certificate says so, too.
    demo: bool = False
