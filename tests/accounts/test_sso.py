"""Single sign-on against a provider that runs here, says the truth, and then does not."""

import base64
import hashlib
import time

import pytest
from allauth.socialaccount.models import SocialAccount, SocialToken
from cryptography.hazmat.primitives.asymmetric import rsa
from django.core.management import call_command
from django.test import override_settings
from django.urls import reverse

from accounts.models import AccountEvent, User
from accounts.roles import Role
from accounts.sso import nonce_of
from tests.accounts.provider import SECRET, Provider
from tests.accounts.signing_in import app_of, browser, person, sign_in

pytestmark = pytest.mark.django_db
CALLBACK = "/accounts/oidc/sso/login/callback/"
LONG = "another sentence nobody guesses"


@pytest.fixture
def provider(settings):
    found = Provider()
    settings.SOCIALACCOUNT_PROVIDERS = found.settings()
    yield found
    found.close()


@pytest.fixture
def zhang():
    return person()


def inside(client):
    return client.get("/inbox/").status_code == 200


def test_a_known_account_comes_in(provider, zhang):
    client = browser()
    answer = provider.sign_in(client, next_url="/inbox/")
    assert (answer.status_code, answer["Location"]) == (302, "/inbox/")
    assert inside(client)
    assert SocialAccount.objects.get(user=zhang).uid == "s-1"
    assert [row.kind for row in AccountEvent.objects.filter(user=zhang)] == ["signed_in", "sso_linked"]
    # Again, with the link made.
    again = browser()
    assert provider.sign_in(again).status_code == 302
    assert inside(again)


def test_what_is_asked_for(provider, zhang, settings):
    settings.SITE_URL = "https://pilots.example.cn"
    provider.sign_in(browser())
    asked = provider.request
    assert asked["redirect_uri"] == f"https://pilots.example.cn{CALLBACK}"
    assert asked["response_type"] == "code"
    assert "openid" in asked["scope"]
    assert len(asked["nonce"]) == 64
    verifier = provider.asked[0]["code_verifier"][0]
    digest = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
    assert asked["code_challenge"] == digest


def test_the_button_is_there_only_where_it_leads_somewhere(provider, settings):
    assert "用统一身份平台登录" in browser().get("/accounts/login/").content.decode()
    settings.SOCIALACCOUNT_PROVIDERS = {"openid_connect": {"APPS": []}}
    assert "/oidc/" not in browser().get("/accounts/login/").content.decode()
    assert browser().get("/accounts/oidc/sso/login/").status_code == 404


# --- refused
def _refused(answer, client):
    assert answer.status_code in {401, 403}, answer
    assert not inside(client)
    assert not SocialAccount.objects.exists()
    return True


@pytest.mark.parametrize(
    "claims",
    [{"nonce": "f" * 64}, {"aud": "somebody-else"}, {"iss": "https://other.example"}, {"exp": 1},
     {"azp": "somebody-else", "aud": ["pilotage", "somebody-else"]}, {"preferred_username": "nobody"},
     {"preferred_username": ""}, {"preferred_username": ["zhang"]}, {"preferred_username": None}],
    ids=str,
)  # fmt: skip
def test_tokens_that_are_not_for_us(provider, zhang, claims):
    client = browser()
    assert _refused(provider.sign_in(client, **claims), client)
    assert User.objects.count() == 1


def test_another_key(provider, zhang):
    provider.signing_key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    client = browser()
    assert _refused(provider.sign_in(client), client)


@pytest.mark.parametrize(("algorithm", "key"), [("none", None), ("HS256", SECRET)])
def test_a_token_signed_in_a_way_nobody_agreed_on(provider, zhang, algorithm, key):
    """The header of a token does not choose that nothing is checked, or that a secret both sides know will do."""
    provider.algorithm, provider.signing_key = algorithm, key
    client = browser()
    assert _refused(provider.sign_in(client), client)


def test_a_provider_that_calls_itself_something_else(provider, zhang):
    """Whoever answers at the address must say the name that was configured: nobody is sent on by another's papers."""
    provider.issuer = "https://other.example"
    client = browser()
    assert _refused(client.post("/accounts/oidc/sso/login/"), client)
    assert provider.asked == []
    # A stroke at the end is the same name.
    provider.issuer = f"{provider.url}/"
    assert provider.sign_in(client).status_code == 302
    assert inside(client)


def test_a_provider_that_is_away_is_said_in_words(provider, zhang):
    app = provider.settings()["openid_connect"]["APPS"][0]
    app["settings"]["server_url"] = "http://127.0.0.1:9"
    with override_settings(SOCIALACCOUNT_PROVIDERS={"openid_connect": {"APPS": [app]}}):
        client = browser()
        answer = client.post("/accounts/oidc/sso/login/")
    assert _refused(answer, client)
    assert "<h1" in answer.content.decode()


def test_another_state(provider, zhang):
    client = browser()
    assert _refused(provider.sign_in(client, state="made-up"), client)
    # And somebody else's: the code of one browser brought back by another.
    thief = browser()
    there = browser()
    there.post("/accounts/oidc/sso/login/")
    provider.codes["c"] = {"sub": "s-1", "preferred_username": "zhang", "nonce": "x"}
    state = next(iter(there.session["socialaccount_states"]))
    assert _refused(thief.get(CALLBACK, {"code": "c", "state": state}), thief)


def test_no_id_token(provider, zhang, monkeypatch):
    monkeypatch.setattr(provider, "token", lambda form: {"access_token": "x", "token_type": "Bearer"})
    client = browser()
    assert _refused(provider.sign_in(client), client)


def test_a_deactivated_account(provider, zhang):
    User.objects.update(is_active=False)
    client = browser()
    assert _refused(provider.sign_in(client), client)


def test_nobody_signs_up(provider):
    client = browser()
    assert _refused(
        provider.sign_in(client, preferred_username="new", email="new@example.cn", email_verified=True), client
    )
    assert User.objects.count() == 0
    assert client.get("/accounts/3rdparty/signup/").status_code == 404
    assert "您取消了登录" in client.get("/accounts/oidc/cancelled/").content.decode()


def test_an_address_that_is_not_confirmed_names_nobody(provider, zhang, settings):
    settings.OIDC_CLAIM = "email"
    User.objects.update(username="zhang@example.cn")
    client = browser()
    assert _refused(provider.sign_in(client, email="zhang@example.cn"), client)
    assert provider.sign_in(client, email="zhang@example.cn", email_verified=True).status_code == 302
    assert inside(client)


# --- one account, one subject
def test_a_name_that_went_to_another_person_over_there(provider, zhang, capsys):
    provider.sign_in(browser())
    client = browser()
    answer = provider.sign_in(client, sub="s-2")
    assert answer.status_code == 403
    assert "已与另一个身份关联" in answer.content.decode()
    assert not inside(client)
    call_command("account", "unlink-sso", "zhang", "--reason", "left and came back")
    assert provider.sign_in(client, sub="s-2").status_code == 302


def test_a_subject_that_comes_under_another_name(provider, zhang):
    person("li")
    provider.sign_in(browser())
    client = browser()
    assert provider.sign_in(client, preferred_username="li").status_code == 403
    assert not inside(client)


def test_nobody_connects_a_second_identity(provider, zhang):
    client = browser()
    sign_in(client)
    there = client.post("/accounts/oidc/sso/login/?process=connect")
    state = there["Location"].split("state=")[1].split("&")[0]
    provider.codes["c"] = {
        "sub": "s-9",
        "preferred_username": "li",
        "nonce": nonce_of(state),
    }
    assert client.get(CALLBACK, {"code": "c", "state": state}).status_code == 403
    assert not SocialAccount.objects.exists()


# --- the session that comes of it
def test_the_tokens_go_no_further(provider, zhang, monkeypatch):
    """Neither is kept: not in the session, not with the account."""
    signed, real = [], provider.token
    monkeypatch.setattr(provider, "token", lambda form: signed.append(real(form)) or signed[-1])
    client = browser()
    provider.sign_in(client)
    assert inside(client)
    kept = f"{dict(client.session.items())} {SocialAccount.objects.get().extra_data} {client.cookies}"
    assert "s-1" in kept, "the planted positive: what is kept of it is looked at"
    assert not SocialToken.objects.exists()
    assert not [word for word in (provider.access_token, signed[0]["id_token"]) if word in kept]


def test_it_ends_as_any_other(provider, zhang, monkeypatch):
    """However long the other house would go on: idle and absolute limits are ours."""
    idle, busy = browser(), browser()
    for client in (idle, busy):
        provider.sign_in(client)
    real, hours = time.time, 0
    monkeypatch.setattr(time, "time", lambda: real() + hours * 3600)
    for hours in (0.4, 0.8):  # noqa: B007 - the clock reads it
        assert inside(busy)
    assert idle.get("/inbox/")["Location"].endswith("over=idle")
    hours = 8.1
    assert busy.get("/inbox/")["Location"].endswith("over=long")


def test_nobody_is_signed_in_unasked(provider, zhang):
    """A link or a picture that leads to single sign-on opens nothing: somebody presses a button first."""
    client = browser()
    answer = client.get("/accounts/oidc/sso/login/")
    assert answer.status_code == 200
    assert "<form" in answer.content.decode()
    assert not inside(client)
    assert provider.asked == []


# --- the second factor
def test_a_second_factor_of_ours_is_asked_for_besides(provider, zhang):
    app_of(zhang)
    client = browser()
    assert provider.sign_in(client, amr=["pwd", "mfa"])["Location"] == reverse("mfa_authenticate")
    assert not inside(client)


def test_the_other_house_vouches_only_where_we_agreed(provider, world, settings):
    settings.MFA_REQUIRED = True
    person("wang", Role.PROGRAMME_OFFICER, world.start)

    def first_page(**claims):
        client = browser()
        provider.sign_in(client, preferred_username="wang", **claims)
        return client.get("/inbox/").status_code

    assert first_page(amr=["pwd", "mfa"]) == 302
    settings.OIDC_MFA = ["amr:mfa", "acr:gold"]
    assert first_page(amr=["pwd", "mfa"]) == 200
    assert first_page(acr="gold") == 200
    assert first_page(amr=["pwd"]) == 302
    assert first_page(amr="mfa2", acr="silver") == 302
    assert first_page() == 302


def test_vouched_for_it_is_not_asked_for_twice(provider, zhang, settings):
    settings.OIDC_MFA = ["amr:mfa"]
    app_of(zhang)
    client = browser()
    assert provider.sign_in(client, amr=["mfa"])["Location"] != reverse("mfa_authenticate")
    assert inside(client)


KEYS = ("/accounts/2fa/totp/activate/", "/accounts/2fa/webauthn/add/", "/accounts/password/set/")


def test_an_open_desk_gives_no_key_of_one_s_own_to_whoever_passes_by(provider, zhang, monkeypatch):
    """Who has nothing here is sent to the other house first: the library takes them for proven, for ever."""
    zhang.set_unusable_password()
    zhang.save()
    client = browser()
    provider.sign_in(client)
    # The planted positive: who has just come from there sets up what they like.
    assert {client.get(address).status_code for address in KEYS} == {200}
    real = time.time
    monkeypatch.setattr(time, "time", lambda: real() + 301)
    for address in KEYS:
        for answer in (client.get(address), client.post(address, {"password1": LONG, "password2": LONG, "code": "1"})):
            assert answer.status_code == 302, address
            assert answer["Location"].startswith("/accounts/oidc/sso/login/"), address
    zhang.refresh_from_db()
    assert not zhang.has_usable_password()
