"""A form that begins something begins one thing, however often its button arrives (trust.md R3)."""

import ast
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.http import HttpResponse
from django.test import RequestFactory
from django.urls import reverse

from accounts import clock
from pilots.models import Batch, Upload
from tests.config.test_crawl import BACKEND
from workflows import once, tasks
from workflows.models import Press

ROOT = Path(settings.BASE_DIR)
FORM = {"programme": "service_cluster_trial_zone", "title": "第一批", "opens_on": "2017-03-07",
        "closes_on": "2017-04-01", "call_text": "请申报。"}  # fmt: skip


@pytest.fixture
def officer(client, world):
    client.force_login(world.cast["officer"], backend=BACKEND)
    return client


def send(client, **more):
    return client.post(reverse("batch_new"), FORM | more)


def test_the_same_press_twice_is_one_batch_and_one_answer(officer):
    key = str(uuid4())
    first, second = send(officer, once=key), send(officer, once=key)
    assert (first.status_code, second.status_code) == (302, 302)
    assert first.url == second.url == Batch.objects.get().get_absolute_url()


def test_without_the_key_there_would_be_two(officer):
    """The planted positive: what the key is for."""
    send(officer)
    send(officer)
    assert Batch.objects.count() == 2


def test_another_word_or_another_page_is_another_press(officer):
    key = str(uuid4())
    send(officer, once=key)
    send(officer, once=key, title="第二批")
    send(officer, once=str(uuid4()))
    assert Batch.objects.count() == 3


@pytest.mark.parametrize("key", ["", "x", "0" * 31, "' OR 1=1"])
def test_a_key_that_is_none_changes_nothing(officer, key):
    assert send(officer, once=key).status_code == 302
    assert (Batch.objects.count(), Press.objects.count()) == (1, 0)


def test_what_was_wrong_is_mended_and_sent_again(officer):
    key = str(uuid4())
    assert "截止日期不能早于开始日期" in send(officer, once=key, closes_on="2017-03-01").content.decode()
    assert not Press.objects.exists()
    assert "截止日期不能早于开始日期" in send(officer, once=key, closes_on="2017-03-01").content.decode(), (
        "not remembered"
    )
    assert send(officer, once=key).status_code == 302
    assert Batch.objects.count() == 1


def test_a_file_with_one_other_byte_is_another_press(officer, world):
    """Also where its name and its size are the same: whoever corrects a figure and sends again means it."""
    key, printed = str(uuid4()), []
    for content in (b"a,1\n", b"a,2\n", b"a,1\n"):
        request = RequestFactory().post("/x/", {"once": key, "file": SimpleUploadedFile("a.csv", content)})
        printed.append(once._print(request))
        assert request.FILES["file"].read() == content, "read from its beginning afterwards"
    assert printed[0] == printed[2] != printed[1]


def test_a_press_that_only_shows_is_not_guarded(world):
    seen = []

    @once.once(press="ask")
    def view(request):
        seen.append(connection.savepoint_ids[:])
        return HttpResponse()

    for more in ({}, {"ask": "1"}):
        request = RequestFactory().post("/x/", {"once": str(uuid4())} | more)
        request.user, request.at = world.cast["officer"], world.start
        view(request)
    assert len(seen[1]) > len(seen[0]), "only the one that begins runs in a transaction of its own"


def test_somebody_else_s_press_is_their_own(officer, client, world):
    key = str(uuid4())
    send(officer, once=key)
    client.force_login(world.cast["officer"], backend=BACKEND)
    row = Press.objects.get()
    Press.objects.filter(pk=row.pk).update(user=world.cast["head"])
    send(client, once=key)
    assert Batch.objects.count() == 2


def test_later_it_is_meant(officer):
    key = str(uuid4())
    send(officer, once=key)
    Press.objects.update(at=clock.now() - once.COUNTS - timedelta(seconds=1))
    send(officer, once=key)
    assert Batch.objects.count() == 2


def test_the_beat_forgets_what_is_a_day_old(officer):
    send(officer, once=str(uuid4()))
    tasks.tick()
    assert Press.objects.count() == 1
    Press.objects.update(at=clock.now() - timedelta(days=1, minutes=1))
    tasks.tick()
    assert Press.objects.count() == 0


def test_a_view_that_fails_leaves_nothing_behind(officer, monkeypatch):
    def broken(*_args, **_more):
        raise RuntimeError("planted")

    with monkeypatch.context() as patch:
        patch.setattr("approvals.views.calling.begin_batch", broken)
        with pytest.raises(RuntimeError):
            send(officer, once=(key := str(uuid4())))
    assert not Press.objects.exists()
    assert send(officer, once=key).status_code == 302
    assert Batch.objects.count() == 1


def beginners():
    """(file, view, True where it is guarded) of views that call a `begin_…` of `workflows.beginnings`, also by a helper."""
    for file in sorted(ROOT.glob("*/views/*.py")):
        tree = ast.parse(file.read_text(encoding="utf-8"))
        functions = {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}
        begin = {name for name, node in functions.items() if _calls(node, lambda called: called.startswith("begin_"))}
        while more := {n for n, node in functions.items() if n not in begin and _calls(node, begin.__contains__)}:
            begin |= more
        for name in begin:
            marks = {_name(mark) for mark in functions[name].decorator_list}
            if marks & {"signed_in", "seats", "public"}:
                yield file.relative_to(ROOT).as_posix(), name, "once" in marks


def _name(node):
    node = node.func if isinstance(node, ast.Call) else node
    return node.id if isinstance(node, ast.Name) else getattr(node, "attr", "")


def _calls(function, wanted):
    return any(wanted(_name(node)) for node in ast.walk(function) if isinstance(node, ast.Call))


def test_every_page_that_begins_a_case_is_guarded():
    # Registered by a key of its own, by passers-by without an account.
    own = {("approvals/views/notices.py", "objection_new")}
    found = {(file, name): guarded for file, name, guarded in beginners()}
    assert len(found) >= 8
    assert [one for one, guarded in found.items() if not guarded and one not in own] == []


def test_forms_of_guarded_pages_carry_the_key(officer, world):
    pages = [reverse("batch_new") + "?programme=service_cluster_trial_zone", reverse("expert_import")]
    for page in pages:
        assert 'name="once"' in officer.get(page).content.decode(), page
    texts = [file.read_text(encoding="utf-8") for file in (ROOT / "templates").rglob("*.html")]
    assert sum("{% once %}" in text for text in texts) >= 10
    assert not Upload.objects.exists()
