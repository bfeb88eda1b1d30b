"""The three bots against a server that answers like theirs: taken, refused inside a 200, 500, slow, never."""

import base64
import hashlib
import hmac
import json
import sys
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest

from notifications import outbox
from notifications.channels import bots, http, registry
from notifications.channels.base import Temporary
from notifications.models import Message
from tests.channels import AT, make_endpoint, tell

pytestmark = pytest.mark.django_db
BOTS = {
    "wecom": ({"key": "ab-12_cd"}, "/cgi-bin/webhook/send", lambda sent: sent["text"]["content"], b'{"errcode":0,"errmsg":"ok"}',
              b'{"errcode":93000,"errmsg":"invalid webhook url"}'),
    "dingtalk": ({"token": "abc123", "secret": "SECdef456"}, "/robot/send", lambda sent: sent["text"]["content"],
                 b'{"errcode":0}', b'{"errcode":310000,"errmsg":"sign not match"}'),
    "feishu": ({"token": "ab-12"}, "/open-apis/bot/v2/hook/ab-12", lambda sent: sent["content"]["text"],
               b'{"code":0,"msg":"success"}', b'{"code":19001,"msg":"param invalid"}'),
}  # fmt: skip
EVERY = pytest.mark.parametrize("code", BOTS)


@pytest.fixture
def bot(code, http_server):
    config, _path, _text, taken, _refused = BOTS[code]
    http_server.reply(200, taken)
    return make_endpoint(code, config | {"base": http_server.url}, programme="trial_zone")


@EVERY
def test_the_group_hears_of_its_programme_only(code, bot, http_server):
    _config, path, text, *_rest = BOTS[code]
    tell(programme="another")
    assert outbox.send_due(AT) == 0
    tell(programme="trial_zone")
    tell(programme="trial_zone", kind="outcome")
    assert outbox.send_due(AT) == 1, "a kind the group did not ask for is not sent"
    ((asked, _headers, body),) = http_server.requests
    assert urlsplit(asked).path.rstrip("/") == path
    assert "逾期 3 天" in text(json.loads(body))


@EVERY
def test_a_refusal_inside_a_200_is_not_taken_for_delivered(code, bot, http_server):
    http_server.reply(200, BOTS[code][4])
    tell(programme="trial_zone")
    assert outbox.send_due(AT) == 0
    row = Message.objects.get(channel=code)
    assert (row.state, row.attempts, row.not_before) == ("queued", 1, AT + timedelta(minutes=1))
    assert "机器人没有接收" in row.error
    with pytest.raises(Temporary):
        registry.every()[code].test(bot, AT)


@EVERY
def test_a_bot_that_answers_500_is_tried_again_for_seven_days(code, bot, http_server):
    http_server.reply(500, b"oops")
    tell(programme="trial_zone")
    at, tries = AT, 0
    while Message.objects.get(channel=code).state == "queued":
        outbox.send_due(at)
        at, tries = at + timedelta(hours=6), tries + 1
        assert tries < 40
    assert at - AT > timedelta(days=7)
    assert "HTTP 500" in Message.objects.get(channel=code).error


@EVERY
def test_a_bot_that_never_answers(code, bot, http_server, monkeypatch):
    monkeypatch.setattr(http, "WHOLE", 0.4)
    http_server.answer = lambda handler: http_server.over.wait(20)
    tell(programme="trial_zone")
    assert outbox.send_due(AT) == 0
    assert "没有答复" in Message.objects.get(channel=code).error


@EVERY
def test_the_test_message_shows_the_answer(code, bot, http_server):
    assert registry.every()[code].test(bot, AT).startswith("HTTP 200")
    assert "工作群" in BOTS[code][2](json.loads(http_server.requests[0][2]))


@EVERY
def test_without_the_library_it_says_what_is_missing(code, bot, monkeypatch):
    for name in [name for name in sys.modules if name.partition(".")[0] == "apprise"]:
        monkeypatch.setitem(sys.modules, name, None)
    monkeypatch.setitem(sys.modules, "apprise", None)
    assert "bots" in registry.every()[code].missing()
    tell(programme="trial_zone")
    assert outbox.send_due(AT) == 0
    assert "bots" in Message.objects.get(channel=code).error


@pytest.mark.parametrize("code", ["dingtalk"])
def test_dingtalks_signature_is_right(code, bot, http_server):
    tell(programme="trial_zone")
    outbox.send_due(AT)
    query = parse_qs(urlsplit(http_server.requests[0][0]).query)
    stamp, secret = query["timestamp"][0], "SECdef456"
    expected = base64.b64encode(
        hmac.new(secret.encode(), f"{stamp}\n{secret}".encode(), hashlib.sha256).digest()
    ).decode()
    assert query["sign"][0] == expected
    assert query["access_token"] == ["abc123"]


@pytest.mark.parametrize("code", ["wecom"])
def test_a_private_server_is_refused_unless_named(code, bot, http_server, settings):
    settings.OUTGOING_ALLOW = []
    tell(programme="trial_zone")
    outbox.send_due(AT)
    assert Message.objects.get(channel="wecom").state == "dead"
    assert http_server.requests == []


@pytest.mark.parametrize("code", ["wecom"])
def test_a_long_list_is_cut_at_whole_messages(code, bot, http_server):
    for number in range(60):
        tell(programme="trial_zone", key=f"k{number}")
    assert outbox.send_due(AT) == 60
    ((_path, _headers, body),) = http_server.requests
    said = json.loads(body)["text"]["content"]
    assert len(said.encode()) <= 2048
    assert "另有" in said
    assert said.count("/x/") + int(said.partition("另有 ")[2].partition(" 条")[0]) == 60


@EVERY
def test_the_form_keeps_the_key_to_itself(code):
    channel = registry.every()[code]
    endpoint = make_endpoint(code, dict.fromkeys(channel.secrets, "abcdefghijkl1234") | {"base": ""})
    form = channel.form(None, endpoint=endpoint, kinds=[("overdue", "逾期")])
    assert "abcdefghijkl" not in form.as_p()
    assert "1234" in form.as_p()
    bad = channel.form({"name": "x", "kinds": ["overdue"], "language": "en", "base": "https://10.0.0.1", channel.secrets[0]: "a/b"},
                       kinds=[("overdue", "逾期")])  # fmt: skip
    assert set(bad.errors) == {"base", channel.secrets[0]}


def test_the_stand_in_carries_what_the_plugins_use():
    assert bots._DOOR.codes.ok == 200
