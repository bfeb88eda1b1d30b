"""Certificates signed in the pass that makes them: one revision, nothing may be changed, everybody's reader agrees."""

import io
import subprocess
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pikepdf
import pytest
from asn1crypto import cms

from approvals.certificates.attachments import Attachment
from approvals.certificates.compiled import compiler
from approvals.certificates.compiled.compiler import Placeholder
from approvals.certificates.design import load
from approvals.certificates.signing import verdict
from approvals.certificates.signing.batch import BatchSigner, der
from tests.approvals.signed import specimen

AT = datetime(2026, 9, 18, 9, tzinfo=timezone(timedelta(hours=8)))
DESIGN = load("award_landscape")


@pytest.fixture(scope="module")
def press():
    return compiler.compile(DESIGN), BatchSigner(specimen().signer)


def signed(press, text=None, attachments=()) -> bytes:
    compiled, signer = press
    place = Placeholder(signer.room, "示例省知识产权试点工作管理办公室", "证书签发", AT)
    return signer.sign(compiler.stamp(compiled, text or DESIGN.samples["usual"], attachments, signature=place))


def test_the_signature_is_judged_valid_and_certifying(press):
    found = verdict.check(signed(press), specimen().roots)
    assert found.reasons == ()
    assert found.ok
    assert found.intact
    assert found.signed_at == AT


def test_a_changed_byte_shows(press):
    data = bytearray(signed(press))
    at = data.index(b"/Producer")
    data[at + 12] ^= 1
    assert verdict.Reason.ALTERED in verdict.check(bytes(data), specimen().roots).reasons


def test_poppler_agrees(press, tmp_path):
    target = tmp_path / "signed.pdf"
    target.write_bytes(signed(press))
    said = subprocess.run(["pdfsig", str(target)], capture_output=True, text=True, check=False).stdout
    assert "Signature is Valid" in said
    assert "Total document signed" in said
    assert subprocess.run(["qpdf", "--check", str(target)], capture_output=True, check=False).returncode == 0


def test_there_is_one_revision_with_a_certifying_field(press):
    data = signed(press, attachments=(Attachment("credential.json", b"{}", "application/json"),))
    assert data.count(b"startxref") == 1
    with pikepdf.open(io.BytesIO(data)) as pdf:
        field = pdf.Root.AcroForm.Fields[0]
        value = field.V
        assert pdf.Root.Perms.DocMDP.objgen == value.objgen
        assert int(value.Reference[0].TransformParams.P) == 1
        assert str(value.SubFilter) == "/ETSI.CAdES.detached"
        assert int(field.F) == 132
        assert [float(side) for side in field.Rect] == [0, 0, 0, 0]
        start, first, second, last = (int(number) for number in value.ByteRange)
        assert (start, second + last) == (0, len(data))
        assert data[first : first + 1] == b"<"
        assert data[second - 1 : second] == b">"
        assert list(pdf.attachments) == ["credential.json"]


def test_the_same_text_key_and_time_give_the_same_bytes(press):
    assert signed(press) == signed(press)
    other = replace(DESIGN.samples["usual"], check_code="0000000000")
    assert signed(press, other) != signed(press)


def test_signatures_of_every_length_are_fitted(press):
    """ECDSA signatures have 68 to 72 bytes; the container has to be right for each length that turns up."""
    _compiled, signer = press
    lengths = set()
    for number in range(24):
        container = signer.container(number.to_bytes(32, "big"))
        parsed = cms.ContentInfo.load(container, strict=True)
        info = parsed["content"]["signer_infos"][0]
        assert parsed.dump(force=True) == container
        digests = [a["values"][0].native for a in info["signed_attrs"] if a["type"].native == "message_digest"]
        assert digests == [number.to_bytes(32, "big")]
        lengths.add(len(info["signature"].native))
    assert len(lengths) > 1


def test_lengths_are_der():
    assert der(4, b"x" * 127)[:2] == bytes((4, 127))
    assert der(4, b"x" * 128)[:3] == bytes((4, 0x81, 128))
    assert der(4, b"x" * 300)[:4] == bytes((4, 0x82, 1, 44))


def test_a_signature_that_does_not_fit_is_refused(press):
    compiled, signer = press
    place = Placeholder(100, "x", "y", datetime(2026, 9, 18, tzinfo=UTC))
    with pytest.raises(ValueError, match="room for 100"):
        signer.sign(compiler.stamp(compiled, DESIGN.samples["usual"], signature=place))
