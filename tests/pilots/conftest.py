"""What tests of pages share: a clock that stands where the walk stands, browsers, cheap passwords."""

import re
from html import unescape

import pytest
from django.test import Client

from accounts import clock


@pytest.fixture(autouse=True)
def _light(settings, tmp_path):
    """No collected static files, no worker, files of a test in its own folder."""
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    }
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.FILES_DIR = tmp_path / "files"
    settings.STATIC_ROOT = tmp_path / "static"
    settings.STATIC_ROOT.mkdir()
    settings.WAKE_WORKER = False


@pytest.fixture
def stand(monkeypatch):
    """`stand(moment)`: from now on every page thinks it is that moment."""

    def _stand(moment):
        monkeypatch.setattr(clock, "now", lambda: moment)
        return moment

    return _stand


class Browser(Client):
    """A client that remembers whose it is and reads pages as text."""

    def read(self, url, status=200, **more):
        """The text of a page without tags."""
        answer = self.get(url, **more)
        assert answer.status_code == status, (url, answer.status_code)
        return words(answer)


def words(answer):
    """The visible words of an answer, tags taken away."""
    html = answer.content.decode()
    html = re.sub(r"<(script|style|svg)\b.*?</\1>", " ", html, flags=re.S)
    return unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html)))


@pytest.fixture
def browse():
    """`browse(user)`: a browser signed in as `user`; without one, a passer-by."""

    def _browse(user=None):
        browser = Browser()
        if user is not None:
            browser.force_login(user)
        return browser

    return _browse


@pytest.fixture
def draft(world, stand):
    walk, application = world.application(to="draft")
    stand(walk.at)
    return walk, application


@pytest.fixture
def mine(draft, browse):
    return browse(draft[0].leader_of(draft[1]))
