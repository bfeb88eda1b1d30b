"""Whatever stands in an address or a form: every page answers, with a refusal or with itself, and never with an error.

Which parameters a page reads is not listed anywhere: the request itself gives the same nonsense for each one asked for.
"""

from datetime import timedelta
from pathlib import Path

import pytest
from django.apps import apps
from django.core.handlers.wsgi import WSGIRequest
from django.db import transaction
from django.http import QueryDict
from django.urls import reverse
from django.utils.datastructures import MultiValueDict

from accounts.acts import every_act
from accounts.roles import Role
from config.nothings import without
from tests.config.test_access_matrix import PAGES, TABLE, admitted, arguments, scene
from workflows import perform
from workflows.refusals import Refused

__all__ = ["scene"]

NONSENSE = (
    "9" * 5000, "999999999999-1", "9999-12-31", "0001-01", "-1", "²", "Infinity", "1e400", "'\"<b>{{ 1 }}",
    "00000000-0000-0000-0000-000000000000", "../../etc/passwd", "1:up", "[" * 9000,
)  # fmt: skip


class Nonsense(QueryDict):
    """A form or a query in which everything asked for stands, and is the same."""

    def __init__(self, value, present, names):
        super().__init__(mutable=True)
        self.value, self.present, self.names = value, present, names

    def __deepcopy__(self, memo):
        return QueryDict(mutable=True)

    def __contains__(self, name):
        return self.present

    def __getitem__(self, name):
        self.names.add(name)
        return self.value

    def get(self, name, default=None):
        return self[name]

    def getlist(self, name, default=None):
        return [self[name]]


@pytest.fixture
def poison(monkeypatch):
    """`poison(where, value, present)`: what every request says from now on, in its address or in its form; the names asked."""

    def _poison(where, value, present):
        names = set()
        said = property(lambda request: Nonsense(value, present, names), lambda request, other: None)
        monkeypatch.setattr(WSGIRequest, where, said)
        return names

    return _poison


def asked(client, scene, method, **sent):
    """(page, status or what went wrong) of every page, as the first person of the matrix who may open it."""
    for role, user in scene["own"].items():
        mine = [name for name in PAGES if role == first(TABLE[name], scene["own"])]
        client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
        for name in mine:
            address = reverse(name, args=arguments(name, scene))
            try:
                answer = getattr(client, method)(address, **sent)
            except Exception as error:
                yield name, error
                continue
            if answer.streaming:
                list(answer.streaming_content)
            yield name, answer.status_code if answer.status_code < 500 or name == "healthz" else answer.reason_phrase


def first(rule, people):
    return next(role for role in people if admitted(rule, role))


def failed(found):
    return [f"{name}: {said!r}"[:300] for name, said in found if not isinstance(said, int)]


@pytest.mark.timeout(600)
@pytest.mark.parametrize("part", [0, 1])
@pytest.mark.parametrize(("where", "method"), [("GET", "get"), ("POST", "post")])
def test_no_page_fails_for_what_it_is_sent(scene, client, poison, figures, where, method, part):
    wrong, asked_for = [], 0
    for value in NONSENSE[part::2]:
        poison(where, value, method == "post")
        found = list(asked(client, scene, method))
        asked_for += len(found)
        wrong += [f"{value[:20]!r}: {line}" for line in failed(found)]
    figures(f"{asked_for} pages asked, {len(wrong)} failed")
    assert wrong == []
    assert asked_for > 1000


@pytest.mark.timeout(600)
@pytest.mark.parametrize(("where", "method"), [("GET", "get"), ("POST", "post")])
def test_no_page_fails_for_a_zero_character(scene, client, poison, monkeypatch, where, method):
    """PostgreSQL takes none in any text. It is sent for real, under every name that any page asks for."""
    names = poison(where, "1", method == "post")
    assert failed(asked(client, scene, method)) == []
    monkeypatch.undo()
    assert {"q", "state", "page"} < names if method == "get" else {"reason", "version"} < names
    assert failed(asked(client, scene, method, data=dict.fromkeys(sorted(names), "\x00a"))) == []


def test_a_zero_character_is_left_out_or_refused(scene, client):
    client.force_login(
        scene["own"][Role.PROGRAMME_OFFICER], backend="allauth.account.auth_backends.AuthenticationBackend"
    )
    assert client.get("/applications/", {"q": "徐\x00汇"}).context["request"].GET["q"] == "徐汇"
    assert client.get("/objections/%00").status_code == 400
    assert without(QueryDict("a=1&a=2")).getlist("a") == ["1", "2"]


@pytest.mark.timeout(600)
def test_no_act_fails_for_what_is_filled_in(scene, world, figures):
    """Every act on the first of its cases, whatever its state, by somebody who has a seat for it."""
    forms, refused, wrong = 0, 0, []
    at = world.start + timedelta(days=400)
    for label, act in every_act():
        case = apps.get_model(label)._default_manager.first()
        if case is None:
            continue
        user = next((scene["own"][seat] for seat in act.seats(case) if seat in scene["own"]), None)
        for value in (*NONSENSE, "\x00"):
            try:
                with transaction.atomic():
                    data = Nonsense(value, True, set())
                    if act.form is not None:
                        act.form(data, MultiValueDict(), obj=case, by=user, at=at).is_valid()
                        forms += 1
                    perform(case, act.code, by=user, at=at, reason=value, data=data)
            except Refused:
                refused += 1
            except Exception as error:
                wrong.append(f"{label} {act.code}, {value[:20]!r}: {error!r}"[:300])
    figures(f"{forms} forms filled in, {refused} refused, {len(wrong)} failed")
    assert wrong == []
    assert forms > 2000


def test_a_day_is_asked_for_in_one_way():
    """The planted positive stands in `accounts.days`: nowhere else is a day of any year taken."""
    found = [
        str(file) for folder in ("accounts", "pilots", "approvals", "notifications", "workflows")
        for file in Path(folder).rglob("*.py") if "forms.DateField(" in file.read_text() and "migrations" not in file.parts
    ]  # fmt: skip
    assert found == []
