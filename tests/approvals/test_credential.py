"""The credential inside a certificate: signed, readable without us, and taken back by one bit."""

import base64
import io
import json
import re
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from uuid import UUID

import jwt
import pikepdf
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from django.conf import settings

from approvals.certificates import credential
from approvals.certificates.credential import CredentialRefused, Facts
from approvals.certificates.signing.file import FileSigner
from tests.approvals.signed import specimen
from tests.approvals.test_signing import certificate

AT = datetime(2026, 9, 18, 1, tzinfo=UTC)
LIST = "https://verify.example.cn/credentials/status/"
FACTS = Facts(
    uuid=UUID("6b7e6c6e-6c55-4a43-9a53-0f0c3c1c8b8e"), serial="知试验证字〔2026〕第00013号", code="076A99B44C",
    programme="国家知识产权服务业集聚发展示范区", title="昆明高新区示范区", holder="昆明高新技术产业开发区管理委员会",
    place="昆明市", issuer="示例省知识产权试点工作管理办公室", issuer_url="https://verify.example.cn/",
    document_number="知办函〔2026〕12号", grade="优秀", issued_on=date(2026, 9, 18), valid_from=date(2026, 9, 18),
    valid_to=date(2029, 9, 17), verify_url="https://verify.example.cn/v/076A99B44C/", status_list=LIST, status_index=41,
)  # fmt: skip


def signers():
    small, big = ec.generate_private_key(ec.SECP256R1()), rsa.generate_private_key(65537, 2048)
    return [FileSigner(key, (certificate(key),)) for key in (small, big)]


@pytest.mark.parametrize("signer", signers(), ids=["ES256", "RS256"])
def test_anybody_can_check_it_with_the_published_key(signer):
    text = credential.jws(credential.build(FACTS), signer)
    key = credential.jwks([signer.chain[0]])["keys"][0]
    # Twenty lines of somebody else's program: only PyJWT and the published key.
    found = json.loads(jwt.PyJWS().decode(text, jwt.PyJWK(key).key, algorithms=[key["alg"]]))
    assert found == credential.build(FACTS) == credential.read(text, [key])
    assert jwt.get_unverified_header(text)["kid"] == key["kid"]
    assert "d" not in key
    assert text == credential.jws(credential.build(FACTS), signer)


def test_it_says_what_the_certificate_says():
    found = credential.build(FACTS)
    assert found["@context"] == [credential.VC, credential.OB]
    assert found["type"] == ["VerifiableCredential", "OpenBadgeCredential"]
    assert (found["validFrom"], found["validUntil"]) == ("2026-09-18T00:00:00+08:00", "2029-09-17T23:59:59+08:00")
    text = json.dumps(found, ensure_ascii=False)
    for value in (
        FACTS.serial,
        FACTS.code,
        FACTS.holder,
        FACTS.place,
        FACTS.document_number,
        FACTS.grade,
        str(FACTS.uuid),
    ):
        assert value in text
    assert [entry["statusPurpose"] for entry in found["credentialStatus"]] == ["revocation", "suspension"]
    bare = credential.build(replace(FACTS, valid_to=None, grade="", status_index=-1, status_list=""))
    assert not {"validUntil", "credentialStatus"} & set(bare)
    assert "result" not in bare["credentialSubject"]


def tampered(text, **changes):
    head, body, signature = text.split(".")
    held = json.loads(base64.urlsafe_b64decode(body + "=="))
    return ".".join((head, credential.b64url(json.dumps(held | changes, ensure_ascii=False).encode()), signature))


def test_a_changed_credential_is_refused():
    signer, other = specimen().signer, signers()[0]
    text, keys = credential.jws(credential.build(FACTS), signer), [credential.jwk(signer.chain[0])]
    credential.read(text, keys)
    head, body, signature = text.split(".")
    none = credential.b64url(json.dumps({"alg": "none", "kid": keys[0]["kid"], "typ": credential.TYPE}).encode())
    for bad in (
        tampered(text, name="另一个示范区"),
        tampered(text, validUntil="2099-01-01T00:00:00+08:00"),
        f"{head}.{body}.{'A' * len(signature)}",
        f"{none}.{body}.",
        f"{head}.{body}",
        "",
    ):
        with pytest.raises(CredentialRefused):
            credential.read(bad, keys)
    with pytest.raises(CredentialRefused, match="not known here"):
        credential.read(credential.jws(credential.build(FACTS), other), keys)
    with pytest.raises(CredentialRefused, match="not a credential"):
        credential.read(credential.jws({"type": ["Something"]}, signer), keys)


def test_no_single_character_of_it_can_be_changed():
    signer = specimen().signer
    text, keys = credential.jws(credential.build(FACTS), signer), [credential.jwk(signer.chain[0])]
    # The last character of base64url carries four unused bits; those are not the signature's.
    for place in range(0, len(text) - 1, 7):
        bad = text[:place] + ("A" if text[place] != "A" else "B") + text[place + 1 :]
        with pytest.raises(CredentialRefused):
            credential.read(bad, keys)


def test_the_attachment_holds_the_same_credential_twice_and_the_key():
    signer = specimen().signer
    data = credential.attachment(FACTS, signer)
    assert data == credential.attachment(FACTS, signer)
    held = json.loads(data)
    assert held["credential"] == credential.read(held["jws"], [held["jwk"]])
    assert held["jwk"]["kid"] == credential.key_id(signer.chain[0])


def test_a_certificate_is_taken_back_by_one_bit():
    signer = specimen().signer
    keys = credential.jwks(signer.chain[:1])["keys"]

    def published(indices, purpose=credential.REVOCATION):
        return credential.read(
            credential.status_list(indices, purpose, LIST, "https://verify.example.cn/", AT, signer), keys
        )

    before, after = published([]), published([41, 131_071])
    assert [credential.is_set(before, place) for place in (40, 41, 42)] == [False, False, False]
    assert [credential.is_set(after, place) for place in (40, 41, 42, 131_071)] == [False, True, False, True]
    entry = credential.build(FACTS)["credentialStatus"][0]
    assert entry["statusListCredential"] == after["id"]
    assert int(entry["statusListIndex"]) == 41
    assert published([7], credential.SUSPENSION)["credentialSubject"]["statusPurpose"] == "suspension"
    assert credential.is_set(published([200_000]), 200_000)
    with pytest.raises(CredentialRefused, match="no such place"):
        credential.is_set(before, 131_072)


def test_the_first_bit_is_the_leftmost():
    """Bitstring Status List, 3.2: index 0 is the left-most bit."""
    import gzip

    listed = credential.read(
        credential.status_list([0], "revocation", LIST, "https://verify.example.cn/", AT, specimen().signer),
        credential.jwks(specimen().signer.chain[:1])["keys"],
    )
    packed = listed["credentialSubject"]["encodedList"][1:]
    bits = gzip.decompress(base64.urlsafe_b64decode(packed + "=" * (-len(packed) % 4)))
    assert (bits[0], len(bits)) == (0b10000000, 16 * 1024)


def test_the_script_of_the_documentation_works(tmp_path):
    """docs/signatures.md: what somebody without our code runs."""
    signer = specimen().signer
    blocks = re.findall(
        r"```python\n(.*?)```", (Path(settings.BASE_DIR) / "docs" / "signatures.md").read_text(), re.DOTALL
    )
    (script,) = (block for block in blocks if "PyJWS" in block)
    with pikepdf.open(io.BytesIO(specimen().plain)) as pdf:
        pdf.attachments["credential.json"] = credential.attachment(FACTS, signer)
        pdf.save(tmp_path / "a.pdf")
    command = [sys.executable, "-c", script, tmp_path / "a.pdf", tmp_path / "keys.json"]
    (tmp_path / "keys.json").write_text(json.dumps(credential.jwks([signer.chain[0]])))
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert FACTS.title in said
    assert "2029-09-17T23:59:59+08:00" in said
    (tmp_path / "keys.json").write_text(json.dumps(credential.jwks([signers()[0].chain[0]])))
    assert subprocess.run(command, capture_output=True, check=False).returncode != 0
