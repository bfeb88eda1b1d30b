"""Webhooks: what arrives, that its signature can be checked by anybody with the secret, and that it is tried again."""

import base64
import hashlib
import hmac
import json
from datetime import timedelta

import pytest

from notifications import outbox
from notifications.channels import http, registry
from notifications.channels.base import Permanent
from notifications.channels.webhook.form import WebhookForm, new_secret
from notifications.models import Message
from tests.channels import AT, make_endpoint, tell

pytestmark = pytest.mark.django_db


@pytest.fixture
def hook(http_server):
    return make_endpoint("webhook", {"url": f"{http_server.url}/hook", "secret": new_secret()})


def row():
    return Message.objects.get(channel="webhook")


def test_a_signed_event_arrives(hook, http_server, settings):
    tell(programme="trial_zone", key="a")
    tell(programme="trial_zone", key="b")
    assert outbox.send_due(AT) == 2
    ((path, headers, body),) = http_server.requests
    assert path == "/hook"
    # Checked by hand, as the receiver would (standard-webhooks specification), not with our own function.
    key = base64.b64decode(hook.config["secret"].removeprefix("whsec_"))
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    expected = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    assert headers["webhook-signature"] == f"v1,{expected}"
    assert int(headers["webhook-timestamp"]) == int(AT.timestamp())
    event = json.loads(body)
    assert event["type"] == "messages"
    first = event["data"]["messages"][0]
    assert (first["kind"], first["url"]) == ("overdue", f"{settings.SITE_URL}/x/")
    assert "逾期" in first["subject"]


def test_a_retry_keeps_the_id_and_signs_anew(hook, http_server):
    tell(programme="x")
    http_server.reply(500, b"no room")
    assert outbox.send_due(AT) == 0
    assert "HTTP 500 no room" in row().error
    http_server.reply(204, b"")
    assert outbox.send_due(AT + timedelta(seconds=59)) == 0, "not before the back-off is over"
    assert outbox.send_due(AT + timedelta(minutes=1)) == 1
    first, second = (headers for _path, headers, _body in http_server.requests)
    assert first["webhook-id"] == second["webhook-id"]
    assert first["webhook-signature"] != second["webhook-signature"]


def test_a_private_address_is_refused_and_laid_aside(hook, http_server, settings):
    settings.OUTGOING_ALLOW = []
    tell(programme="x")
    assert outbox.send_due(AT) == 0
    assert row().state == "dead"
    assert "PILOTAGE_OUTGOING_ALLOW" in row().error
    assert "reserved" in row().error_en
    assert http_server.requests == []
    with pytest.raises(Permanent):
        registry.every()["webhook"].test(hook, AT)


def test_one_that_never_answers_does_not_hold_the_others(hook, http_server, monkeypatch):
    monkeypatch.setattr(http, "WHOLE", 0.5)
    make_endpoint("webhook", {"url": f"{http_server.url}/slow", "secret": new_secret()}, name="慢")

    def answer(handler):
        if handler.path == "/slow":
            http_server.over.wait(20)
        handler.send_response(200)
        handler.send_header("Content-Length", "0")
        handler.end_headers()

    http_server.answer = answer
    tell(programme="x")
    assert outbox.send_due(AT) == 1
    slow = Message.objects.get(endpoint__name="慢")
    assert (slow.state, "没有答复" in slow.error, slow.not_before) == ("queued", True, AT + timedelta(minutes=1))


def test_the_form_refuses_what_the_guard_refuses(settings):
    kinds = [("overdue", "逾期")]
    typed = {"name": "x", "url": "https://127.0.0.1/", "kinds": ["overdue"], "language": "en"}
    form = WebhookForm(typed, kinds=kinds)
    assert "PILOTAGE_OUTGOING_ALLOW" in str(form.errors["url"])
    settings.OUTGOING_ALLOW = ["127.0.0.1"]
    form = WebhookForm(typed, kinds=kinds)
    assert form.is_valid()
    assert form.stored()["secret"].startswith("whsec_")
    assert not WebhookForm(typed | {"secret": "whsec_***"}, kinds=kinds).is_valid()


def test_a_secret_is_kept_when_it_is_not_typed_again_and_never_shown(hook, http_server):
    kinds = [("overdue", "逾期")]
    form = WebhookForm(None, endpoint=hook, kinds=kinds)
    assert hook.config["secret"][10:-4] not in form.as_p()
    typed = {"name": "x", "url": http_server.url, "kinds": ["overdue"], "language": "en", "secret": ""}
    form = WebhookForm(typed, endpoint=hook, kinds=kinds)
    assert form.is_valid(), form.errors
    assert form.stored() == {"url": http_server.url, "secret": hook.config["secret"]}
