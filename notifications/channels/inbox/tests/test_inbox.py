"""The inbox gets everything, whatever else is switched off or held."""

import pytest

from notifications import outbox
from notifications.models import Message
from tests.channels import AT, tell

pytestmark = pytest.mark.django_db


def test_everything_arrives_by_existing(person):
    person.telling = {"mail": {"overdue": "off"}}
    tell(person)
    row = Message.objects.get()
    assert (row.channel, row.state, row.sent_at) == ("inbox", "sent", AT)
    assert outbox.send_due(AT) == 0
