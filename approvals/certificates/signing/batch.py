"""Sign many files with one key: pyHanko builds the signature's container once, afterwards three values in it change.

What differs between two PAdES signatures by one key is the digest of the file and the signature over the signed
attributes; the time stands in the signature dictionary of the file (EN 319 142-1, 6.3). Everything else (certificates,
algorithms, the reference to the signing certificate) is the same bytes, and encoding them again costs twenty times
what the signature does.
"""

from typing import Protocol

from pyhanko.sign.signers.pdf_cms import PdfCMSSignedAttributes

from approvals.certificates.signing.base import Signer, SigningError
from approvals.certificates.signing.loops import wait
from approvals.certificates.signing.pades import DIGEST, ROOM, PyHankoSigner

_SENTINEL = bytes.fromhex("5eed" * 16)  # a digest no file has; its place is where digests go
_SEQUENCE, _SET, _OCTETS, _EXPLICIT = 0x30, 0x31, 0x04, 0xA0


class Unsigned(Protocol):
    """A file that lacks only its signature (`compiled.writing.Unsigned`)."""

    digest: bytes

    def signed(self, cms: bytes) -> bytes: ...


def der(tag: int, content: bytes) -> bytes:
    """*content* as a DER element (X.690, 8.1.3 and 10.1)."""
    length = len(content)
    if length < 0x80:
        return bytes((tag, length)) + content
    size = (length.bit_length() + 7) // 8
    return bytes((tag, 0x80 | size)) + length.to_bytes(size, "big") + content


class BatchSigner:
    """Signs files with room in them. Raises SigningError where the signer fails; safe to share between threads."""

    def __init__(self, signer: Signer) -> None:
        self._signer = signer
        adapter = PyHankoSigner(signer)
        made = wait(
            adapter.async_sign(_SENTINEL, DIGEST, use_pades=True, signed_attr_settings=PdfCMSSignedAttributes())
        )
        data = made["content"]
        (info,) = data["signer_infos"]
        if info["unsigned_attrs"].native:
            raise SigningError("a container with unsigned attributes cannot be reused")
        self._type = made["content_type"].dump()
        names = ("version", "digest_algorithms", "encap_content_info", "certificates")
        self._data = b"".join(data[name].dump() for name in names)
        names = ("version", "sid", "digest_algorithm", "signed_attrs", "signature_algorithm")
        self._info = self._split(b"".join(info[name].dump() for name in names))
        # Signed is the plain SET, whatever tag it has inside the container (RFC 5652, 5.4).
        self._attributes = self._split(info["signed_attrs"].untag().dump())

    @staticmethod
    def _split(data: bytes) -> tuple[bytes, bytes]:
        if data.count(_SENTINEL) != 1:
            raise SigningError("the container has no single place for the digest")
        before, _sentinel, after = data.partition(_SENTINEL)
        return before, after

    @property
    def room(self) -> int:
        """Bytes to keep free for a signature of this key."""
        return sum(map(len, self._signer.chain)) + ROOM

    def container(self, digest: bytes) -> bytes:
        """The CMS container over a file whose signed bytes have the SHA-256 *digest*."""
        before, after = self._attributes
        # The length of an ECDSA signature varies by a byte or two, so the lengths around it are written anew.
        signature = der(_OCTETS, self._signer.sign(before + digest + after))
        before, after = self._info
        info = der(_SEQUENCE, before + digest + after + signature)
        data = der(_SEQUENCE, self._data + der(_SET, info))
        return der(_SEQUENCE, self._type + der(_EXPLICIT, data))

    def sign(self, unsigned: Unsigned) -> bytes:
        """The finished file."""
        return unsigned.signed(self.container(unsigned.digest))
