"""Five wrong passwords per account and half an hour, whoever asks from wherever, in however many processes (A5, G22)."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from django.conf import settings
from django.core.cache import cache, caches
from django.core.management import CommandError, call_command

from accounts import throttle
from accounts.models import AccountEvent
from tests.accounts.signing_in import PASSWORD, browser, person, sign_in

pytestmark = pytest.mark.django_db
SHARED = {"default": {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "pilotage_cache"}}


def from_address(number):
    return {"REMOTE_ADDR": f"10.{number // 65536}.{number // 256 % 256}.{number % 256}"}


def later(monkeypatch, seconds):
    real = time.time
    monkeypatch.setattr(time, "time", lambda: real() + seconds)


def test_of_a_thousand_tries_five_reach_the_password(guesses, figures):
    person()
    for number in range(1000):
        sign_in(browser(), password=f"guess {number}", **from_address(number))
    figures("1000 tries", f"{len(guesses)} reached the password")
    assert len(guesses) == 5
    # The planted positive: without the limit each of them would have.
    guesses.clear()
    for number in range(7):
        cache.clear()
        sign_in(browser(), password=f"guess {number}")
    assert len(guesses) == 7


def test_one_address_may_try_fifty_names(guesses):
    for number in range(8):
        person(f"someone{number}")
    for number in range(80):
        sign_in(browser(), f"someone{number % 20}", f"guess {number}")
    # Four for each of twenty names would be eighty; eight of the names exist.
    assert len(guesses) <= 50
    seen = len(guesses)
    assert seen > 10
    sign_in(browser(), "someone7", "from elsewhere", **from_address(9))
    assert len(guesses) == seen + 1


def test_a_locked_name_costs_its_owners_address_nothing(guesses):
    person()
    person("li")
    for number in range(100):
        sign_in(browser(), password=f"guess {number}")
    assert sign_in(browser(), "li").status_code == 302


def test_the_right_password_counts_for_nothing(guesses):
    person()
    for _time in range(20):
        assert sign_in(browser()).status_code == 302
    assert len(guesses) == 20


def test_after_the_delay_the_right_password_opens_from_anywhere(monkeypatch, guesses):
    person()
    for number in range(9):
        sign_in(browser(), password=f"guess {number}")
    assert "输错次数过多" in sign_in(browser(), **from_address(7)).content.decode()
    later(monkeypatch, 30 * 60 + 1)
    assert sign_in(browser(), **from_address(7)).status_code == 302


def test_a_known_browser_is_not_locked_out_by_strangers(guesses):
    person()
    own = browser()
    assert sign_in(own).status_code == 302
    own.post("/accounts/logout/")
    for number in range(50):
        sign_in(browser(), password=f"guess {number}", **from_address(number))
    assert "输错次数过多" in sign_in(browser()).content.decode()
    assert sign_in(own).status_code == 302
    # Its own count is as short.
    own.post("/accounts/logout/")
    guesses.clear()
    for number in range(20):
        sign_in(own, password=f"guess {number}")
    assert len(guesses) == 5


def test_a_made_up_cookie_is_no_known_browser(guesses):
    person()
    for number in range(30):
        stranger = browser()
        stranger.cookies["known"] = f"eyIxIjoiYSJ9:{number}:forged"
        sign_in(stranger, password=f"guess {number}", **from_address(number))
    assert len(guesses) == 5


def test_capitals_and_blanks_are_the_same_name(guesses):
    person("zhang")
    for number in range(40):
        sign_in(
            browser(), ("ZHANG", "Zhang ", " zhanG", "zhang")[number % 4], f"guess {number}", **from_address(number)
        )
    assert len(guesses) == 5


def test_the_page_says_when(guesses):
    person()
    for number in range(6):
        answer = sign_in(browser(), password=f"guess {number}")
    text = answer.content.decode()
    assert "请在 30 分钟后" in text
    assert "以后）再试" in text


def test_unknown_and_known_names_hear_the_same(guesses, monkeypatch):
    """The same words, and one run of the hasher each: that is what takes the time."""
    from django.contrib.auth import hashers

    person()
    runs = []
    real = hashers.MD5PasswordHasher.encode
    monkeypatch.setattr(hashers.MD5PasswordHasher, "encode", lambda *given: runs.append(1) or real(*given))

    def answers(name):
        said = []
        for number in range(7):
            runs.clear()
            text = sign_in(browser(), name, f"guess {number}").content.decode()
            said.append((len(runs), "用户名或密码不正确" in text, "输错次数过多" in text))
        return said

    known, unknown = answers("zhang"), answers("nobody")
    assert known == unknown == [(1, True, False)] * 5 + [(0, False, True)] * 2


def test_reauthentication_is_counted_too(guesses):
    person()
    client = browser()
    sign_in(client)
    guesses.clear()
    for number in range(30):
        client.post("/accounts/reauthenticate/", {"password": f"guess {number}"})
    assert len(guesses) == 5


def test_an_administrator_unlocks_and_it_is_on_record(guesses, capsys):
    user = person()
    for number in range(9):
        sign_in(browser(), password=f"guess {number}")
    assert sign_in(browser()).status_code == 200
    call_command("account", "unlock", "zhang", "--reason", "called back")
    assert sign_in(browser()).status_code == 302
    kinds = list(AccountEvent.objects.filter(user=user).order_by("pk").values_list("kind", flat=True))
    assert kinds == ["locked", "unlocked", "signed_in"]
    assert AccountEvent.objects.get(kind="unlocked").note.endswith(": called back")
    call_command("account", "show", "zhang")
    assert "unlocked" in capsys.readouterr().out
    with pytest.raises(CommandError, match="no account"):
        call_command("account", "unlock", "nobody")


def test_the_limit_holds_in_the_shared_cache(settings, guesses):
    settings.CACHES = SHARED
    person()
    for number in range(20):
        # A new process begins with nothing in memory.
        caches["default"].close()
        del caches["default"]
        sign_in(browser(), password=f"guess {number}", **from_address(number))
    assert len(guesses) == 5
    cache.clear()


def test_a_try_that_two_limits_refuse_is_counted_by_none(rf):
    user = person()
    request = rf.post("/")
    for _time in range(5):
        throttle.take(request, "zhang")
    with pytest.raises(throttle.TooMany) as refused:
        throttle.take(request, "zhang")
    assert refused.value.first
    assert refused.value.user == user
    assert 1700 < refused.value.seconds <= 1800
    with pytest.raises(throttle.TooMany) as refused:
        throttle.take(request, "zhang")
    assert not refused.value.first


GUESSER = """
import django, sys
django.setup()
from django.test import Client
from accounts.models import User
seen, real = [], User.check_password
User.check_password = lambda self, raw: seen.append(raw) or real(self, raw)
for number in range(12):
    Client().post("/accounts/login/", {"login": "zhang", "password": f"guess {number}"}, REMOTE_ADDR=f"10.0.{sys.argv[1]}.{number}")
print(len(seen))
"""


def _two_processes(folder, cache_setting):
    """Guesses that reach the password of one account from two processes at the same time."""
    env = {key: value for key, value in os.environ.items() if not key.startswith(("DJANGO_", "PILOTAGE_", "DATABASE_"))}
    module = folder / "two_processes.py"
    module.write_text(f"from config.settings import *\n{cache_setting}\n", encoding="utf-8")
    env |= {
        "PILOTAGE_VAR": str(folder), "PILOTAGE_PLAIN_STATIC": "1", "ALLOWED_HOSTS": "testserver", "CI": "1",
        "DJANGO_SETTINGS_MODULE": "two_processes", "PYTHONPATH": f"{folder}{os.pathsep}{settings.BASE_DIR}",
    }  # fmt: skip

    def run(*command):
        return subprocess.Popen(
            [sys.executable, *command], env=env, cwd=settings.BASE_DIR, stdout=subprocess.PIPE, text=True
        )

    made = run("-c", "import django; django.setup()\nfrom django.core.management import call_command as c\n"
               "for app in ('accounts','sessions','account','mfa','usersessions','socialaccount'): c('migrate', app, verbosity=0)\n"
               "from accounts.models import User; User.objects.create_user('zhang', password='x'*20, name='z')")  # fmt: skip
    made.communicate(timeout=120)
    assert made.returncode == 0
    both = [run("-c", GUESSER, str(number)) for number in range(2)]
    return sum(int(one.communicate(timeout=120)[0].split()[-1]) for one in both)


@pytest.mark.parametrize(
    ("cache_setting", "reached"),
    [("", 5), ('CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}', 10)],
    ids=["shared", "planted: each process counts alone"],
)
def test_two_processes_share_the_count(tmp_path: Path, cache_setting, reached):
    assert _two_processes(tmp_path, cache_setting) == reached


def test_the_password_in_use_is_the_persons(guesses):
    """The planted positive of all of the above: with the right one, one is in."""
    person()
    client = browser()
    assert sign_in(client, password=PASSWORD)["Location"] == settings.LOGIN_REDIRECT_URL
    assert guesses == [("zhang", PASSWORD)]
