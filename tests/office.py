"""An office whose certificates wait for the seal."""

from dataclasses import dataclass
from typing import Any

from approvals import preflight
from approvals.certificates.codes import new_code
from approvals.models import Certificate
from notifications import jobs
from workflows import perform
from workflows.beginnings import begin_seal_use


@dataclass
class Office:
    """A batch whose certificates wait for the seal, and the people of the office."""

    walk: Any

    @property
    def cast(self):
        return self.walk.cast

    def certificates(self):
        return Certificate.objects.filter(designation__batch=self.walk.batch).order_by("pk")

    def multiply(self, number):
        """*number* more certificates of the same title, each for a holder of its own."""
        first = self.certificates().first()
        for index in range(number):
            words = first.words | {"holder": f"示例单位{index:04d}"}
            Certificate.objects.create(
                designation=first.designation, revision=100 + index, serial=f"JJQ〔2017〕第9{index:04d}号", code=new_code(),
                words=words, valid_from=first.valid_from, valid_to=first.valid_to, version=1,
            )  # fmt: skip

    def ask(self, rows=None, by=None):
        rows = self.certificates() if rows is None else rows
        return begin_seal_use(rows, by=by or self.cast["officer"], at=self.walk.at).obj

    def approve(self, request):
        return perform(request, "approve", by=self.cast["head"], at=self.walk.at).obj

    def sealed(self):
        """Everything that waits is asked for, agreed to and made; returns the first certificate."""
        self.approve(self.ask(preflight.waiting(self.cast["officer"])))
        jobs.work(self.walk.at)
        return self.certificates().first()


def codes(refusal):
    """The codes of what a door refused with."""
    return {reason.code for reason in refusal.value.reasons}
