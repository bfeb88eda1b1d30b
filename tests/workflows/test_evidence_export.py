"""The evidence of one case, checked by its own verifier in another process; and refused when anything was changed."""

import io
import json
import re
import subprocess
import sys
import zipfile

from django.core.management import call_command
from django.urls import reverse

from workflows import exporting, outside, perform

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


def run(archive, tmp_path, *arguments):
    """(exit code, output) of the verifier of the archive, in a process that has nothing of ours."""
    path = tmp_path / "evidence.zip"
    path.write_bytes(archive)
    script = tmp_path / "verify.py"
    script.write_bytes(zipfile.ZipFile(path).read("verify.py"))
    done = subprocess.run(
        [sys.executable, "-I", *arguments, str(script), str(path)], capture_output=True, text=True, check=False, cwd=tmp_path,
        env={"PYTHONIOENCODING": "utf-8"},
    )  # fmt: skip
    return done.returncode, done.stdout + done.stderr


def changed(archive, name, change):
    """The archive with one file changed by a function over its bytes."""
    old, buffer = zipfile.ZipFile(io.BytesIO(archive)), io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as new:
        for one in old.namelist():
            data = old.read(one)
            new.writestr(one, change(data) if one == name else data)
    assert not any(old.read(one) != zipfile.ZipFile(buffer).read(one) for one in old.namelist() if one != name)
    assert old.read(name) != zipfile.ZipFile(buffer).read(name)
    return buffer.getvalue()


def lines(change):
    """A change of rows.jsonl by a function over the list of rows."""

    def _change(data):
        rows = [json.loads(text) for text in data.decode().splitlines()]
        change(rows)
        return b"".join(json.dumps(row, ensure_ascii=False).encode() + b"\n" for row in rows)

    return _change


def with_proof(rows):
    rows[1]["proof"] = [*rows[1]["proof"][:-1], "0" * 64]


def with_text(rows):
    rows[1]["text"] = rows[1]["text"].replace('"reason":"', '"reason":"伪造', 1)


def with_hash(rows):
    rows[-1]["hash"] = "0" * 64


def without_row(rows):
    del rows[1]


def unanchored(rows):
    rows[1] |= {"place": None, "proof": []}


def other_root(data):
    return re.sub(rb'("?root\\":\\")(.)', lambda found: found[1] + (b"1" if found[2] == b"0" else b"0"), data)


def test_an_export_and_its_enemies(world, client, tmp_path):
    walk, application = world.application(to="expert_review")
    outside.anchor(walk.at)
    archive = exporting.export(application)
    assert archive == exporting.export(application), "the same bytes"
    code, told = run(archive, tmp_path)
    assert (code, told.splitlines()[-1]) == (0, "OK"), told
    assert "signed by" in told
    timeline = zipfile.ZipFile(io.BytesIO(archive)).read("timeline.txt").decode()
    assert "提交申报" in timeline
    assert "锚定第 1 号" in timeline
    # Without the package: everything but the signature, and the way to check that.
    code, told = run(archive, tmp_path, "-S")
    assert code == 0, told
    assert "signature NOT checked" in told
    assert "openssl dgst -sha256 -verify" in told

    other = exporting.export(walk.batch)
    foreign = zipfile.ZipFile(io.BytesIO(other)).read("rows.jsonl")
    for name, change, reason in (
        ("rows.jsonl", lines(with_text), "its text or its hash was changed"),
        ("rows.jsonl", lines(with_hash), "its text or its hash was changed"),
        ("rows.jsonl", lines(without_row), "row 2 is missing"),
        ("rows.jsonl", lines(with_proof), "not in the anchored log"),
        ("rows.jsonl", lines(unanchored), "other rows lack a proof"),
        ("rows.jsonl", lambda _data: foreign, "of another case"),
        ("case.json", lambda data: data.replace(b'"head":"', b'"head":"0'), "its head is not the last row"),
        ("anchor.jsonl", other_root, "is not what the line says"),
        ("anchor.signed", lambda data: data.replace(b'"size":', b'"size":1'), "the signature is not of this text"),
        ("anchor.sig", lambda data: data[:-1] + bytes([data[-1] ^ 1]), "the signature is not of this text"),
        (
            "timeline.txt",
            lambda data: data.replace("提交申报".encode(), "撤回申报".encode()),
            "does not say what the rows say",
        ),
        ("files.txt", lambda data: data + b"0" * 64 + b"  row 1 x\n", "does not name the files"),
        ("case.json", lambda _data: b"{", "cannot be read"),
    ):
        code, told = run(changed(archive, name, change), tmp_path)
        assert code == 1, (name, reason, told)
        assert reason in told, (name, told)

    # What was done after the anchor is said to be without proof, and still holds.
    perform(application, "withdraw", by=walk.leader_of(application), at=walk.at, reason="不再\u2028申报")
    application.refresh_from_db()
    code, told = run(exporting.export(application), tmp_path)
    assert code == 0, told
    assert "not anchored yet: rows" in told
    _who_may_have_it(client, world, walk, application, tmp_path)


def _who_may_have_it(client, world, walk, application, tmp_path):
    address = reverse("evidence_export", args=["application", application.uuid])
    page = reverse("evidence", args=["application", application.uuid])

    def ask(user):
        client.force_login(user, backend=BACKEND)
        return client.get(address)

    answer = ask(world.cast["auditor"])
    assert answer["Content-Type"] == "application/zip"
    assert run(answer.content, tmp_path)[0] == 0
    assert address in client.get(page).content.decode()
    # Who applied sees the page without what is confidential, and so no archive; who judges sees neither.
    assert ask(walk.leader_of(application)).status_code == 404
    assert address not in client.get(page).content.decode()
    assert ask(application.reviews.first().expert).status_code == 404
    assert ask(world.cast.applicant(world.place("江宁区"))).status_code == 404
    assert client.get(reverse("evidence_export", args=["nothing", application.uuid])).status_code == 404
    out = tmp_path / "out.zip"
    call_command("ledger", "export", "application", str(application.uuid), "--out", str(out))
    assert out.read_bytes() == answer.content
