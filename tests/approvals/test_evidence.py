"""The evidence page: the true reason, to whom, as of which day, at what cost."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts import clock
from approvals.models import Review
from config.demo.paths import PATHS
from pilots.models import Application, Designation
from workflows.models import LedgerEntry

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


@pytest.fixture
def accepted(world):
    """A site accepted after its whole term."""
    walk = world.walk()
    PATHS["rectify"].live(walk, world.place("徐汇区"))
    return walk


def page(client, user, case, **query):
    client.force_login(user, backend=BACKEND)
    return client.get(reverse("evidence", args=[case._meta.model_name, case.uuid]), query)


def test_a_site_is_explained_from_the_call_to_the_acceptance(client, accepted):
    site = Designation.objects.get()
    text = page(client, accepted.cast["auditor"], site).content.decode()
    for words in ("验收合格", "提交申报", "推荐", "形式审查", "名单", "批复", "报送建设方案", "提交整改报告", "验收结论",
                  "入选线 60 分", "各专家得分", "前后相连，未被改动", "按期办结"):  # fmt: skip
        assert words in text, words
    review = Review.objects.filter(state="submitted").first()
    assert review.expert.name in text
    assert str(review.total) in text


def test_as_of_a_day_shows_the_case_as_it_stood(client, accepted):
    site, auditor = Designation.objects.get(), accepted.cast["auditor"]
    day = site.term_start + timedelta(days=200)
    text = page(client, auditor, site, on=day.isoformat()).content.decode()
    assert f"截至 {day}" in text
    assert "<strong>建设期内</strong>" in text
    assert "报送建设方案" in text
    assert "验收结论" not in text
    assert site.evaluations.first().conclusion not in text
    early = (day - timedelta(days=4000)).isoformat()
    assert "这一天还没有这个事项" in page(client, auditor, site, on=early).content.decode()
    assert "日期无法识别" in page(client, auditor, site, on="昨天").content.decode()


def test_the_applicant_reads_what_concerns_it_and_no_more(client, accepted):
    application = Application.objects.get()
    text = page(client, accepted.leader_of(application), application).content.decode()
    assert "批准设立" in text
    for review in Review.objects.select_related("expert"):
        assert review.expert.name not in text
        assert str(review.total) not in text
    assert "各专家得分" not in text
    assert accepted.cast["officer"].name not in text


def test_one_who_judges_it_and_strangers_get_nothing(client, world):
    _walk, application = world.application(to="expert_review")
    expert = application.reviews.first().expert
    assert page(client, expert, application).status_code == 404
    other = world.cast.applicant(world.place("江宁区"))
    assert page(client, other, application).status_code == 404
    assert client.get(reverse("evidence", args=["nothing", application.uuid])).status_code == 404


def test_a_changed_row_shows_as_a_broken_chain(client, accepted):
    application = Application.objects.get()
    row = LedgerEntry.objects.filter(case_uuid=application.uuid, act="submit").get()
    LedgerEntry.objects.filter(pk=row.pk).update(reason="后加的")
    assert "记录链不连续" in page(client, accepted.cast["auditor"], application).content.decode()


@pytest.mark.parametrize("model", [Application, Designation])
def test_it_costs_the_same_however_much_was_done(client, accepted, model):
    case = model.objects.get()
    address = reverse("evidence", args=[case._meta.model_name, case.uuid])
    page(client, accepted.cast["auditor"], case)
    with CaptureQueriesContext(connection) as whole:
        assert client.get(address).status_code == 200
    with CaptureQueriesContext(connection) as little:
        client.get(address, {"on": clock.today(case.batch.published_at).isoformat()})
    assert len(whole) <= 20, len(whole)
    assert len(little) <= len(whole) + 1
