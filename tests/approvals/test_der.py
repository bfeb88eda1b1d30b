"""One form for one value: what DER allows, and longer forms that parsers accept all the same."""

import pytest

from approvals.certificates.signing.der import is_der
from tests.approvals.signed import specimen


@pytest.mark.parametrize(
    "good", ["0500", "020100", "0201ff", "02020080", "3003020105", "300506032b6570", "04818" + "0" + "00" * 128]
)
def test_der(good):
    assert is_der(bytes.fromhex(good))


@pytest.mark.parametrize(
    "bad",
    ["", "05", "0500 00", "0481 01 00", "04 82 00 80" + "00" * 128, "3080 0201 05 0000", "3003 0201", "0202 0001",
     "0202 ffff", "0200", "1f01 00", "3004 0201 05", "0485 0000000001 00", "3005 020105 0000", "0000"],
)  # fmt: skip
def test_longer_forms_are_not_der(bad):
    assert not is_der(bytes.fromhex(bad.replace(" ", "")))


def test_certificates_are_der_and_nesting_has_an_end():
    assert all(is_der(der) for der in specimen().signer.chain)
    deep = b"\x05\x00"
    for _ in range(40):
        deep = bytes([0x30, len(deep)]) + deep
    assert not is_der(deep)
