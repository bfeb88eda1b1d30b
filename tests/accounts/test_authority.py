"""What a grant reaches: the list predicate and the question about one case give the same answer for everybody."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from accounts import clock
from accounts.authority import Authority
from accounts.holders import holders
from accounts.models import Grant, Place, User
from accounts.roles import Role
from pilots.models import Application


@pytest.fixture
def crowd(world):
    """Applications in three provinces at different stages, and everybody who has a part in them."""
    walk = world.walk()
    walk.call()
    for place, far in (("徐汇区", 4), ("江宁区", 2), ("海淀区", 1), ("苏州市", 0)):
        application = walk.apply(world.place(place), submit=far > 0)
        world.cast.province(application.province)
        for step in (walk.recommend, walk.check, walk.assign)[: max(far - 1, 0)]:
            application = step(application)
    return walk


def test_the_list_and_the_single_question_agree_for_everybody(crowd):
    """The oracle asks each grant about each case by itself; a draft is only its applicant's."""
    seen = 0
    for user in User.objects.all():
        authority = Authority(user, crowd.at)
        listed = set(Application.objects.visible_to(authority).values_list("pk", flat=True))
        for application in Application.objects.select_related(*Application.related).prefetch_related("reviews"):
            reaches = any(held.covers(application.scope(), user.pk) for held in authority.held)
            own = any(held.organisation_id == application.organisation_id for held in authority.held)
            expected = reaches and (application.state != "draft" or own)
            assert (application.pk in listed) == expected, (user.username, application)
            seen += expected
    assert seen > 30


def test_nobody_without_a_grant_sees_anything(crowd):
    stranger = User.objects.create(username="stranger", name="路人")
    assert not Application.objects.visible_to(Authority(stranger, crowd.at)).exists()
    assert not Application.objects.visible_to(Authority(None, crowd.at)).exists()


def test_a_grant_counts_between_its_dates_only(crowd):
    user = crowd.cast["checker"]
    Grant.objects.filter(user=user).update(valid_from=crowd.at, valid_to=crowd.at + timedelta(days=1))
    for moment, counts in ((-1, False), (0, True), (86399, True), (86400, False)):
        assert Authority(user, crowd.at + timedelta(seconds=moment)).has(Role.FORMALITY_CHECKER) is counts


def test_an_inactive_person_holds_nothing(crowd):
    user = crowd.cast["officer"]
    user.is_active = False
    user.save()
    assert Authority(user, crowd.at).held == ()
    assert user not in holders([Role.PROGRAMME_OFFICER], Application.objects.first().scope(), crowd.at).get(
        Role.PROGRAMME_OFFICER, []
    )


def test_a_programme_s_officer_does_not_see_another_programme(crowd):
    Grant.objects.filter(user=crowd.cast["officer"]).update(programme="strong_city_creation")
    assert not Application.objects.visible_to(Authority(crowd.cast["officer"], crowd.at)).exists()


def test_a_plan_listed_city_lies_within_its_province(world):
    assert world.place("青岛市").path.startswith(world.place("山东省").path)
    assert world.place("青岛市") in Place.objects.provinces()


def test_a_subtree_moves_as_a_whole(world):
    """A district that changes its city takes everything below it along (programmes.md §5, merger)."""
    city = world.place("南京市")
    city.parent = world.place("安徽省")
    city.save()
    assert world.place("江宁区").path.startswith(world.place("安徽省").path)
    assert not Place.objects.within(world.place("江苏省")).filter(name="江宁区").exists()


def test_a_role_over_places_needs_a_place(world):
    with pytest.raises(IntegrityError), transaction.atomic():
        Grant.objects.create(user=world.cast["officer"], role=Role.PROVINCE_OFFICER, valid_from=world.start)


def test_a_successor_stands_for_a_place_that_is_gone(world):
    new = world.place("海淀区")
    old = Place.objects.create(name="旧县", short_name="旧县", kind="county", parent=world.place("北京市"),
                               valid_to=world.start.date(), successor=new)  # fmt: skip
    assert old.current() == new
    assert old.is_in_force(world.start.date())
    assert not old.is_in_force(world.start.date() + timedelta(days=1))


def test_the_clock_moves_forward_only_and_only_in_demo_mode(db, settings):
    before = clock.now()
    with transaction.atomic():
        assert clock.advance(timedelta(days=30)) - before >= timedelta(days=30)
    with pytest.raises(ValueError, match="forward"):
        clock.advance(timedelta(days=-1))
    settings.DEMO = False
    with pytest.raises(RuntimeError, match="demo"):
        clock.advance(timedelta(days=1))
    assert clock.now() - before < timedelta(days=1)
