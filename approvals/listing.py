"""The list of a batch: how it is drawn, what a signer sees of it, and how a line is changed with a reason."""

import hashlib
import json
from decimal import Decimal

from django.db.models import F, Q
from django.utils.translation import gettext as _

from accounts import wall
from accounts.acts import Unmet
from approvals.models import ListItem, Review, SignOff
from approvals.rules.ranking import Candidate, ranked
from pilots.models import Application
from pilots.models import ApplicationState as A
from pilots.models.application import SETTLED

LAST = 999
# What was on a signed list and is not any more.
FELL_FREE = (A.REMOVED, A.WITHDRAWN)


def items_of(batch):
    """The lines of the current version of the list, in order; the applications' answers are left out.

    Read once per batch object and version: every signature's conditions look at them.
    """
    kept = batch.__dict__.get("_lines")
    if kept is None or kept[0] != batch.list_version:
        kept = batch.__dict__["_lines"] = (batch.list_version, _read(batch))
    return list(kept[1])


def _read(batch):
    return list(
        ListItem.objects.filter(batch=batch, version=batch.list_version)
        .select_related("application__place", "application__province", "application__organisation")
        .defer("application__answers")
        .order_by("rank")
    )


def list_hash(items):
    """SHA-256 over what a signer sees: order, numbers, scores, decisions."""
    lines = [
        [item.rank, item.application.number, str(item.score), item.proposed, item.reason, *([item.award] if item.award else [])]
        for item in items
    ]  # fmt: skip
    return hashlib.sha256(json.dumps(lines, ensure_ascii=False).encode()).hexdigest()


@wall.lifted()
def preview(batch):
    """The lines of the list as it would be drawn now, in order; not saved. A fixed number of queries."""
    ready = {
        application.pk: application
        for application in Application.objects.filter(batch=batch, state=A.READY)
        .select_related("place", "province", "organisation")
        .defer("answers")
    }
    cutoff = batch.cutoff
    deciding = _deciding(batch, cutoff.tie_criterion) if cutoff.tie == "higher_criterion" else {}
    vetoes = vetoed(ready)
    candidates = [
        Candidate(
            app.pk,
            app.score,
            app.province_rank or LAST,
            app.number,
            deciding.get(app.pk),
            app.province_id,
            vetoes.get(app.pk, ""),
        )
        for app in ready.values()
    ]
    quotas = batch.quotas_of({app.province for app in ready.values()}) if cutoff.within_quota else {}
    return [
        ListItem(
            application=ready[line.key], rank=line.rank, score=line.score, proposed=line.proposed, reason=line.reason,
            tied=line.tied,
        )
        for line in ranked(cutoff, candidates, quotas)
    ]  # fmt: skip


def vetoed(applications):
    """{primary key: why} of those in which an expert found what the rules let nobody pass with; one statement."""
    found = {}
    rows = Review.objects.filter(
        application__in=list(applications), state=Review.State.SUBMITTED, round=F("application__round")
    )
    for pk, items in rows.exclude(veto_reason="").order_by("pk").values_list("application_id", "vetoes"):
        found.setdefault(pk, dict.fromkeys([])).update(dict.fromkeys(items))
    # As long as a line of the list may be.
    return {pk: (_("一票否决：%(items)s") % {"items": _("；").join(items)})[:300] for pk, items in found.items()}


def judged_by(question):
    """An Unmet for whoever scored or applied in the batch, or stands in for one who did: a list is not drawn or signed
    by its own experts or applicants (programmes.md §4). What they did stands in the ledgers of the applications, not in
    the batch's.
    """
    people = question.people
    scored = Review.objects.filter(
        application__batch=question.obj, expert__in=people, state=Review.State.SUBMITTED
    )  # fmt: skip
    if people and scored.exists():
        yield Unmet("separation", _("您或委托人作为专家评审过本批次的申报，按职责分离不能再办理此事项。"))
    if people and Application.objects.filter(batch=question.obj, submitted_by__in=people).exists():
        yield Unmet("own_application", _("您或委托人在本批次提交过申报，按职责分离不能再办理此事项。"))


def tied(batch):
    """Lines of the present version that stand equal on both sides of the line, in order."""
    return [item for item in items_of(batch) if item.tied]


def places_left(batch, province):
    """How many more of a province may stand on the list, or None where the rules do not keep it within quotas.

    What was given to the next in rank after the signature counts, what fell free does not.
    """
    quota = batch.quota_of(province) if batch.cutoff.within_quota else None
    if quota is None:
        return None
    lines = ListItem.objects.filter(batch=batch, version=batch.list_version, application__province=province)
    standing = lines.filter(Q(proposed=True) | Q(application__promoted_at__isnull=False))
    return quota - standing.exclude(application__state__in=FELL_FREE).count()


def _deciding(batch, criterion):
    """{application: mean of one criterion over the experts who judged it}, in points of its own scale."""
    given = {}
    rows = Review.objects.filter(application__batch=batch, state=Review.State.SUBMITTED, round=F("application__round"))
    for application, scores in rows.values_list("application_id", "scores"):
        given.setdefault(application, []).append(Decimal(str(scores[criterion])))
    return {application: sum(marks) / len(marks) for application, marks in given.items()}


def unsettled(batch):
    """Applications that have not reached the list nor an end."""
    return Application.objects.filter(batch=batch).exclude(state__in=SETTLED)


def draw(batch):
    """Stores a new version of the list as the rules rank it now; returns its lines."""
    batch.list_version += 1
    return _store(batch, preview(batch))


def revise(batch, changes, *, settles_ties=False):
    """A new version that differs in `changes` {application pk: (proposed, reason)}; returns its lines.

    The version before stays as it was signed. Signatures count for one version only, so they are void now.
    """
    old = items_of(batch)
    batch.list_version += 1
    lines = []
    for item in old:
        proposed, reason = changes.get(item.application_id, (item.proposed, item.reason))
        lines.append(
            ListItem(
                application=item.application, rank=item.rank, score=item.score, proposed=proposed, reason=reason,
                tied=item.tied and not settles_ties, edited=item.edited or item.application_id in changes,
            )
        )  # fmt: skip
    return _store(batch, lines)


def give_awards(classes, items):
    """Fills the classes of a prize from the top of the list; the last one takes all others (rules: class)."""
    left = [(item.code, item.places) for item in classes]
    for item in items:
        item.award = ""
        if not item.proposed or not left:
            continue
        code, places = left[0]
        item.award = code
        if places is not None:
            left[0] = (code, places - 1)
            if places == 1:
                left.pop(0)


def _store(batch, items):
    give_awards(batch.rules.classes, items)
    for item in items:
        item.batch, item.version = batch, batch.list_version
    ListItem.objects.bulk_create(items, batch_size=200)
    batch.list_hash = list_hash(items)
    return items


def gone(items):
    """Lines whose application has left the road since the list was drawn (withdrawn, say)."""
    return [item for item in items if item.application.state != A.READY]


def against_the_last(batch, items):
    """What the current version says otherwise than the one before: [(item, what it said)], empty for the first."""
    if batch.list_version < 2:
        return []
    before = {
        row.application_id: row
        for row in ListItem.objects.filter(batch=batch, version=batch.list_version - 1).only(
            "application_id", "rank", "proposed"
        )
    }
    return [
        (item, before.get(item.application_id))
        for item in items
        if item.application_id not in before or before[item.application_id].proposed != item.proposed
    ]


def parties(batch):
    """Divisions and ministries that countersign, in the order of the rules."""
    signoff = batch.rules.signoff
    return [party.zh for party in (*signoff.countersigners, *signoff.joint_ministries)]


def signatures(batch, step):
    """Signatures of one step under the present version of the list."""
    return SignOff.objects.filter(batch=batch, step=step, list_version=batch.list_version, agreed=True)


def outstanding(batch):
    """Parties that have not yet countersigned this version of the list."""
    agreed = set(signatures(batch, SignOff.Step.COUNTERSIGN).values_list("party", flat=True))
    return [party for party in parties(batch) if party not in agreed]
