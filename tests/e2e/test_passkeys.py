"""Passkeys in a real browser with an authenticator made of software: added, then in the place of the password, then beside it."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.roles import Role
from tests.accounts.signing_in import PASSWORD, factors, person

pytestmark = pytest.mark.browser
AUTHENTICATOR = {
    "protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True,
    "isUserVerified": True, "automaticPresenceSimulation": True,
}  # fmt: skip


@pytest.fixture
def device(page):
    """The browser with a virtual authenticator (Chrome DevTools protocol)."""
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    key = session.send("WebAuthn.addVirtualAuthenticator", {"options": AUTHENTICATOR})["authenticatorId"]
    return session, key


@pytest.fixture
def officer(transactional_db, live_server, settings):
    settings.SITE_URL, settings.MFA_REQUIRED = live_server.url, True
    return person("wang", Role.PROGRAMME_OFFICER, timezone.now() - timedelta(days=1))


def give_password(page):
    page.locator('main [name="password"]').fill(PASSWORD)
    page.locator("main form button.btn--primary").first.click()
    page.wait_for_load_state()


def enter(page, live_server):
    page.goto(f"{live_server.url}/accounts/login/?next=/inbox/")
    page.locator('[name="login"]').fill("wang")
    give_password(page)


def leave(page):
    page.locator("details.user summary").click()
    page.get_by_role("button", name="退出登录").click()
    page.wait_for_load_state()


def test_a_passkey_is_added_and_opens(page, live_server, officer, device):
    enter(page, live_server)
    page.wait_for_url("**/accounts/2fa/")
    page.get_by_role("link", name="添加通行密钥").click()
    give_password(page)
    page.wait_for_url("**/webauthn/add/**")
    page.locator('[name="name"]').fill("办公电脑")
    page.locator('[name="passwordless"]').check(force=True)
    page.locator("#mfa_webauthn_add").click()
    page.wait_for_url("**/recovery-codes/")
    assert factors(officer) == ["recovery_codes", "webauthn"]
    page.goto(f"{live_server.url}/inbox/")
    assert page.url.endswith("/inbox/")

    # In the place of the password.
    leave(page)
    page.goto(f"{live_server.url}/accounts/login/")
    page.locator("#passkey_login").click()
    page.wait_for_url("**/desk/")

    # Beside it.
    leave(page)
    enter(page, live_server)
    page.wait_for_url("**/2fa/authenticate/")
    page.locator("#mfa_webauthn_authenticate").click()
    page.wait_for_url("**/inbox/")


def test_a_key_that_is_not_there_is_told_in_words(page, live_server, officer, device):
    session, key = device
    session.send("WebAuthn.setUserVerified", {"authenticatorId": key, "isUserVerified": False})
    enter(page, live_server)
    page.goto(f"{live_server.url}/accounts/2fa/webauthn/add/")
    give_password(page)
    page.wait_for_url("**/webauthn/add/**")
    page.locator('[name="passwordless"]').check(force=True)
    page.locator("#mfa_webauthn_add").click()
    page.locator("[data-passkey-fault] p").get_by_text("没有完成验证").wait_for()
    assert factors(officer) == []
