"""What tests of judgement share."""

from datetime import UTC, datetime

import pytest

from pilots.models import RulesVersion
from tests.world import TRIAL


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
