"""Pre-flight: what is wrong with certificates before anybody is asked to seal them (certificates.md §7).

An error keeps a certificate out of a request; a warning goes with it, so that whoever approves reads it.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from approvals import templating
from approvals.certificates.errors import CertificateError
from approvals.certificates.findings import ERROR, WARNING
from approvals.certificates.preflight import preflight as printed_faults
from approvals.models import Certificate, CertificateState
from approvals.printing import certificate_text, design_of, words_of
from pilots.models.designation import COUNTING

S = CertificateState


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong with one certificate, in words."""

    level: str
    code: str
    text: str

    @property
    def grave(self):
        return self.level == ERROR


@dataclass
class Line:
    """One certificate with its findings."""

    certificate: Certificate
    findings: list[Finding]

    @property
    def blocked(self):
        return any(finding.grave for finding in self.findings)

    def stored(self) -> list[dict[str, str]]:
        """The findings as they are kept with a request."""
        return [{"level": one.level, "code": one.code, "text": one.text} for one in self.findings]


def waiting(user: Any) -> Any:
    """Certificates `user` may see that nobody has asked to seal yet; none that a newer edition has overtaken."""
    rows = Certificate.objects.visible_to(user).filter(state=S.PENDING, seal_use__isnull=True)
    return rows.exclude(superseded_by__state__in=[S.ISSUED, S.SUSPENDED, S.SUPERSEDED])


def number_waiting(batch):
    """An expression: how many certificates of the batch named by the look-up *batch* nobody has asked to seal yet."""
    rows = Certificate.objects.filter(
        designation__batch=OuterRef(batch), state=S.PENDING, seal_use__isnull=True
    ).order_by()  # fmt: skip
    counted = rows.values("designation__batch").annotate(n=Count("pk")).values("n")
    return Coalesce(Subquery(counted), 0)


def inspect(rows: Iterable[Certificate]) -> list["Line"]:
    """[Line] for certificates in their order; the number of queries does not depend on how many there are."""
    rows = list(rows)
    others, fonts = _others(rows), templating.fonts()
    return [Line(row, [*_printed(row, fonts), *_title(row), *_twice(row, others)]) for row in rows]


def _printed(row, fonts):
    """What the engine says of the words."""
    try:
        found = printed_faults(certificate_text(row), design_of(row), fonts)
    except CertificateError as fault:
        yield Finding(ERROR, "template", words_of(fault))
        return
    for finding in found:
        yield Finding(finding.level, finding.code, finding.message)


def _title(row):
    if row.designation.state not in COUNTING:
        yield Finding(ERROR, "title", _("称号已不再有效（%(state)s），不能发证。") % {
            "state": row.designation.get_state_display()})  # fmt: skip


def _key(row):
    return (row.words["programme"], row.kind, row.words["holder"])


def _others(rows):
    """How often each holder occurs: among the rows, and among papers of other titles that count already."""
    holders = {row.words["holder"] for row in rows}
    issued = (
        Certificate.objects.filter(
            Q(state__in=[S.ISSUED, S.SUSPENDED]) | Q(state=S.PENDING, seal_use__isnull=False),
            words__holder__in=sorted(holders), kind__in={row.kind for row in rows},
        ).only("words", "kind", "designation")
        if holders else ()
    )  # fmt: skip
    seen = Counter()
    titles = {}
    for row in [*rows, *issued]:
        if titles.setdefault((_key(row), row.designation_id)) is None:
            titles[_key(row), row.designation_id] = True
            seen[_key(row)] += 1
    return seen


def _twice(row, others):
    number = others[_key(row)]
    if number > 1:
        yield Finding(WARNING, "duplicate", _("“%(holder)s”在本项目有 %(n)s 份同类证书，请核对是否重复。") % {
            "holder": row.words["holder"], "n": number})  # fmt: skip
