"""递补: a place that fell free after an upheld objection is offered to the next in rank, where the rules say so."""

from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from accounts import clock
from accounts.acts import Act, Unmet, act_on
from accounts.roles import Role
from approvals import listing
from approvals.acts.publishing import last_day_of_notice
from approvals.listing import FELL_FREE
from approvals.models import ListItem
from pilots.models import ApplicationState as A
from pilots.models import BatchState as B

AFTER_SIGNATURE = (B.TO_PUBLISH, B.NOTICE, B.DOCUMENT, B.ISSUED)


def vacancies(batch):
    """Places of the signed list that fell free and were not given on."""
    lines = ListItem.objects.filter(batch=batch, version=batch.list_version)
    free = lines.filter(proposed=True, application__state__in=FELL_FREE).count()
    # A place that was given on and fell free again is free.
    given = lines.filter(proposed=False).exclude(application__promoted_at=None)
    return free - given.exclude(application__state__in=FELL_FREE).count()


def next_in_rank(batch):
    """The line that a free place goes to, or None: the best one outside the list that the rules' score, the vetoes and
    the provinces' quotas let in."""
    lines = ListItem.objects.filter(
        batch=batch, version=batch.list_version, proposed=False, application__state=A.NOT_SELECTED
    )
    if batch.cutoff.min_score is not None:
        lines = lines.filter(score__gte=batch.cutoff.min_score)
    rows = list(lines.select_related("application__place", "application__province").order_by("rank"))
    vetoed = listing.vetoed([row.application_id for row in rows])
    return next((row for row in rows if row.application_id not in vetoed and _fits_quota(batch, row)), None)


def _fits_quota(batch, line):
    left = listing.places_left(batch, line.application.province)
    return left is None or left > 0


@act_on("pilots.Application")
class Promote(Act):
    code = "promote"
    label = _("递补列入")
    done = _("递补列入拟批准名单")
    tone = "primary"
    icon = "arrow-up"
    roles = (Role.DIVISION_HEAD,)
    transition = "promote"
    needs_reason = True
    separate_from = ("score", "submit", "supplement")

    def applies(self, question):
        application = question.obj
        return (
            application.state == A.NOT_SELECTED
            and application.rules.cutoff.next_in_rank
            and application.batch.state in AFTER_SIGNATURE
            and vacancies(application.batch) > 0
        )

    def unmet(self, question):
        first = next_in_rank(question.obj.batch)
        if first is None or first.application_id != question.obj.pk:
            yield Unmet("not_next", _t("递补须按位次；下一位是%(who)s。") % {
                "who": first.application.place if first else _t("（无）")})  # fmt: skip

    def foretell(self, question):
        if question.obj.rules.notice:
            yield _t("单独公示至 %(day)s，期满无异议后补发批复。") % {
                "day": last_day_of_notice(question.obj.batch, clock.today(question.at)).on
            }

    def carry_out(self, deed):
        application = deed.obj
        line = ListItem.objects.get(
            batch=application.batch, version=application.batch.list_version, application=application
        )
        application.list_rank, application.ended_at, application.promoted_at = line.rank, None, deed.at
        if application.rules.notice:
            application.own_notice_to = last_day_of_notice(application.batch, clock.today(deed.at)).on
            deed.facts["notice_to"] = application.own_notice_to.isoformat()
        self.step(deed)
