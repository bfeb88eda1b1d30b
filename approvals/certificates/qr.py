"""The QR code of an address as a bitmap, one bit per module, the way a PDF image mask wants it."""

from dataclasses import dataclass
from functools import lru_cache

import zxingcpp

QUIET = 1  # modules of white around; the paper around it is white as well

_BITS = bytes(ord("1") if value == 0 else ord("0") for value in range(256))  # a dark module is 0 in the image


@dataclass(frozen=True)
class Code:
    """*size* modules on a side, border included; *rows* are packed bits, 1 is dark."""

    size: int
    rows: bytes


@lru_cache(maxsize=8)
def code(address: str) -> Code:
    """The code of *address* at level M, which survives a fold or a stamp (ISO/IEC 18004).

    Raises ValueError when the address is too long for a QR code.
    """
    made = zxingcpp.create_barcode(address, zxingcpp.BarcodeFormat.QRCode, ec_level="M")
    plain = made.to_image(scale=1, add_quiet_zones=False)
    height, width = plain.shape
    size = width + 2 * QUIET
    stride = (size + 7) // 8
    blank = bytes(stride)
    rows = [blank] * QUIET
    data = memoryview(plain).tobytes()
    margin = stride * 8 - width - QUIET
    for start in range(0, width * height, width):
        bits = int(data[start : start + width].translate(_BITS), 2)
        rows.append((bits << margin).to_bytes(stride, "big"))
    rows += [blank] * QUIET
    return Code(size, b"".join(rows))
