"""One desk at work: whose it is, when, and what several of its widgets read."""

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from django.db.models import Count, Exists, OuterRef, Q

from accounts import clock
from accounts.authority import Authority
from pilots.models import Application, Batch, BatchState, Designation
from pilots.models import ApplicationState as A
from pilots.views.look import tile_code


@dataclass
class Work:
    """One desk: whose, when, which face; what several widgets need is read once."""

    authority: Authority
    at: datetime
    face: str
    # How much of what they watch over nobody can do; None where that could not be read.
    unheld: int | None = None

    @property
    def today(self):
        return clock.today(self.at)

    @cached_property
    def batch(self):
        """The batch the desk reports on: the newest that has applications, else the newest."""
        sent = Application.objects.filter(batch=OuterRef("pk")).exclude(state=A.DRAFT)
        rows = Batch.objects.filter(Batch.reach(self.authority)).exclude(
            state__in=[BatchState.DRAFT, BatchState.CANCELLED]
        )
        rows = rows.annotate(has=Exists(sent)).select_related(*Batch.related)
        return rows.order_by("-has", "-opens_on", "-pk").first()

    @cached_property
    def counted(self):
        """[(state, province code, kind of province, was submitted, how many)] of that batch."""
        if self.batch is None:
            return []
        rows = Application.objects.filter(batch=self.batch).exclude(state=A.DRAFT)
        rows = rows.filter(Application.reach(self.authority)).order_by().annotate(was=Q(submitted_at__isnull=False))
        return list(
            rows.values_list("state", "province__code", "province__kind", "was").annotate(n=Count("pk", distinct=True))
        )

    @cached_property
    def provinces(self):
        """{tile code: how many applications}."""
        found = {}
        for _state, code, kind, _was, n in self.counted:
            key = tile_code(code, kind)
            found[key] = found.get(key, 0) + n
        return found

    def sites(self):
        return Designation.objects.visible_to(self.authority)
