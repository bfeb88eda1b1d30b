"""Keys that are elsewhere, and time that comes from somebody else."""

import base64
import hashlib
import io
import json
from types import SimpleNamespace

import pikepdf
import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed, decode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding

from approvals.certificates.signing import kinds, pades, pkcs11, timestamp, verdict
from approvals.certificates.signing.base import Options, SignerUnavailable, SigningError
from approvals.certificates.signing.verdict import Reason
from tests.approvals.signed import AT, LATER, specimen, timestamper
from tests.approvals.test_signing import certificate


@pytest.fixture(params=["P-256", "RSA"])
def service(request, tmp_path):
    """A signing service: its key, certificate, and what it was asked."""
    key = ec.generate_private_key(ec.SECP256R1()) if request.param == "P-256" else rsa.generate_private_key(65537, 2048)
    own = certificate(key)
    (tmp_path / "chain.pem").write_bytes(own.public_bytes(Encoding.PEM))
    (tmp_path / "token").write_text("s3cret\n")
    asked = []

    def post(url, body, headers):
        asked.append((url, json.loads(body), headers))
        digest, how = base64.b64decode(asked[-1][1]["digest"]), Prehashed(hashes.SHA256())
        signature = key.sign(digest, ec.ECDSA(how)) if request.param == "P-256" else key.sign(digest, PKCS1v15(), how)
        return 200, json.dumps({"signature": base64.b64encode(signature).decode()}).encode()

    values = {
        "url": "https://sign.example.cn/v1",
        "chain_file": f"{tmp_path}/chain.pem",
        "token_file": f"{tmp_path}/token",
    }
    return SimpleNamespace(key=key, own=own, post=post, asked=asked, values=values, folder=tmp_path)


def signer_of(service, post=None):
    return kinds.build("remote", Options(service.folder, service.values, post or service.post))


def test_a_service_signs_the_hash_and_never_sees_the_file(service):
    signed = pades.sign(specimen().plain, signer_of(service), AT)
    assert verdict.check(signed, [service.own.public_bytes(Encoding.DER)]).ok
    ((url, question, headers),) = service.asked
    assert url == "https://sign.example.cn/v1"
    assert headers["Authorization"] == "Bearer s3cret"
    assert set(question) == {"algorithm", "digest"}
    assert len(base64.b64decode(question["digest"])) == 32


def test_a_service_that_answers_with_something_else_spoils_nothing(service):
    other = ec.generate_private_key(ec.SECP256R1()).sign(b"data", ec.ECDSA(hashes.SHA256()))
    answers = (
        ((200, json.dumps({"signature": base64.b64encode(other).decode()}).encode()), SigningError, "no signature of"),
        ((200, b"<html>login</html>"), SigningError, "without a signature"),
        ((200, b"[]"), SigningError, "without a signature"),
        ((403, b""), SigningError, "refused: HTTP 403"),
        ((502, b""), SignerUnavailable, "failed: HTTP 502"),
    )
    for answer, kind, words in answers:
        with pytest.raises(kind, match=words):
            signer_of(service, lambda url, body, headers, answer=answer: answer).sign(b"data")


def test_without_a_transport_a_service_is_not_asked(service):
    with pytest.raises(SigningError, match="no transport"):
        kinds.build("remote", Options(service.folder, service.values)).sign(b"data")
    with pytest.raises(SigningError, match="needs url"):
        kinds.build("remote", Options(service.folder, service.values | {"url": ""}))


# --- PKCS#11 --------------------------------------------------------------------------------------------------------


def test_a_token_needs_a_package_that_is_not_shipped(service, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "pkcs11", None)
    values = service.values | {"module": "/lib/none.so", "token_label": "seal", "key_label": "key"}
    with pytest.raises(SigningError, match="needs the Python package python-pkcs11"):
        kinds.build("pkcs11", Options(service.folder, values))


def test_what_a_token_signs_is_turned_into_what_a_file_needs(service):
    """A token gives r and s side by side; a library with python-pkcs11's names stands in for it."""

    class Key:
        def sign(self, data, mechanism):
            if mechanism == "rsa":
                return service.key.sign(data, PKCS1v15(), hashes.SHA256())
            r, s = decode_dss_signature(service.key.sign(data, ec.ECDSA(hashes.SHA256())))
            return r.to_bytes(32) + s.to_bytes(32)

    class Unplugged:
        def sign(self, data, mechanism):
            raise RuntimeError

    library = SimpleNamespace(
        Mechanism=SimpleNamespace(SHA256_RSA_PKCS="rsa", ECDSA_SHA256="ec"), PKCS11Error=RuntimeError
    )
    signed = pades.sign(specimen().plain, pkcs11.Pkcs11Signer(library, Key(), (service.own,)), AT)
    assert verdict.check(signed, [service.own.public_bytes(Encoding.DER)]).ok
    with pytest.raises(SignerUnavailable, match="did not sign"):
        pkcs11.Pkcs11Signer(library, Unplugged(), (service.own,)).sign(b"data")


def test_sm2_says_what_to_write_instead(tmp_path):
    with pytest.raises(SigningError, match=r"not shipped.*Implement `Signer`"):
        kinds.build("sm2", Options(tmp_path))


# --- archival copies ------------------------------------------------------------------------------------------------


@pytest.fixture
def clock_tower():
    """A timestamping authority of our own, and its root."""
    return timestamper()


def archived(clock_tower, pdf=None):
    it = specimen()
    return timestamp.extend(
        pdf or it.signed,
        clock_tower.tsa,
        it.roots,
        LATER,
        tsa_roots=[clock_tower.root],
        crls=[it.authority.crl()],
        chain=it.signer.chain,
    )


def test_an_archival_copy_holds_the_issued_bytes_and_a_timestamp(clock_tower):
    it = specimen()
    copy = archived(clock_tower)
    assert copy.startswith(it.signed)
    found = verdict.check(copy, it.roots, tsa_roots=[clock_tower.root])
    assert (found.ok, found.whole, found.archival, found.later) == (True, False, True, 1)
    with pikepdf.open(io.BytesIO(copy)) as pdf:
        assert not pdf.check_pdf_syntax()
        assert len(pdf.Root.DSS.CRLs) == 1
        kept = {bytes(item.read_bytes()) for item in pdf.Root.DSS.Certs}
        assert {*it.signer.chain, clock_tower.root} <= kept
    assert hashlib.sha256(copy).digest() != hashlib.sha256(it.signed).digest()


def test_an_archival_copy_can_be_extended_again(clock_tower):
    twice = archived(clock_tower, archived(clock_tower))
    found = verdict.check(twice, specimen().roots, tsa_roots=[clock_tower.root])
    assert (found.ok, found.archival, found.later) == (True, True, 2)


def test_a_timestamp_of_a_stranger_is_no_archive(clock_tower):
    it = specimen()
    copy = archived(clock_tower)
    assert verdict.check(copy, it.roots).reasons == (Reason.EXTENDED,)
    assert verdict.check(copy + b"\n", it.roots, tsa_roots=[clock_tower.root]).reasons == (Reason.EXTENDED,)
    with pytest.raises(SigningError, match="no timestamp"):
        timestamp.extend(it.signed, clock_tower.tsa, it.roots, LATER, tsa_roots=it.roots)


def test_only_sound_files_are_archived(clock_tower):
    it = specimen()
    for pdf, words in ((it.plain, "unsigned"), (it.signed + b" ", "extended")):
        with pytest.raises(SigningError, match=words):
            archived(clock_tower, pdf)


def test_an_authority_is_asked_over_a_transport(clock_tower):
    from asn1crypto import tsp

    asked = []

    def send(query):
        asked.append(query)
        from approvals.certificates.signing.loops import wait

        return wait(clock_tower.tsa.async_request_tsa_response(tsp.TimeStampReq.load(query))).dump()

    it = specimen()
    copy = timestamp.extend(it.signed, timestamp.PostedTimeStamper(send), it.roots, LATER, tsa_roots=[clock_tower.root])
    assert asked
    assert verdict.check(copy, it.roots, tsa_roots=[clock_tower.root]).archival
    with pytest.raises(SigningError, match="no timestamp"):
        timestamp.extend(
            it.signed, timestamp.PostedTimeStamper(lambda query: b"503"), it.roots, LATER, tsa_roots=[clock_tower.root]
        )
