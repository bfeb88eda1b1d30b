"""The signer of an installation, files people bring, and the command that answers for them."""

import io
from datetime import timedelta

import pytest
from asn1crypto import tsp
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import load_der_x509_certificate
from django.core.management import CommandError, call_command
from django.utils import timezone

from accounts import clock
from approvals import sealing
from approvals.certificates.signing.base import SignerUnavailable, SigningError
from approvals.certificates.signing.loops import wait
from approvals.certificates.signing.verdict import Reason
from approvals.models import Certificate
from config.demo.paths import PATHS
from pilots import storage
from tests.approvals.signed import AT, plain, timestamper
from tests.approvals.test_signing import certificate, pem


@pytest.fixture(scope="module")
def page():
    return plain()


@pytest.fixture
def issued(world, page):
    """A certificate of the whole road that still counts today, with signed bytes."""
    PATHS["return"].live(world.walk(), world.place("徐汇区"))
    signed = sealing.seal(page, AT, reason="证书签发")
    Certificate.objects.update(sha256=storage.store(signed), size=len(signed), valid_to=None)
    return Certificate.objects.get()


def run(*arguments):
    out = io.StringIO()
    call_command("certificate", *map(str, arguments), stdout=out)
    return out.getvalue()


def written(tmp_path, data):
    (tmp_path / "file.pdf").write_bytes(data)
    return tmp_path / "file.pdf"


def test_the_installation_signs_with_its_own_authority(page, settings):
    signed = sealing.seal(page, AT)
    assert sealing.check(signed).ok
    assert (settings.SIGNER_DIR / "signer.key").stat().st_mode & 0o777 == 0o600
    about = sealing.about()
    assert (about.kind, about.demo, about.until.year) == ("demo", True, 2049)


def test_an_office_signs_with_its_own_key(page, settings, tmp_path):
    key = ec.generate_private_key(ec.SECP256R1())
    (tmp_path / "seal.pem").write_bytes(pem(key) + certificate(key, "某某办公室").public_bytes(Encoding.PEM))
    settings.SIGNER, settings.SIGNER_OPTIONS = "file", {"key_file": str(tmp_path / "seal.pem")}
    found = sealing.check(sealing.seal(page, AT))
    assert (found.ok, found.signer) == (True, "某某办公室")
    assert not sealing.is_demo()
    settings.SIGNER_OPTIONS = {"key_file": str(tmp_path / "gone.pem")}
    with pytest.raises(SigningError, match=r"gone\.pem cannot be read"):
        sealing.seal(page, AT)


def test_a_signing_service_in_the_inner_network_must_be_allowed(page, settings, tmp_path):
    key = ec.generate_private_key(ec.SECP256R1())
    (tmp_path / "chain.pem").write_bytes(certificate(key).public_bytes(Encoding.PEM))
    settings.SIGNER = "remote"
    settings.SIGNER_OPTIONS = {"url": "https://127.0.0.1:9/sign", "chain_file": str(tmp_path / "chain.pem")}
    with pytest.raises(SigningError, match="PILOTAGE_OUTGOING_ALLOW"):
        sealing.seal(page, AT)
    settings.OUTGOING_ALLOW = ["127.0.0.1"]
    with pytest.raises(SignerUnavailable, match="No connection"):
        sealing.seal(page, AT)


def test_every_reason_has_words_for_people():
    assert set(sealing.WORDS) == set(Reason)


def test_a_file_somebody_brings(issued, page):
    data = storage.read(issued.sha256)
    found = sealing.examine(data)
    assert (found.certificate, found.verdict.ok) == (issued, True)
    altered = data[:5000] + bytes([data[5000] ^ 1]) + data[5001:]
    found = sealing.examine(altered)
    assert (found.certificate, found.verdict.reason) == (None, Reason.ALTERED)
    found = sealing.examine(sealing.seal(page, AT + timedelta(seconds=1)))
    assert (found.certificate, found.verdict.ok) == (None, True)


def test_without_a_timestamping_authority_nothing_is_archived(issued):
    with pytest.raises(SigningError, match="PILOTAGE_TSA_URL"):
        sealing.archive(issued, clock.now())


def test_an_archival_copy_is_stored_beside_what_was_issued(issued, settings, tmp_path, monkeypatch):
    clock_tower = timestamper()
    settings.TSA_URL, settings.TSA_ROOTS_FILE = "https://tsa.example.cn/", str(tmp_path / "tsa.pem")
    (tmp_path / "tsa.pem").write_bytes(load_der_x509_certificate(clock_tower.root).public_bytes(Encoding.PEM))
    asked = []

    def exchange(url, body, headers, most):
        asked.append((url, headers["Content-Type"]))
        return 200, wait(clock_tower.tsa.async_request_tsa_response(tsp.TimeStampReq.load(body))).dump()

    monkeypatch.setattr("approvals.sealing.http.exchange", exchange)
    before = storage.read(issued.sha256)
    digest = sealing.archive(issued, AT + timedelta(days=30))
    assert set(asked) == {("https://tsa.example.cn/", "application/timestamp-query")}
    assert storage.read(issued.sha256) == before
    copy = storage.read(digest)
    found = sealing.examine(copy)
    assert (found.certificate, found.verdict.ok, found.verdict.archival) == (issued, True, True)
    assert "archival" in run("verify", written(tmp_path, copy))
    monkeypatch.setattr("approvals.sealing.http.exchange", lambda *given: (503, b""))
    with pytest.raises(SigningError, match="HTTP 503"):
        sealing.archive(issued, AT)


@pytest.mark.parametrize(("days", "words"), [(-1, "expired"), (59, "59 days left"), (61, "certificate until")])
def test_the_doctor_tells_how_long_the_key_counts(settings, tmp_path, days, words):
    from config.management.commands import doctor

    key = ec.generate_private_key(ec.SECP256R1())
    end = timezone.now() + timedelta(days=days, hours=1)
    own = certificate(key, start=end - timedelta(days=400), days=400)
    (tmp_path / "seal.pem").write_bytes(pem(key) + own.public_bytes(Encoding.PEM))
    settings.SIGNER, settings.SIGNER_OPTIONS = "file", {"key_file": str(tmp_path / "seal.pem")}
    colour, said = doctor.signatures()
    assert colour == {-1: doctor.RED, 59: doctor.YELLOW, 61: doctor.GREEN}[days]
    assert words in said


# --- the command ----------------------------------------------------------------------------------------------------


def test_the_command_knows_what_was_issued(issued, tmp_path):
    said = run("verify", written(tmp_path, storage.read(issued.sha256)))
    assert issued.serial in said
    assert said.rstrip().endswith("valid")


def test_the_command_tells_what_is_wrong(issued, page, tmp_path):
    data = storage.read(issued.sha256)
    for bad, words in (
        (data[:5000] + b"~" + data[5001:], "altered or not ours: altered"),
        (data + b"\n", "altered or not ours: extended"),
        (data[:-2000], "unknown|altered"),
        (page, "unknown: unsigned"),
        (sealing.seal(page, AT + timedelta(days=1)), "unknown: a sound signature of 试点通样章签名"),
        (b"hello", "unknown: unreadable"),
    ):
        with pytest.raises(CommandError, match=words):
            run("verify", written(tmp_path, bad))
    with pytest.raises(CommandError, match="No such file"):
        run("verify", tmp_path / "nothing.pdf")


def test_the_command_refuses_what_no_longer_counts(issued, tmp_path):
    file = written(tmp_path, storage.read(issued.sha256))
    Certificate.objects.filter(pk=issued.pk).update(state="superseded")
    with pytest.raises(CommandError, match="superseded"):
        run("verify", file)
    Certificate.objects.filter(pk=issued.pk).update(state="revoked", revoked_at=clock.now(), revoked_reason="弄虚作假")
    with pytest.raises(CommandError, match="revoked: 弄虚作假"):
        run("verify", file)


def test_a_specimen_is_signed_and_nobodys(db, tmp_path):
    assert "worth nothing" in run("sample", "--template", "award_landscape", "--out", tmp_path / "sample.pdf")
    found = sealing.examine((tmp_path / "sample.pdf").read_bytes())
    assert (found.certificate, found.verdict.ok) == (None, True)
    with pytest.raises(CommandError, match="unknown: a sound signature"):
        run("verify", tmp_path / "sample.pdf")
