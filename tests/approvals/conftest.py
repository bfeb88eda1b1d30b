"""Batches with several applications, and rules amended for one test."""

from datetime import UTC, datetime

import pytest

from pilots.models import Application, RulesVersion
from tests.world import TRIAL
from workflows.beginnings import province_of


@pytest.fixture
def amend(world):
    """Replaces words in the published rules of a programme before a batch pins them."""

    def change(*pairs, code="service_cluster_trial_zone"):
        row = RulesVersion.objects.get(programme__code=code)
        text = row.text
        for old, new in pairs:
            assert old in text, old
            text = text.replace(old, new, 1)
        RulesVersion.objects.filter(pk=row.pk).update(text=text)

    return change


@pytest.fixture
def batch_of(world):
    """A batch whose applications are reviewed: `batch_of({"徐汇区": Decimal("8.6"), …})` gives the walk, window closed."""

    def run(marks):
        walk = world.walk()
        walk.call()
        ranks = {}
        for place, mark in marks.items():
            province = province_of(world.place(place))
            world.cast.province(province)
            ranks[province.pk] = ranks.get(province.pk, 0) + 1
            application = walk.recommend(walk.apply(world.place(place)), ranks[province.pk])
            walk.review(walk.assign(walk.check(application)), mark)
        walk.close()
        walk.of = lambda place: Application.objects.get(batch=walk.batch, place__name=place)
        return walk

    return run


@pytest.fixture
def ruled(world):
    """`ruled(old, new, …)`: the trial zone's rules with pieces of text replaced, published as a newer version."""

    def _ruled(*pairs):
        version = world.programme(TRIAL).current
        text = version.text.replace(f'version = "{version.version}"', 'version = "2099.1"')
        for old, new in zip(pairs[::2], pairs[1::2], strict=True):
            assert old in text, old
            text = text.replace(old, new, 1)
        return RulesVersion.objects.create(
            programme=version.programme, version="2099.1", text=text, published_at=datetime(2015, 1, 1, tzinfo=UTC)
        )

    return _ruled
