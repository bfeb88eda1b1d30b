"""Keys, the demonstration's authority, and signatures other programs agree with."""

import asyncio
import hashlib
import io
import subprocess
import sys
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime, timedelta
from multiprocessing import get_context
from pathlib import Path

import pikepdf
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    pkcs12,
)
from cryptography.x509.oid import NameOID

from approvals.certificates.signing import authority, file, kinds, pades, verdict
from approvals.certificates.signing.base import Options, SigningError
from approvals.certificates.signing.verdict import Reason
from tests.approvals.signed import AT, NAME, REASON, specimen

SIGN_AGAIN = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from approvals.certificates.signing import authority, pades
signer = authority.ensure(Path(sys.argv[1])).signer()
page = Path(sys.argv[2]).read_bytes()
sys.stdout.buffer.write(pades.sign(page, signer, datetime(2026, 9, 18, 1, tzinfo=UTC), reason=sys.argv[3], name=sys.argv[4]))
"""


def certificate(key, name="试点办公室", start=datetime(2020, 1, 1, tzinfo=UTC), days=3650):
    """A self-signed certificate that may sign documents."""
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    usage = x509.KeyUsage(True, True, False, False, False, False, False, False, False)
    builder = x509.CertificateBuilder().subject_name(subject).issuer_name(subject).public_key(key.public_key())
    builder = builder.serial_number(7).not_valid_before(start).not_valid_after(start + timedelta(days=days))
    return builder.add_extension(usage, critical=True).sign(key, hashes.SHA256())


def pem(key, password=None):
    hidden = BestAvailableEncryption(password) if password else NoEncryption()
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, hidden)


def made(folder: str) -> bytes:
    return authority.ensure(Path(folder)).root()


# --- the demonstration's authority ----------------------------------------------------------------------------------


def test_the_authority_is_made_once_and_its_keys_are_private(tmp_path):
    first = authority.ensure(tmp_path / "signing")
    assert authority.ensure(tmp_path / "signing").root() == first.root()
    for name in (authority.KEY, authority.ROOT_KEY):
        assert (first.directory / name).stat().st_mode & 0o777 == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["signing"]


def test_processes_that_start_together_share_one_authority(tmp_path):
    with ProcessPoolExecutor(4, mp_context=get_context("spawn")) as pool:
        roots = set(pool.map(made, [str(tmp_path / "signing")] * 8))
    assert len(roots) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["signing"]


def test_every_name_says_specimen(tmp_path):
    for der in authority.ensure(tmp_path / "signing").signer().chain:
        found = x509.load_der_x509_certificate(der)
        for name in (found.subject, found.issuer):
            assert "样章" in name.rfc4514_string()
            assert "DEMO" in name.rfc4514_string()


def test_a_place_that_cannot_be_written_is_named(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(SigningError, match="cannot be made in"):
        authority.ensure(tmp_path / "file" / "signing")


# --- keys in files --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("shape", ["pem", "pem with password", "pkcs12"])
@pytest.mark.parametrize("key", [ec.generate_private_key(ec.SECP256R1()), rsa.generate_private_key(65537, 2048)])
def test_keys_of_offices_sign_certificates(tmp_path, shape, key):
    own, path, password = certificate(key), tmp_path / "key", None if shape == "pem" else b"geheim"
    if shape == "pkcs12":
        path.write_bytes(pkcs12.serialize_key_and_certificates(b"", key, own, None, BestAvailableEncryption(password)))
    else:
        path.write_bytes(pem(key, password) + own.public_bytes(Encoding.PEM))
    values = {"key_file": str(path)}
    if password:
        (tmp_path / "password").write_bytes(password + b"\n")
        values["password_file"] = str(tmp_path / "password")
    signer = kinds.build("file", Options(tmp_path, values))
    signed = pades.sign(specimen().plain, signer, AT)
    found = verdict.check(signed, [own.public_bytes(Encoding.DER)])
    assert (found.ok, found.signer) == (True, "试点办公室")


def test_a_wrong_password_is_said_without_the_password(tmp_path):
    key = ec.generate_private_key(ec.SECP256R1())
    (tmp_path / "key").write_bytes(pem(key, b"right") + certificate(key).public_bytes(Encoding.PEM))
    (tmp_path / "password").write_bytes(b"wrong-one")
    with pytest.raises(SigningError, match="password is another") as caught:
        kinds.build("file", Options(tmp_path, {"key_file": f"{tmp_path}/key", "password_file": f"{tmp_path}/password"}))
    assert "wrong-one" not in str(caught.value)


def test_keys_that_cannot_sign_are_refused():
    good, other = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    for key, words in (
        (ec.generate_private_key(ec.SECP384R1()), "secp384r1"),
        (ed25519.Ed25519PrivateKey.generate(), "Ed25519"),
        (rsa.generate_private_key(65537, 1024), "1024 bits"),
        (other, "does not belong"),
    ):
        with pytest.raises(SigningError, match=words):
            file.FileSigner(key, (certificate(good),))
    with pytest.raises(SigningError, match="no certificate"):
        file.FileSigner(good, ())


# --- kinds ----------------------------------------------------------------------------------------------------------


def test_a_kind_that_does_not_exist_is_answered_with_those_that_do(tmp_path):
    with pytest.raises(SigningError, match="choose one of demo, file"):
        kinds.build("fiel", Options(tmp_path))
    with pytest.raises(SigningError, match=r"no signer in nowhere\.eseal"):
        kinds.build("nowhere.eseal", Options(tmp_path))


def test_a_site_brings_its_own_kind_by_the_name_of_a_module(tmp_path, monkeypatch):
    (tmp_path / "office").mkdir()
    (tmp_path / "office" / "eseal.py").write_text(
        "from approvals.certificates.signing.base import Kind\n"
        "class Seal:\n    chain = (b'one',)\n    def sign(self, data): return b'sealed'\n"
        "KIND = Kind('eseal', lambda options: Seal())\n"
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    assert kinds.build("office.eseal", Options(tmp_path)).sign(b"") == b"sealed"


# --- signatures -----------------------------------------------------------------------------------------------------


def test_the_same_input_gives_the_same_bytes_in_every_process(tmp_path):
    it = specimen()
    (tmp_path / "page.pdf").write_bytes(it.plain)
    arguments = [str(it.authority.directory), str(tmp_path / "page.pdf"), REASON, NAME]
    for seed in ("1", "77"):
        run = subprocess.run(
            [sys.executable, "-c", SIGN_AGAIN, *arguments],
            capture_output=True,
            check=True,
            env={"PYTHONHASHSEED": seed},
        )
        assert hashlib.sha256(run.stdout).hexdigest() == hashlib.sha256(it.signed).hexdigest()


def test_another_instant_or_reason_is_another_file():
    it = specimen()
    assert pades.sign(it.plain, it.signer, AT + timedelta(seconds=1), reason=REASON, name=NAME) != it.signed
    assert pades.sign(it.plain, it.signer, AT, reason="换发", name=NAME) != it.signed


def test_what_is_signed_is_what_was_drawn():
    it = specimen()
    assert it.signed.startswith(it.plain)
    with pikepdf.open(io.BytesIO(it.signed)) as pdf:
        assert not pdf.check_pdf_syntax()
        with pdf.open_metadata() as about:
            assert about.pdfa_status == "3A"
        assert pdf.Root.OutputIntents[0].S == "/GTS_PDFA1"
        field = pdf.Root.AcroForm.Fields[0]
        # PDF/A-3, 6.3.2: an annotation must be printed and may not be hidden.
        assert int(field.F) & 0b100110 == 0b000100
        assert field.V.SubFilter == "/ETSI.CAdES.detached"
        assert str(field.V.M) == "D:20260918090000+08'00'"
        assert (str(field.V.Reason), str(field.V.Name)) == (REASON, NAME)
        assert int(field.V.Reference[0].TransformParams.P) == 1
        assert pdf.Root.Perms.DocMDP.objgen == field.V.objgen


def test_other_programs_agree(tmp_path):
    """poppler and qpdf read the file with code that is not pyHanko's."""
    path = tmp_path / "certificate.pdf"
    path.write_bytes(specimen().signed)
    said = subprocess.run(["pdfsig", path], capture_output=True, text=True, check=False).stdout
    assert "Signature Validation: Signature is Valid." in said
    assert "Total document signed" in said
    assert "ETSI.CAdES.detached" in said
    assert subprocess.run(["qpdf", "--check", path], capture_output=True, check=False).returncode == 0
    altered = bytearray(path.read_bytes())
    altered[5000] ^= 1
    path.write_bytes(bytes(altered))
    said = subprocess.run(["pdfsig", path], capture_output=True, text=True, check=False).stdout
    assert "Signature is Valid" not in said


def test_a_file_is_signed_once():
    it = specimen()
    with pytest.raises(SigningError, match="signed once"):
        pades.sign(it.signed, it.signer, AT)
    with pytest.raises(SigningError, match="cannot be signed"):
        pades.sign(b"no pdf", it.signer, AT)
    with pytest.raises(SigningError, match="time zone"):
        pades.sign(it.plain, it.signer, AT.replace(tzinfo=None))


def test_a_signer_that_fails_is_heard():
    class Broken:
        chain = specimen().signer.chain

        def sign(self, data):
            raise SigningError("the token was pulled out")

    with pytest.raises(SigningError, match="pulled out"):
        pades.sign(specimen().plain, Broken(), AT)


def test_signing_and_checking_also_work_inside_a_running_loop():
    it = specimen()

    async def inside():
        return pades.sign(it.plain, it.signer, AT, reason=REASON, name=NAME), verdict.check(it.signed, it.roots)

    signed, found = asyncio.run(inside())
    assert signed == it.signed
    assert found.ok


# --- verdicts -------------------------------------------------------------------------------------------------------


def test_a_sound_file():
    found = verdict.check(specimen().signed, specimen().roots, crls=[specimen().authority.crl()])
    assert found.ok
    assert (found.intact, found.whole, found.certified, found.trusted) == (True, True, True, True)
    assert (found.signer, found.signed_at, found.later) == ("试点通样章签名 Pilotage demo signature", AT, 0)


def test_files_without_a_sound_signature(tmp_path):
    it = specimen()
    other = authority.ensure(tmp_path / "other")
    assert verdict.check(b"hello", it.roots).reasons == (Reason.UNREADABLE,)
    assert verdict.check(it.plain, it.roots).reasons == (Reason.UNSIGNED,)
    assert verdict.check(it.signed, [other.root()]).reasons == (Reason.UNTRUSTED,)
    assert verdict.check(it.signed, []).reasons == (Reason.UNTRUSTED,)
    assert verdict.check(it.signed + b"\n", it.roots).reasons[-1] == Reason.EXTENDED
    forged = pades.sign(it.plain, other.signer(), AT)
    assert verdict.check(forged, it.roots).reasons == (Reason.UNTRUSTED,)


def test_a_certificate_must_have_counted_when_it_signed():
    key = ec.generate_private_key(ec.SECP256R1())
    own = certificate(key, start=datetime(2026, 1, 1, tzinfo=UTC), days=30)
    root = own.public_bytes(Encoding.DER)
    signer, page = file.FileSigner(key, (own,)), specimen().plain
    inside = pades.sign(page, signer, datetime(2026, 1, 15, tzinfo=UTC))
    assert verdict.check(inside, [root]).ok
    assert verdict.check(inside, [root], datetime(2026, 6, 1, tzinfo=UTC)).reasons == (Reason.EXPIRED,)
    assert verdict.check(pades.sign(page, signer, AT), [root]).reasons == (Reason.EXPIRED,)


def test_a_certificate_that_was_taken_back(tmp_path):
    made = authority.ensure(tmp_path / "signing")
    signer = made.signer()
    root = x509.load_der_x509_certificate(made.root())
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    key = load_pem_private_key((made.directory / authority.ROOT_KEY).read_bytes(), None)
    when = datetime(2026, 1, 1, tzinfo=UTC)
    gone = x509.RevokedCertificateBuilder().revocation_date(when)
    gone = gone.serial_number(x509.load_der_x509_certificate(signer.chain[0]).serial_number).build()
    builder = x509.CertificateRevocationListBuilder().issuer_name(root.subject).last_update(when)
    builder = builder.next_update(authority.UNTIL).add_revoked_certificate(gone)
    crl = builder.add_extension(x509.CRLNumber(2), critical=False).sign(key, hashes.SHA256())
    signed = pades.sign(specimen().plain, signer, AT)
    assert verdict.check(signed, [made.root()], crls=[crl.public_bytes(Encoding.DER)]).reasons == (Reason.REVOKED,)
