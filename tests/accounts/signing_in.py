"""Words the tests about signing in share: people with passwords, the two browsers of somebody, codes of an app."""

import time

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, generate_totp_secret, hotp_value
from django.test import Client
from django.urls import reverse

from accounts.models import Grant, User

PASSWORD = "a long sentence nobody guesses"


def person(username="zhang", role=None, start=None, **fields):
    """Somebody with a password, and with a seat when `role` is given."""
    user = User.objects.create_user(username, password=PASSWORD, name="张三", **fields)
    if role is not None:
        Grant.objects.create(user=user, role=role, valid_from=start)
    return user


def sign_in(client, username="zhang", password=PASSWORD, **extra):
    """The answer of the sign-in page to a name and a password."""
    return client.post(reverse("account_login"), {"login": username, "password": password}, **extra)


def browser(**extra):
    """A browser nobody has used yet."""
    return Client(**extra)


def app_of(user):
    """Sets up an app for `user`; returns its secret."""
    secret = generate_totp_secret()
    TOTP.activate(user, secret)
    return secret


def code_of(secret):
    """What the app shows now. Waits out the last second of a step, so that the code is still good when it is read."""
    left = 30 - time.time() % 30
    if left < 2:
        time.sleep(left + 0.1)
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30))


def factors(user):
    return list(Authenticator.objects.filter(user=user).order_by("type").values_list("type", flat=True))


@pytest.fixture
def guesses(monkeypatch):
    """Every password that reaches the check, as (hash, password)."""
    from accounts import models

    seen = []
    real = models.User.check_password

    def check(self, raw):
        seen.append((self.username, raw))
        return real(self, raw)

    monkeypatch.setattr(models.User, "check_password", check)
    return seen
