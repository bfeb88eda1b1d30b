"""SMS: only where there is a gateway, only what people want to hear, and the gateway's refusals."""

import json
from datetime import timedelta

import pytest

from notifications import outbox, preferences
from notifications.channels import registry
from notifications.models import Message
from tests.channels import AT, make_endpoint, make_person, tell

pytestmark = pytest.mark.django_db


@pytest.fixture
def gateway(http_server):
    return make_endpoint("sms", {"url": f"{http_server.url}/send", "token": "t0ken", "phone": "13900000000"}, kinds=())


@pytest.fixture
def caller():
    return make_person("caller", phone="13800000001", email="")


def test_without_a_gateway_nothing_is_written(caller):
    tell(caller)
    assert not Message.objects.filter(channel="sms").exists()


def test_a_text_goes_to_the_gateway(gateway, caller, http_server, settings):
    tell(caller)
    tell(caller, kind="reminder")
    assert outbox.send_due(AT) == 1, "a reminder is not worth a text message unless somebody says so"
    ((path, headers, body),) = http_server.requests
    assert (path, headers["Authorization"]) == ("/send", "Bearer t0ken")
    sent = json.loads(body)
    assert sent["phone"] == "13800000001"
    assert sent["text"].startswith("逾期 3 天：初审")
    assert settings.SITE_URL in sent["text"]
    assert len(sent["id"]) == 36


def test_several_are_one_text_and_a_switched_off_kind_is_none(gateway, caller, http_server):
    caller.telling = {"sms": {"due_today": "off", "reminder": "now"}}
    for key in "abc":
        tell(caller, key=key, kind="reminder")
    tell(caller, kind="due_today")
    assert outbox.send_due(AT) == 3
    ((_path, _headers, body),) = http_server.requests
    assert json.loads(body)["text"].startswith("您有 3 条提醒")


def test_quiet_hours_hold_texts_too(gateway, caller, http_server):
    night = AT.replace(hour=15)  # 23:00 in Shanghai
    tell(caller, at=night)
    assert outbox.send_due(night) == 0
    assert outbox.send_due(night + timedelta(hours=8)) == 1


@pytest.mark.parametrize(("status", "state"), [(400, "dead"), (401, "queued"), (429, "queued"), (500, "queued")])
def test_what_the_gateway_says(gateway, caller, http_server, status, state):
    http_server.reply(status, "号码有误".encode())
    tell(caller)
    assert outbox.send_due(AT) == 0
    row = Message.objects.get(channel="sms")
    assert (row.state, "号码有误" in row.error) == (state, True)


def test_a_gateway_that_is_switched_off_keeps_what_waits(gateway, caller, http_server):
    tell(caller)
    gateway.active = False
    gateway.save()
    assert outbox.send_due(AT) == 0
    assert "没有启用" in Message.objects.get(channel="sms").error
    gateway.active = True
    gateway.save()
    assert outbox.send_due(AT + timedelta(minutes=1)) == 1


def test_the_test_message_shows_the_answer(gateway, http_server):
    http_server.reply(202, b"queued as 77")
    assert registry.every()["sms"].test(gateway, AT) == "HTTP 202 queued as 77"
    assert json.loads(http_server.requests[0][2])["phone"] == "13900000000"


def test_defaults_are_documented():
    sms = registry.every()["sms"]
    assert [kind for kind, (_n, usual) in preferences.KINDS.items() if sms.default(kind, usual) == "now"] == [
        "due_today", "overdue", "escalation",
    ]  # fmt: skip
