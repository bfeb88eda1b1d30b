"""Pages about messages that leave: who may change endpoints, secrets stay secret, held messages, the given-up ones."""

from datetime import timedelta

import pytest
from django.core import mail
from django.urls import reverse

from accounts.models import Grant, Organisation, Place
from notifications import epoch, outbox, sentlog
from notifications.channels.webhook.form import new_secret
from notifications.models import Endpoint, Epoch, Message
from tests.channels import AT, make_endpoint, make_person, tell

pytestmark = pytest.mark.django_db
BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


def staff(name, role, programme=""):
    nation, _made = Place.objects.get_or_create(name="中国", short_name="中国", kind="nation")
    body, _made = Organisation.objects.get_or_create(name="司", kind="division", place=nation)
    user = make_person(name, organisation=body)
    Grant.objects.create(user=user, role=role, programme=programme, valid_from=AT - timedelta(days=4000))
    return user


@pytest.fixture
def officer(client):
    user = staff("officer", "programme_officer")
    client.force_login(user, backend=BACKEND)
    return user


def text(answer):
    return answer.content.decode()


def said(client, address, data):
    answer = client.post(address, data, follow=True)
    return text(answer)


def test_an_endpoint_is_added_tested_and_switched_off(client, officer, http_server):
    new = reverse("channel_new", args=["webhook"])
    assert client.get(new).status_code == 200
    typed = {
        "name": "办公系统",
        "url": f"{http_server.url}/in",
        "secret": "",
        "kinds": ["overdue"],
        "language": "zh-hans",
    }
    bad = client.post(new, typed | {"url": "ftp://x", "kinds": []})
    assert bad.status_code == 422
    assert "办公系统" in text(bad)
    page = said(client, new, typed)
    row = Endpoint.objects.get()
    assert row.config["secret"] in page, "a secret the system made is shown once"
    assert row.config["secret"] not in text(client.get(reverse("channel", args=[row.uuid])))
    assert row.created_by == officer
    http_server.reply(200, b'{"got":"it"}')
    assert "HTTP 200" in said(client, reverse("channel_test", args=[row.uuid]), {})
    http_server.reply(403, b"who are you")
    page = said(client, reverse("channel_test", args=[row.uuid]), {})
    assert "who are you" in page
    said(client, reverse("channel_switch", args=[row.uuid]), {"do": "off"})
    row.refresh_from_db()
    assert not row.active
    assert "办公系统" in text(client.get(reverse("channels")))
    # Who did what to it is kept, by names of settings only.
    said(
        client,
        reverse("channel", args=[row.uuid]),
        typed | {"name": "公文系统", "secret": "whsec_YW5vdGhlci1sb25nLXNlY3JldC0wMTIz"},
    )
    changes = list(row.changes.values_list("what", "by__username"))
    assert changes == [(what, officer.username) for what in ("changed", "off", "tested", "tested", "added")]
    page = text(client.get(reverse("channel", args=[row.uuid])))
    assert "修改设置：名称、" in page
    assert "whsec_YW5vdGhlci1sb25nLXNlY3JldC0wMTIz" not in page


def test_a_private_address_is_refused_on_the_form(client, officer):
    for code, field in (("webhook", "url"), ("sms", "url"), ("wecom", "base")):
        typed = {
            "name": "x",
            field: "https://169.254.169.254/",
            "kinds": ["overdue"],
            "language": "en",
            "key": "k",
            "token": "t",
        }
        answer = client.post(reverse("channel_new", args=[code]), typed)
        assert answer.status_code == 422
        assert "PILOTAGE_OUTGOING_ALLOW" in text(answer)
    assert not Endpoint.objects.exists()


def test_one_sms_gateway_is_enough(client, officer, http_server):
    typed = {"name": "短信", "url": http_server.url, "token": "t0ken-secret-9876"}
    said(client, reverse("channel_new", args=["sms"]), typed)
    assert client.post(reverse("channel_new", args=["sms"]), typed).status_code == 422
    first = Endpoint.objects.get()
    page = text(client.get(reverse("channel", args=[first.uuid])))
    assert "t0ken-secret" not in page
    assert "9876" in page
    second = make_endpoint("sms", {}, active=False)
    assert "先停用" in said(client, reverse("channel_switch", args=[second.uuid]), {"do": "on"})


@pytest.mark.parametrize(
    ("role", "programme"), [("auditor", ""), ("division_head", ""), ("programme_officer", "trial_zone")]
)
def test_others_look_and_do_not_touch(client, role, programme):
    row = make_endpoint("webhook", {"url": "https://x.example/", "secret": new_secret()})
    client.force_login(staff("other", role, programme), backend=BACKEND)
    for name, args in (("channels", []), ("channel", [row.uuid]), ("outgoing", []), ("dead", [])):
        assert client.get(reverse(name, args=args)).status_code == 200, name
    for name, args in (("channel_new", ["webhook"]), ("channel", [row.uuid]), ("channel_test", [row.uuid]),
                       ("channel_switch", [row.uuid]), ("outgoing", [])):  # fmt: skip
        assert client.post(reverse(name, args=args), {"reason": "x"}).status_code == 403, name
    row.refresh_from_db()
    assert row.active


def held(client):
    people = [make_person(f"p{number}") for number in range(3)]
    tell(*people)
    outbox.send_due(AT)
    Message.objects.filter(user__in=people[:2], channel="email").update(state="queued", sent_at=None)
    tell(people[0], key="new")
    sentlog.log().set_token(epoch.uuid4(), AT)
    epoch.check(AT)


def test_held_messages_are_counted_told_and_released(client, officer):
    assert "正常发送" in text(client.get(reverse("outgoing")))
    held(client)
    page = text(client.get(reverse("outgoing")))
    assert "放行 1 条" in page
    assert "被通知人" in page
    desk = text(client.get(reverse("ops")))
    assert "核对并放行" in desk
    assert "banner--bad" in desk
    assert client.get("/healthz").json()["outgoing"] == "held"
    assert client.post(reverse("outgoing"), {"reason": ""}).status_code == 422
    page = said(client, reverse("outgoing"), {"reason": "从 3 月 6 日备份恢复"})
    assert "将发出 1 条，2 条此前已发出" in page
    assert "从 3 月 6 日备份恢复" in page
    assert Epoch.objects.exclude(by=None).get().by == officer
    assert client.get("/healthz").json()["outgoing"] == "open"
    before = len(mail.outbox)
    assert outbox.send_due(AT + timedelta(days=1)) == 1
    assert len(mail.outbox) == before + 1


def give_up(n, channel="email"):
    people = [make_person(f"{channel}{number}", phone="1") for number in range(n)]
    tell(*people, key=channel)
    Message.objects.filter(channel=channel).update(state="dead", error="邮件服务器拒收", error_en="refused")


def test_the_given_up_are_listed_filtered_and_tried_again(client, officer, django_assert_max_num_queries):
    give_up(25)
    make_endpoint("webhook", {}, name="系统甲")
    tell(programme="x", key="hook")
    Message.objects.filter(channel="webhook").update(state="dead", error="没有接收")
    with django_assert_max_num_queries(12):
        page = text(client.get(reverse("dead")))
    assert "全部重试（26）" in page
    assert "系统甲" in text(client.get(reverse("dead") + "?channel=webhook"))
    assert "全部重试（1）" in text(client.get(reverse("dead") + "?channel=webhook"))
    assert client.get(reverse("dead") + "?channel=nonsense").status_code == 200
    one = Message.objects.filter(channel="email").first()
    client.post(reverse("ops_retry", args=[one.uuid]))
    one.refresh_from_db()
    assert (one.state, one.attempts, one.tried_from) == ("queued", 0, None)
    retry = reverse("dead_retry") + "?channel=email"
    assert "重试 24 条消息" in text(client.get(retry))
    assert Message.objects.filter(state="dead").count() == 25, "asking changes nothing"
    assert "24 条" in said(client, retry, {})
    assert dict(Message.objects.exclude(channel="inbox").values_list("channel", "state")) == {
        "email": "queued",
        "webhook": "dead",
    }


def test_reasons_are_told_in_the_readers_language(client, officer):
    give_up(1)
    client.cookies["django_language"] = "en"
    officer.language = "en"
    officer.save()
    page = text(client.get(reverse("dead")))
    assert "refused" in page


def test_lists_of_any_length_cost_the_same(client, officer, django_assert_max_num_queries):
    for number in range(15):
        make_endpoint("webhook", {}, name=str(number))
    held(client)
    for name in ("channels", "outgoing", "ops"):
        with django_assert_max_num_queries(14):
            client.get(reverse(name))


def test_sms_is_offered_only_where_it_can_arrive(client, http_server):
    person = make_person("p", phone="13800000000")
    client.force_login(person, backend=BACKEND)
    address = reverse("telling")
    assert "短信" not in text(client.get(address)).partition("哪些事怎样通知")[2].partition("</table>")[0]
    make_endpoint("sms", {"url": http_server.url, "token": "x"}, kinds=())
    assert "sms_overdue" in text(client.get(address))
    from notifications import preferences

    wish = dict.fromkeys(preferences.KINDS, "off") | {f"sms_{kind}": "now" for kind in preferences.KINDS}
    client.post(address, wish | {"quiet_from": "00:00", "quiet_to": "00:00"})
    person.refresh_from_db()
    assert preferences.chosen(person).modes["sms"]["reminder"] == "now"
    assert preferences.chosen(person).mail["overdue"] == "off"
    bad = client.post(address, wish | {"quiet_from": "00:00", "quiet_to": "00:00", "sms_overdue": "digest"})
    assert bad.status_code == 422
    Endpoint.objects.update(active=False)
    client.post(address, wish | {"quiet_from": "00:00", "quiet_to": "00:00"})
    person.refresh_from_db()
    assert preferences.chosen(person).modes["sms"]["reminder"] == "now", "a choice about what is not offered now stays"
