"""How cases come into being, and why they may not."""

import pytest

from accounts.models import Grant
from pilots.models import Application, Batch
from workflows.beginnings import begin_application, begin_batch
from workflows.refusals import Denied, NotNow


@pytest.fixture
def opened(world):
    walk = world.walk()
    walk.call()
    return walk


def begin(world, walk, place="徐汇区", by=None):
    leader = world.cast.applicant(world.place(place))
    batch = Batch.objects.select_related(*Batch.related).get(pk=walk.batch.pk)
    return begin_application(
        batch, organisation=leader.organisation, place=world.place(place), by=by or leader, at=walk.at
    )


def test_a_second_application_for_a_place_is_refused_in_words(world, opened):
    begin(world, opened)
    with pytest.raises(NotNow) as refusal:
        begin(world, opened)
    assert [reason.code for reason in refusal.value.reasons] == ["already"]
    assert Application.objects.count() == 1


def test_a_stranger_begins_nothing(world, opened):
    with pytest.raises(Denied):
        begin(world, opened, by=world.cast["expert1"])
    assert not Application.objects.exists()


def test_a_body_that_may_not_apply_is_told_so(world, opened):
    leader = world.cast.applicant(world.place("徐汇区"))
    leader.organisation.kind = "enterprise"
    leader.organisation.save()
    with pytest.raises(NotNow) as refusal:
        begin(world, opened)
    assert "wrong_body" in {reason.code for reason in refusal.value.reasons}


def test_a_place_with_a_running_title_or_a_ban_may_not_apply_again(world):
    from config.demo.paths import PATHS

    walk = world.walk()
    walk.lively = True
    PATHS["fail"].live(walk, world.place("徐汇区"))
    again = world.walk(at=walk.at)
    again.call()
    with pytest.raises(NotNow) as refusal:
        begin(world, again)
    assert [reason.code for reason in refusal.value.reasons] == ["banned"]
    assert "不得再次申报" in str(refusal.value)


def test_a_batch_needs_its_officer(world):
    walk = world.walk()
    later = walk.at.replace(year=2018)
    with pytest.raises(Denied):
        begin_batch(
            walk.programme, by=world.cast["expert1"], at=walk.at, title="x", opens_on=walk.at.date(), closes_at=later
        )
    assert not Batch.objects.exists()
    Grant.objects.filter(user=world.cast["officer"]).update(programme="strong_city_creation")
    with pytest.raises(Denied):
        begin_batch(
            walk.programme, by=world.cast["officer"], at=walk.at, title="x", opens_on=walk.at.date(), closes_at=later
        )
