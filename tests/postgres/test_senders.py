"""Senders that meet on PostgreSQL share the work: nobody is told twice, and nobody's digest leaves in halves."""

import threading
from collections import Counter

import pytest
from django.core import mail
from django.db import connection, connections

from notifications import outbox, sending
from notifications.models import Message
from tests.channels import AT, make_person, tell

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]
SENDERS, PEOPLE, EACH = 4, 120, 7


def test_four_senders_at_once(transactional_db, monkeypatch):
    assert connection.vendor == "postgresql", "run by `make test`, which brings a server"
    # Small batches that end in the middle of somebody: they must collide.
    monkeypatch.setattr(sending, "BATCH", 10)
    people = [make_person(f"p{number}") for number in range(PEOPLE)]
    for key in range(EACH):
        tell(*people, key=str(key))
    barrier, sent, faults = threading.Barrier(SENDERS), [], []

    def work():
        try:
            barrier.wait()
            for _n in range(200):
                sent.append(outbox.send_due(AT))
        except Exception as error:
            faults.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=work) for _sender in range(SENDERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == []
    assert sum(sent) == PEOPLE * EACH
    assert set(Counter(letter.to[0] for letter in mail.outbox).values()) == {1}, "one person, two letters"
    assert {letter.body.count("/x/") for letter in mail.outbox} == {EACH}
    assert set(Message.objects.filter(channel="email").values_list("state", "attempts")) == {("sent", 1)}
