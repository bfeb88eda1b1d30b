"""Two transactions that lock two rows the other way round: PostgreSQL breaks one off, and it is done all the same."""

import threading

import pytest
from django.db import connection, transaction

from accounts.models import Organisation
from workflows.retry import retried

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]
ROUNDS = 3


def test_both_are_done_in_the_end(world):
    one, two = Organisation.objects.order_by("pk")[:2]
    tries, done = [], []

    def run(first, second, meet):
        waited = []

        def do():
            tries.append(1)
            with transaction.atomic():
                Organisation.objects.select_for_update().get(pk=first)
                if not waited:
                    waited.append(1)
                    meet.wait(20)
                Organisation.objects.select_for_update().get(pk=second)
                done.append(first)

        try:
            with connection.cursor() as cursor:
                # Long enough for the server to see the deadlock before either gives up waiting.
                cursor.execute("SET lock_timeout = '20s'")
            retried(do)
        finally:
            connection.close()

    for _n in range(ROUNDS):
        meet = threading.Barrier(2)
        both = [threading.Thread(target=run, args=(*pair, meet)) for pair in ((one.pk, two.pk), (two.pk, one.pk))]
        for thread in both:
            thread.start()
        for thread in both:
            thread.join(60)
    assert len(done) == 2 * ROUNDS
    assert len(tries) > 2 * ROUNDS, "no deadlock was met, so nothing was shown"
