"""What tests share here: people and servers that messages go to, a clock that stands, browsers, programmes with own periods."""

import pytest

from accounts.models import Grant, User
from accounts.roles import Role
from pilots.models import RulesVersion
from tests.channels import http_server, person, smtp_server  # noqa: F401 - fixtures
from tests.pilots.conftest import _light, browse, stand  # noqa: F401 - fixtures
from tests.world import TRIAL


@pytest.fixture
def ruled(world):
    """`ruled(old, new)`: the trial zone's rules with another text in them."""

    def _ruled(old, new):
        row = RulesVersion.objects.get(programme__code=TRIAL)
        assert row.text.count(old) == 1, old
        RulesVersion.objects.filter(pk=row.pk).update(text=row.text.replace(old, new))
        return world

    return _ruled


@pytest.fixture
def narrow_officer(world):
    """A programme officer of one programme only."""
    user = User.objects.create(username="narrow", name="窄一点")
    Grant.objects.create(user=user, role=Role.PROGRAMME_OFFICER, programme=TRIAL, valid_from=world.start)
    return user
