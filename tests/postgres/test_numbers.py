"""Numbers of documents, taken by many at once on a real PostgreSQL: none twice, none missing, none for who is rolled back."""

import threading

import pytest
from django.db import connection, connections, transaction

from approvals.rules.register import gaps
from pilots.models import Counter

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]
PEOPLE = 20


def test_twenty_at_once_get_twenty_numbers_and_who_fails_leaves_no_gap(transactional_db):
    assert connection.vendor == "postgresql", "run by `make test`, which brings a server"
    barrier, taken = threading.Barrier(PEOPLE), []

    def take(index):
        try:
            barrier.wait()
            with transaction.atomic():
                number = Counter.take("国知发规字", 2018)
                if index % 4 == 0:
                    # What goes wrong after the number was taken takes it back.
                    raise RuntimeError
            taken.append(number)
        except RuntimeError:
            pass
        finally:
            connections.close_all()

    threads = [threading.Thread(target=take, args=(index,)) for index in range(PEOPLE)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    done = PEOPLE - PEOPLE // 4
    assert sorted(taken) == list(range(1, done + 1))
    assert gaps(taken, Counter.objects.get().last) == []
