"""Health, doctor, checks, settings: an installation that is not right says so."""

from datetime import timedelta
from io import StringIO
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.test import override_settings
from django.utils import timezone

from config.management.commands.demo import free_port
from notifications.models import Heartbeat
from workflows import checks

ROOT = Path(settings.BASE_DIR)


def test_health_is_red_until_the_scheduler_is_heard(client, db):
    assert client.get("/healthz").status_code == 503
    Heartbeat.objects.create(name="sweep", at=timezone.now())
    assert client.get("/healthz").json()["scheduler"] is True
    Heartbeat.objects.update(at=timezone.now() - timedelta(minutes=11))
    assert client.get("/healthz").status_code == 503


def test_ready_when_the_schema_is_complete(client, db):
    assert client.get("/readyz").json() == {"migrations_waiting": 0}


def test_the_doctor_names_what_is_red(world, monkeypatch, capsys):
    monkeypatch.setattr("config.management.commands.doctor.ROOM", 10**18)
    with pytest.raises(CommandError, match="red"):
        call_command("doctor")
    said = capsys.readouterr().out
    assert "NO  disk" in said
    assert "ok  database" in said


def test_the_doctor_is_content_when_all_is_well(world, capsys):
    Heartbeat.objects.create(name="sweep", at=timezone.now())
    call_command("doctor")
    assert "NO " not in capsys.readouterr().out


def test_sqlite_without_immediate_transactions_is_refused(monkeypatch):
    with monkeypatch.context() as patch:
        patch.setitem(settings.DATABASES["default"], "ENGINE", "django.db.backends.sqlite3")
        patch.setitem(settings.DATABASES["default"], "OPTIONS", {})
        assert [error.id for error in checks.check_sqlite_is_immediate(None)] == ["pilotage.E001"]
    assert checks.check_sqlite_is_immediate(None) == []


def test_demo_mode_where_it_counts_is_refused():
    with override_settings(DEMO=True, DEMO_ALLOWED=False):
        assert [error.id for error in checks.check_demo_is_not_production(None)] == ["pilotage.E004"]
    assert checks.check_demo_is_not_production(None) == []


def test_every_flow_has_a_blocking_lock(monkeypatch):
    from viewflow.workflow.lock import no_lock

    from workflows.flows import ApplyFlow

    assert checks.check_flows_lock(None) == []
    monkeypatch.setattr(ApplyFlow, "lock_impl", no_lock)
    assert [error.id for error in checks.check_flows_lock(None)] == ["pilotage.E002"]


def test_a_busy_port_is_named_and_the_next_one_taken():
    import socket

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        said = StringIO()
        assert free_port(port, said.write) != port
        assert str(port) in said.getvalue()


def test_no_lock_or_file_names_a_registry_host():
    for lock in ("requirements.lock", "requirements-dev.lock"):
        text = (ROOT / lock).read_text(encoding="utf-8")
        assert "://" not in text
        assert "--index-url" not in text
        assert "--hash=sha256:" in text


def test_xml_of_strangers_is_read_by_careful_parsers():
    """openpyxl takes them where they are installed and Python's own where not, without a word: production must have them."""
    import openpyxl

    assert (openpyxl.DEFUSEDXML, openpyxl.LXML) == (True, True)
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8").splitlines()
    assert {"defusedxml", "lxml"} <= {line.split("==")[0] for line in lock if "==" in line}


def test_the_distribution_is_the_right_viewflow():
    """On the package index `viewflow` is something else entirely (design/architecture.md)."""
    for lock in ("requirements.lock", "requirements-dev.lock"):
        names = [line.split("==")[0] for line in (ROOT / lock).read_text(encoding="utf-8").splitlines() if "==" in line]
        assert "django-viewflow" in names
        assert "viewflow" not in names


def test_headers_are_strict(client, db):
    headers = client.get("/").headers
    policy = headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy, "objects among them"
    # Neither follows from the default.
    assert "base-uri 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["X-Content-Type-Options"] == "nosniff"


def test_templates_hold_nothing_inline():
    import re

    inline = re.compile(r"<style|style=\"|<script(?![^>]*\bsrc=)|\son[a-z]+=\"", re.IGNORECASE)
    planted = ("<style>", '<p style="x">', "<script>x", '<p onclick="x">')
    assert all(inline.search(one) for one in planted), "the planted positives"
    assert not inline.search('<script src="x.js"></script>')
    pages = list((ROOT / "templates").rglob("*.html"))
    assert len(pages) > 100
    assert [str(path) for path in pages if inline.search(path.read_text(encoding="utf-8"))] == []


def test_no_template_says_that_text_is_markup():
    """Pages escape whatever they are given; letters are plain text, where an escape would be read as it stands."""
    import re

    open_ = re.compile(r"\|\s*(safe|safeseq)\b|autoescape\s+off")
    assert open_.search("{{ text|safe }}")
    assert open_.search("{% autoescape off %}")
    found = {
        path.relative_to(ROOT / "templates")
        for path in (ROOT / "templates").rglob("*.*")
        if path.suffix in {".html", ".svg", ".xml", ".txt"} and open_.search(path.read_text(encoding="utf-8"))
    }
    assert found, "the letters of accounts are among them"
    assert {(path.parts[:2], path.suffix) for path in found} == {(("account", "email"), ".txt")}
