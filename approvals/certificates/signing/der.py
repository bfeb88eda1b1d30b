"""Whether bytes are written in DER, the one normal form of ASN.1 (X.690, 10 and 11). Structure only, no meaning.

Parsers accept longer forms of the same value; where no hash protects the bytes, a longer form is a change. Writing a
parsed message again and comparing would say the same and takes a hundred times as long.
"""

CONSTRUCTED, LONG, INTEGER = 0x20, 0x80, 0x02
MANY = 0x1F  # the tag number does not fit into one byte; nothing in a signature needs that
DEEPEST = 32


def is_der(data: bytes) -> bool:
    """Whether *data* is one value in DER and nothing behind it."""
    return _end(data, 0, len(data), 0) == len(data)


def _end(data: bytes, start: int, limit: int, depth: int) -> int:
    """Where the value at *start* ends, or -1 where it is not DER or does not end before *limit*."""
    # Tag 0 is no value: it ends those of unknown length, and padding is made of it.
    if start + 2 > limit or depth > DEEPEST or data[start] & MANY == MANY or data[start] == 0:
        return -1
    tag, size, body = data[start], data[start + 1], start + 2
    if size >= LONG:
        count = size - LONG
        size = int.from_bytes(data[body : body + count])
        # Not endless, not longer than needed.
        if not 0 < count <= 4 or data[body] == 0 or size < LONG:
            return -1
        body += count
    end = body + size
    if end > limit:
        return -1
    if tag & CONSTRUCTED:
        while body < end:
            body = _end(data, body, end, depth + 1)
            if body < 0:
                return -1
    elif tag == INTEGER and not _shortest(data[body:end]):
        return -1
    return end


def _shortest(number: bytes) -> bool:
    """Whether an integer has no byte too many (X.690, 8.3.2)."""
    if len(number) < 2:
        return len(number) == 1
    return not (number[0] == 0 and number[1] < 0x80) and not (number[0] == 0xFF and number[1] >= 0x80)
