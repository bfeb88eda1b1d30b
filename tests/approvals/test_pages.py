"""Pages of judgement: what they show, to whom, at what cost."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts import clock
from approvals.models import Certificate, Objection, Review
from config.demo.paths import PATHS
from pilots.models import Application, Batch

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
LIST, CASE = 12, 20


def signed_in(client, user):
    client.force_login(user, backend=BACKEND)
    return client


def statements(client, address):
    with CaptureQueriesContext(connection) as captured:
        answer = client.get(address)
    assert answer.status_code == 200, answer
    return len(captured), answer


@pytest.fixture
def issued(world):
    """A certificate, issued through the whole road."""
    walk = world.walk()
    PATHS["return"].live(walk, world.place("徐汇区"))
    return walk


def test_a_certificate_is_verified_without_signing_in(client, issued):
    certificate = Certificate.objects.get()
    for typed in (certificate.code, certificate.code.lower(), f"{certificate.code[:5]}-{certificate.code[5:]}"):
        answer = client.get(reverse("verify"), {"code": typed}, follow=True)
        assert "证书有效" in answer.content.decode()
    assert answer.headers["X-Robots-Tag"] == "noindex"


def test_unknown_and_wrong_codes_get_the_same_answer(client, issued):
    real = Certificate.objects.get().code
    wrong = ("0" if real[0] != "0" else "1") + real[1:]
    pages = [client.get(reverse("verify_code", args=[code])).content.decode() for code in (wrong, "nonsense")]
    assert all("查无此证" in page for page in pages)
    assert all("证书信息" not in page for page in pages)


def test_a_pending_certificate_cannot_be_verified(client, issued):
    certificate = Certificate.objects.get()
    Certificate.objects.filter(pk=certificate.pk).update(state="pending", sha256="", issued_at=None)
    assert "查无此证" in client.get(reverse("verify_code", args=[certificate.code])).content.decode()


def test_an_expired_certificate_says_so(client, issued, monkeypatch):
    certificate = Certificate.objects.get()
    Certificate.objects.update(valid_to=issued.start if hasattr(issued, "start") else "2017-04-12")
    assert "证书已到期" in client.get(reverse("verify_code", args=[certificate.code])).content.decode()


def test_guessing_codes_is_slowed_down(client, issued):
    answers = [client.get(reverse("verify_code", args=["nonsense"])).status_code for _n in range(12)]
    assert answers[0] == 200
    assert answers[-1] == 429


def test_an_objection_holds_one_item_and_the_rest_goes_on(monkeypatch, client, world):
    walk = world.walk()
    walk.call()
    for rank, name in enumerate(("徐汇区", "海淀区"), start=1):
        application = walk.apply(world.place(name))
        walk.review(walk.assign(walk.check(walk.recommend(application, rank=rank))))
    walk.close()
    walk.decide()
    walk.batch = walk.act(walk.batch, "publish_notice", world.cast["checker"])
    first = Application.objects.get(place__name="徐汇区")
    address = reverse("object", args=[walk.batch.uuid, first.uuid])
    monkeypatch.setattr(clock, "now", lambda: walk.at)
    assert client.post(address, {"text": ""}).status_code == 422, "kept and named, not lost"
    answer = client.post(address, {"objector": "某公司", "contact": "010-1", "text": "数据不实", "evidence": "年鉴"})
    assert Objection.objects.get().number in answer.content.decode()
    first.refresh_from_db()
    assert first.state == "held"
    walk.until(walk.batch.closes_at + timedelta(days=40))
    walk.batch.refresh_from_db()
    walk.issue()
    states = dict(Application.objects.values_list("place__name", "state"))
    assert states == {"徐汇区": "held", "海淀区": "approved"}
    assert "未满" not in answer.content.decode()


def test_an_anonymous_or_late_objection_is_kept_as_a_lead(client, issued):
    application = Application.objects.get()
    batch = Batch.objects.get()
    client.post(reverse("object", args=[batch.uuid, application.uuid]), {"text": "听说有问题"})
    assert Objection.objects.get().state == "lead"
    application.refresh_from_db()
    assert application.state == "approved"


def test_an_expert_scores_on_the_page_and_bad_scores_are_kept_and_named(client, world):
    _walk, application = world.application(to="expert_review")
    expert = Review.objects.filter(application=application).first().expert
    signed_in(client, expert)
    address = reverse("review", args=[application.uuid])
    codes = [criterion.code for criterion in application.rules.scoring.criteria]
    wrong = dict.fromkeys(codes, "8") | {codes[0]: "11", "comment": "写了很久的意见"}
    answer = client.post(address, wrong)
    assert answer.status_code == 422
    assert "写了很久的意见" in answer.content.decode()
    assert client.post(address, dict.fromkeys(codes, "8") | {"comment": "好"}).status_code == 302
    assert Review.objects.get(expert=expert).total == 80
    again = client.post(address, dict.fromkeys(codes, "1"))
    assert again.status_code == 422, "a second submission changes nothing"
    assert Review.objects.get(expert=expert).total == 80


def test_a_draft_score_is_saved_as_it_is_typed(client, world):
    _walk, application = world.application(to="expert_review")
    expert = Review.objects.filter(application=application).first().expert
    signed_in(client, expert)
    code = application.rules.scoring.criteria[0].code
    save = reverse("review_save", args=[application.uuid])
    assert client.post(save, {"field": code, "value": "7", "rev": "0"}).json()["error"] == ""
    assert client.post(save, {"field": code, "value": "70"}).json()["error"]
    assert client.post(save, {"field": "nonsense", "value": "1"}).status_code == 400
    assert Review.objects.get(expert=expert).scores == {code: "7"}


def test_an_expert_does_not_see_what_is_not_theirs(client, world):
    _walk, application = world.application(to="expert_review")
    reviewing = set(Review.objects.values_list("expert_id", flat=True))
    outsider = next(user for user in world.cast.experts if user.pk not in reviewing)
    assert signed_in(client, outsider).get(reverse("review", args=[application.uuid])).status_code == 404


@pytest.mark.parametrize("name", ["batches", "certificates", "objections", "notices", "inbox", "calendar", "ops"])
def test_lists_cost_the_same_at_any_size(client, issued, world, name):
    user = world.cast["head"] if name == "objections" else world.cast["officer"]
    signed_in(client, user)
    few, _answer = statements(client, reverse(name))
    for row in Batch.objects.all():
        for number in range(40):
            row.pk = None
            row.uuid = None
            Batch.objects.bulk_create([_copy(row, number)])
        break
    for number in range(30):
        Objection.objects.create(application=Application.objects.get(), number=f"X{number}", text="x",
                                 received_at=issued.at)  # fmt: skip
    many, _answer = statements(client, reverse(name))
    assert many <= max(few, LIST)
    assert many <= LIST


def _copy(row, number):
    import uuid

    row.number, row.uuid = f"C-{number}", uuid.uuid4()
    return row


def test_one_batch_costs_little(client, issued, world):
    signed_in(client, world.cast["officer"])
    cost, answer = statements(client, reverse("batch", args=[Batch.objects.get().uuid]))
    assert cost <= CASE
    assert "徐汇区" in answer.content.decode()


def test_a_batch_is_prepared_in_the_browser_and_errors_keep_what_was_typed(client, world):
    signed_in(client, world.cast["officer"])
    form = {"programme": "service_cluster_trial_zone", "title": "第一批", "opens_on": "2017-03-07",
            "closes_on": "2017-03-01", "call_text": "请申报。"}  # fmt: skip
    answer = client.post(reverse("batch_new"), form)
    assert "截止日期不能早于开始日期" in answer.content.decode()
    assert "请申报。" in answer.content.decode()
    assert client.post(reverse("batch_new"), form | {"closes_on": "2017-04-01"}).status_code == 302
    assert Batch.objects.get().state == "draft"


def test_an_expert_never_reads_whom_to_call(client, world):
    """Names and telephones of the applicant's people are not for experts, blind or not (programmes.md §4)."""
    _walk, application = world.application(to="expert_review")
    expert = Review.objects.filter(application=application).first().expert
    identifying = [
        str(application.answers[section.code][spec.code])
        for section in application.rules.sections
        for spec in section.fields
        if spec.identifying
    ]
    assert len(identifying) >= 2
    for user, seen in ((expert, False), (world.cast["officer"], True)):
        signed_in(client, user)
        pages = [reverse("application", args=[application.uuid])]
        pages += [reverse("review", args=[application.uuid])] if not seen else []
        for page in pages:
            text = client.get(page).content.decode()
            assert [value in text for value in identifying] == [seen] * len(identifying), page
