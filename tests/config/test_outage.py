"""The database is gone while pages are asked for: 503 with words, never half a change (trust.md F3)."""

import pytest
from django.db import DatabaseError, InterfaceError, OperationalError

pytestmark = pytest.mark.django_db


@pytest.fixture
def gone(client, world, monkeypatch):
    """`gone(error)`: somebody is signed in, and every statement from now on ends with `error`."""
    client.force_login(world.cast["officer"], backend="allauth.account.auth_backends.AuthenticationBackend")
    client.raise_request_exception = False

    def _gone(error):
        def execute(*_args, **_kwargs):
            raise error

        monkeypatch.setattr("django.db.backends.utils.CursorWrapper.execute", execute)
        return client

    return _gone


@pytest.mark.parametrize("kind", [OperationalError, InterfaceError])
@pytest.mark.parametrize("address", ["/desk/", "/calls/", "/applications/"])
def test_while_the_database_is_gone_pages_say_so_and_when_to_come_back(gone, kind, address):
    answer = gone(kind("server closed the connection unexpectedly")).get(address)
    words = answer.content.decode()
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "30")
    assert "数据库暂时连接不上" in words
    assert "closed the connection" not in words


def test_what_is_sent_meanwhile_is_refused_in_the_same_words(gone):
    answer = gone(OperationalError("gone")).post("/me/telling/", {"x": "y"})
    assert answer.status_code == 503


def test_another_fault_is_a_fault(gone):
    """The planted positive: 503 is for what mends itself."""
    assert gone(DatabaseError("column does not exist")).get("/desk/").status_code == 500
