"""The words of messages and letters: who may write them, what is refused, which count, and as of when."""

from datetime import timedelta

import pytest
from django.urls import reverse

from accounts.models import Grant, User
from accounts.roles import Role
from notifications import outbox, wordings, words
from notifications.models import Deadline, Message, Wording
from tests.world import TRIAL

pytestmark = pytest.mark.django_db
LIST = 12
ZH = ("催办 $case", "请在 $due 前办完 $case 的$label。")


@pytest.fixture
def duty(world):
    world.application(to="province_review")
    return Deadline.objects.open().get(code="prov")


def keep(world, text=ZH, programme="", kind="reminder", language="zh-hans", seen=0):
    return wordings.save((kind, programme, language), text, seen=seen, by=world.cast["officer"], at=world.start)


def told(duty, world, person, **more):
    return outbox.write("reminder", "k", [person], world.start, duty=duty, **outbox.about(duty, 7), **more)[0]


@pytest.mark.parametrize(
    ("subject", "body", "field", "part"),
    [
        ("", "正文 $case", "subject", "不能为空"),
        ("标题", "  ", "body", "不能为空"),
        ("标题 $case", "剩 $day 天", "body", "没有 $day 这个占位符"),
        ("标题 ${nobody}", "$case", "subject", "没有 $nobody 这个占位符"),
        ("标题", "共 5$ 元，$case", "body", "单独的 $"),
        ("标题", "请尽快办理。", "body", "$case"),
        ("两\n行 $case", "正文", "subject", "只能有一行"),
        ("{{ case }} {% now %}", "请尽快办理。", "body", "$case"),
    ],
)
def test_a_text_that_cannot_be_sent_is_refused_with_its_field(subject, body, field, part):
    found = [(name, str(text)) for name, text in words.faults(words.KINDS["reminder"], subject, body)]
    assert any(name == field and part in text for name, text in found), found


def test_every_text_that_came_with_the_system_can_be_sent():
    for kind in words.KINDS.values():
        for subject, body in kind.texts.values():
            assert words.faults(kind, subject, body) == [], kind.code
            filled = words.fill((subject, body), {item.name: item.example for item in kind.placeholders})
            assert "$" not in "".join(filled), kind.code


def test_values_are_text_and_never_templates():
    text = words.fill(("$case", "$case"), {"case": "$due {{ x }} ${basis}"})
    assert text == ("$due {{ x }} ${basis}", "$due {{ x }} ${basis}")


def test_the_programme_s_own_words_go_before_those_for_all(duty, world):
    person = world.cast["officer"]
    assert told(duty, world, person).subject.startswith("提醒：")
    keep(world)
    assert told(duty, world, person).subject == f"催办 {duty.subject_label}"
    keep(world, ("本项目 $case", "$case"), programme=TRIAL)
    assert told(duty, world, person).subject == f"本项目 {duty.subject_label}"
    keep(world, None, programme=TRIAL, seen=1)
    assert told(duty, world, person).subject == f"催办 {duty.subject_label}"
    keep(world, None, seen=1)
    assert told(duty, world, person).subject.startswith("提醒：")


def test_each_language_has_words_of_its_own(duty, world):
    keep(world, ("Hurry: $case", "$case"), language="en")
    english = User.objects.create(username="en", name="Ann", language="en")
    assert told(duty, world, english).subject.startswith("Hurry: ")
    assert told(duty, world, world.cast["officer"]).subject.startswith("提醒：")


def test_a_message_of_an_act_speaks_in_the_office_s_words(world):
    keep(world, ("新活儿 $case", "$case"), kind="duty_opened")
    world.application(to="province_review")
    assert Message.objects.filter(kind="duty_opened", subject__startswith="新活儿").exists()


def test_two_officers_do_not_overwrite_each_other(world):
    keep(world)
    with pytest.raises(wordings.Clash):
        keep(world, ("别的 $case", "$case"), seen=0)
    assert Wording.objects.count() == 1


def test_a_letter_is_made_again_in_the_words_of_its_day(world):
    from approvals.models import Letter
    from approvals.papers.words import letter_text

    walk = world.walk("military_civil_pilot")
    walk.call()
    row = Letter.objects.create(
        batch=walk.batch, province=world.place("上海市"), number="沪知函〔2017〕1号", at=walk.at, by=world.cast["officer"],
        recommended=[{"number": "1"}],
    )  # fmt: skip
    before = letter_text(row)
    assert row.batch.title in before
    wordings.save(("letter", "", "zh-hans"), ("", "现推荐 $n 件（$batch）。"), seen=0, by=world.cast["officer"],
                  at=walk.at + timedelta(days=1))  # fmt: skip
    assert letter_text(row) == before
    row.at = walk.at + timedelta(days=2)
    assert letter_text(row) == f"现推荐 {len(row.recommended)} 件（{row.batch.title}）。"


# --- pages -------------------------------------------------------------------------------------------------------


@pytest.fixture
def officer(client, world, duty):
    client.force_login(world.cast["officer"], backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


def page_of(kind="reminder", **query):
    return reverse("words_of", args=[kind]) + "?" + "&".join(f"{key}={value}" for key, value in query.items())


def test_a_text_is_previewed_on_a_real_case_saved_and_restored(officer, duty):
    url = page_of()
    form = {"subject": ZH[0], "body": ZH[1], "seen": 0, "case": "0", "do": "preview"}
    answer = officer.post(url, form)
    assert answer.status_code == 200
    assert f"催办 {duty.subject_label}" in answer.content.decode()
    assert not Wording.objects.exists()
    assert officer.post(url, form | {"do": "save", "note": "改得简短"}).status_code == 302
    assert officer.post(url, form | {"do": "save", "seen": 1, "subject": "再催 $case"}).status_code == 302
    text = officer.get(url).content.decode()
    for part in ("第 2 版", "改得简短", "恢复这一版", "全部项目自定"):
        assert part in text, part
    officer.post(url, {"do": "restore:1"})
    assert wordings.book().text("reminder", "zh-hans") == ZH
    officer.post(url, {"do": "reset"})
    assert wordings.book().level("reminder", "zh-hans") == "system"
    assert Wording.objects.count() == 4


def test_what_is_wrong_is_said_and_nothing_typed_is_lost(officer):
    answer = officer.post(page_of(), {"subject": "很长的标题", "body": "写了很多字", "seen": 0, "do": "save"})
    text = answer.content.decode()
    assert answer.status_code == 422
    assert "写了很多字" in text
    assert "很长的标题" in text
    assert "否则收到的人不知道是哪一件" in text


def test_a_clash_shows_the_other_version_and_keeps_mine(officer, world):
    keep(world)
    mine = {"subject": "我写的 $case", "body": "我的正文", "seen": 0, "do": "save"}
    answer = officer.post(page_of(), mine)
    text = answer.content.decode()
    assert answer.status_code == 409
    assert "我的正文" in text
    assert "已保存第 1 版" in text
    assert officer.post(page_of(), mine | {"seen": 1}).status_code == 302


def test_who_may_not_write_may_read(client, world, duty):
    client.force_login(world.cast["head"], backend="allauth.account.auth_backends.AuthenticationBackend")
    text = client.get(page_of()).content.decode()
    assert "保存为新版本" not in text
    assert "由本项目的项目主管办理" in text
    assert client.post(page_of(), {"subject": "a", "body": "$case", "seen": 0, "do": "save"}).status_code == 403


def test_an_officer_of_one_programme_writes_for_that_one_only(client, world, duty):
    person = User.objects.create(username="one", name="单项")
    Grant.objects.create(
        user=person, role=Role.PROGRAMME_OFFICER, programme=TRIAL, valid_from=world.start - timedelta(1)
    )
    client.force_login(person, backend="allauth.account.auth_backends.AuthenticationBackend")
    form = {"subject": "x $case", "body": "$case", "seen": 0, "do": "save"}
    assert client.post(page_of(programme=TRIAL), form).status_code == 302
    assert client.post(page_of(), form).status_code == 403
    assert client.get(page_of(programme="strong_city_creation")).status_code == 404


@pytest.mark.parametrize("url", ["/words/nothing/", "/words/reminder/?language=fr", "/words/?programme=nothing"])
def test_what_there_is_not_is_not_found(officer, url):
    assert officer.get(url).status_code == 404


def test_pages_cost_the_same_at_two_sizes(officer, world, duty, django_assert_max_num_queries):
    for n in range(2):
        for url in (reverse("words"), page_of(), reverse("week")):
            with django_assert_max_num_queries(LIST):
                assert officer.get(url).status_code == 200
        if n == 0:
            for seen in range(6):
                keep(world, seen=seen)
            for _n in range(4):
                world.application(to="province_review")


def test_the_week_says_who_is_told_on_which_day(officer, duty, monkeypatch, world):
    from accounts import clock

    rung = duty.reminders.filter(state="waiting").order_by("speaks_at").first()
    monkeypatch.setattr(clock, "now", lambda: rung.speaks_at - timedelta(days=2))
    text = officer.get(reverse("week")).content.decode()
    assert duty.subject_label in text
    assert str(clock.today(rung.speaks_at)) in text
    assert "七天内没有要发的提醒" not in text
    # Somebody's seat is empty: said before it hurts.
    Grant.objects.filter(role=Role.PROVINCE_OFFICER).update(valid_to=rung.speaks_at - timedelta(days=3))
    assert "无人承办，将报上一级" in officer.get(reverse("week")).content.decode()
