"""Home, calls, one call: what a passer-by may read."""

from datetime import timedelta

import pytest
from django.urls import reverse

from config.demo.paths import _to_site

pytestmark = pytest.mark.django_db


def test_home_without_an_open_call_says_so(world, stand, browse):
    stand(world.start)
    text = browse().read("/")
    assert "目前没有开放申报的项目" in text
    assert "目前没有正在公示的名单" in text


def test_home_lists_open_calls_and_offers_the_verify_box(walk, stand, browse):
    batch = walk.call()
    stand(walk.at)
    answer = browse().get("/")
    assert batch.title in answer.content.decode()
    assert f'action="{reverse("verify")}"' in answer.content.decode()


def test_home_lists_a_running_notice(world, stand, browse):
    walk, _application = world.application(to="ready")
    walk.close()
    walk.decide()
    batch = walk.act(walk.batch, "publish_notice", world.cast["checker"])
    stand(walk.at)
    answer = browse().get("/")
    assert reverse("notice", args=[batch.uuid]) in answer.content.decode()


def test_a_call_that_is_not_out_is_404(walk, stand, browse):
    batch = walk.prepare()
    stand(walk.at)
    browse().read(reverse("call", args=[batch.uuid]), status=404)
    assert batch.title not in browse().read("/calls/")


def test_an_open_call_names_who_how_many_what_and_how_long(walk, stand, browse):
    batch = walk.call()
    stand(walk.at)
    text = browse().read(reverse("call", args=[batch.uuid]))
    for part in ("区县人民政府", "每省推荐不超过 2 个", "建设方案", "10 个工作日", "开始申报"):
        assert part in text


def test_a_closed_call_says_since_when_and_offers_no_start(walk, stand, browse):
    batch = walk.call()
    stand(batch.closes_at + timedelta(minutes=1))
    text = browse().read(reverse("call", args=[batch.uuid]))
    assert "申报已截止" in text
    assert "开始申报" not in text


def test_officials_are_not_offered_to_apply(walk, world, stand, browse):
    batch = walk.call()
    stand(walk.at)
    assert "开始申报" not in browse(world.cast["officer"]).read(reverse("call", args=[batch.uuid]))


def test_a_confidential_call_needs_a_sign_in(walk, world, stand, browse, monkeypatch):
    batch = walk.call()
    stand(walk.at)
    from pilots.rules import Rules

    secret = batch.rules.model_copy(update={"confidential": True})
    assert isinstance(secret, Rules)
    monkeypatch.setattr("pilots.models.programme.cached", lambda text: secret)
    url = reverse("call", args=[batch.uuid])
    browse().read(url, status=404)
    assert batch.title not in browse().read("/")
    assert batch.title in browse(world.cast["officer"]).read(url)


@pytest.fixture
def kept(monkeypatch):
    """`kept()`: from now on all programmes are confidential."""
    from pilots.rules.document import cached

    def _kept():
        secret = {}

        def read(text):
            return secret.setdefault(text, cached(text).model_copy(update={"confidential": True}))

        monkeypatch.setattr("pilots.models.programme.cached", read)

    return _kept


def test_a_confidential_notice_needs_a_sign_in(world, stand, browse, kept):
    walk, application = world.application(to="ready")
    walk.close()
    walk.decide()
    batch = walk.act(walk.batch, "publish_notice", world.cast["checker"])
    stand(walk.at)
    pages = [reverse("notice", args=[batch.uuid]), reverse("notice_file", args=[batch.uuid, "docx"]),
             reverse("object", args=[batch.uuid, application.uuid])]  # fmt: skip
    # The planted positive.
    assert [browse().get(page).status_code for page in pages] == [200, 200, 200]
    assert batch.title in browse().read("/notices/")
    kept()
    assert [browse().get(page).status_code for page in pages] == [404, 404, 404]
    assert batch.title not in browse().read("/notices/") + browse().read("/")
    assert batch.title in browse(world.cast["officer"]).read(pages[0])


def test_titles_that_ended_are_published_where_the_programme_is(world, walk, stand, browse, kept):
    site = walk.revoked(_to_site(walk, world.place("徐汇区")))
    stand(walk.at)
    assert site.title in browse().read("/ended/")
    kept()
    assert site.title not in browse().read("/ended/")
    assert site.title in browse(world.cast["officer"]).read("/ended/")
    type(walk.batch).objects.filter(pk=site.batch_id).update(intake="commissioned")
    assert site.title not in browse(world.cast["officer"]).read("/ended/")


def test_starting_needs_a_sign_in(walk, stand, browse):
    batch = walk.call()
    stand(walk.at)
    answer = browse().get(reverse("application_new", args=[batch.uuid]))
    assert answer.status_code == 302
    assert answer["Location"].startswith(reverse("account_login"))


@pytest.mark.parametrize(
    ("month_day", "on"), [("06-30", "2017-06-30"), ("02-30", "2018-02-28"), ("03-07", "2018-03-07")]
)
def test_the_next_expected_call_is_the_next_such_day(month_day, on):
    from datetime import date

    from pilots.views.public import _next

    assert _next(month_day, date(2017, 3, 7)).isoformat() == on
