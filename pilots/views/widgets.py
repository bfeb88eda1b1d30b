"""What stands on the desks. Each function takes a `Work` and returns the context of `pilots/desk/<name>.html`,
or None when there is nothing to show. All reading happens here, so that a failure stays inside one card."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property

from django.db.models import Count, Q
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts import clock
from accounts.authority import Authority
from accounts.models import Place
from accounts.roles import REACH, Reach
from approvals.models import Review
from pilots.deadlines import opening_of_evaluation
from pilots.models import Application, ApplicationState, Batch, BatchState, Designation
from pilots.models.application import ENDED
from pilots.models.designation import RUNNING
from pilots.views.look import programme_name, state_of, tile_code, url_or_none
from pilots.views.public import expected, open_calls

A = ApplicationState
SITES_SHOWN = 8
# How far an application in each state has come, for the funnel.
_REACHED = {
    A.PREFECTURE_CHECK: 1, A.PROVINCE_REVIEW: 1, A.NOT_RECOMMENDED: 1, A.FORMALITY_CHECK: 2, A.SUPPLEMENT: 2,
    A.REJECTED: 2, A.PANEL_DRAW: 3, A.EXPERT_REVIEW: 4, A.READY: 4, A.NOT_SELECTED: 4, A.LISTED: 5, A.HELD: 5,
    A.REMOVED: 5, A.APPROVED: 6, A.WITHDRAWN: 1, A.DEEMED_WITHDRAWN: 1,
}  # fmt: skip


@dataclass
class Work:
    """One desk: whose, when, which face; what several widgets need is read once."""

    authority: Authority
    at: datetime
    face: str

    @property
    def today(self):
        return clock.today(self.at)

    @cached_property
    def batch(self):
        """The batch the desk reports on: the newest whose call has gone out."""
        rows = Batch.objects.visible_to(self.authority).exclude(state__in=[BatchState.DRAFT, BatchState.CANCELLED])
        return rows.select_related(*Batch.related).order_by("-opens_on", "-pk").first()

    @cached_property
    def counted(self):
        """[(state, province code, kind of province, was submitted, how many)] of that batch."""
        if self.batch is None:
            return []
        rows = Application.objects.filter(batch=self.batch).exclude(state=A.DRAFT)
        rows = rows.filter(Application.reach(self.authority)).order_by().annotate(was=Q(submitted_at__isnull=False))
        return list(rows.values_list("state", "province__code", "province__kind", "was").annotate(n=Count("pk", distinct=True)))

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


def stats(work):
    """Number tiles: running sites and those whose term is nearly over; applications in hand."""
    soon = work.today + timedelta(days=30)
    running = Q(state__in=RUNNING)
    sites = work.sites().order_by().aggregate(
        running=Count("pk", filter=running, distinct=True),
        ending=Count("pk", filter=running & Q(term_end__lte=soon), distinct=True),
        provinces=Count("application__province", filter=running, distinct=True),
    )  # fmt: skip
    tiles = []
    if work.face in ("national", "local"):
        open_ = sum(n for state, _c, _k, _w, n in work.counted if state not in ENDED)
        tiles.append({"label": _("在办申报"), "value": open_, "unit": _("份"), "icon": "files",
                      "note": work.batch.title if work.batch else _("目前没有批次"), "url": reverse("applications")})
    tiles.append({"label": _("30 日内期满"), "value": sites["ending"], "unit": _("个"), "icon": "calendar-clock",
                  "note": _("须自评或验收") if sites["ending"] else "", "url": reverse("sites")})
    note = _("覆盖 %(n)s 个省级单位") % {"n": sites["provinces"]} if work.face == "national" and sites["provinces"] else ""
    tiles.append({"label": _("在建试点"), "value": sites["running"], "unit": _("个"), "icon": "map", "note": note,
                  "url": reverse("sites")})  # fmt: skip
    return {"tiles": tiles}


def funnel(work):
    """How many applications of the batch got how far."""
    if work.batch is None:
        return {"rows": [], "batch": None}
    labels = [(1, _("提交"), None), (2, _("省级推荐"), "PROV"), (3, _("形式审查"), "FORM"), (4, _("专家评审"), "EXP"),
              (5, _("列入名单"), None), (6, _("批复设立"), None)]  # fmt: skip
    rules = work.batch.rules
    rows = []
    for level, label, stage in labels:
        if stage and not rules.uses(stage):
            continue
        n = sum(n for state, _c, _k, was, n in work.counted if was and _REACHED.get(state, 0) >= level)
        rows.append({"label": label, "value": n})
    return {"rows": rows if rows[0]["value"] else [], "batch": work.batch, "programme": programme_name(work.batch.programme),
            "url": f"{reverse('applications')}?batch={work.batch.number}"}  # fmt: skip


def terms(work):
    """The terms of running sites, those that end first at the top."""
    rows = work.sites().filter(state__in=RUNNING).select_related("batch__rules_version", "batch__programme", "place")
    chart = []
    for site in rows.order_by("term_end", "pk")[:SITES_SHOWN]:
        points = [{"on": site.term_end, "label": _("期满")}]
        if site.rules.acceptance:
            points.insert(0, {"on": opening_of_evaluation(site), "label": _("启动自评")})
        chart.append({"label": site.place.display_name, "note": str(site.rules.short_name), "url": site.get_absolute_url(),
                      "start": site.term_start, "end": site.term_end, "points": points})  # fmt: skip
    return {"sites": chart, "today": work.today, "all": reverse("sites")}


def tile_map(work):
    """Applications by province."""
    if work.batch is None:
        return None
    return {"counts": work.provinces, "url": f"{reverse('applications')}?batch={work.batch.number}&province=%s"}


def ranking(work):
    """The table beside the map."""
    return {"counts": work.provinces} if work.provinces else None


def quotas(work):
    """Quota meters of a province, one per batch under way."""
    places = [held.place_path for held in work.authority.held if REACH[held.role] is Reach.PLACE and held.place_path]
    provinces = Place.objects.filter(path__in=places, kind__in=Place.RECOMMENDING_KINDS)
    under_way = Batch.objects.filter(state__in=[BatchState.OPEN, BatchState.REVIEWING]).select_related(*Batch.related)
    batches, provinces = list(under_way.prefetch_related("quotas").order_by("closes_at")[:5]), list(provinces)
    gone = [A.WITHDRAWN, A.DEEMED_WITHDRAWN, A.DRAFT]
    used = dict(
        ((batch, province), n)
        for batch, province, n in Application.objects.filter(
            batch__in=batches, province__in=provinces, province_rank__isnull=False
        ).exclude(state__in=gone).order_by().values_list("batch_id", "province_id").annotate(n=Count("pk"))
    )  # fmt: skip
    meters = [
        {"label": programme_name(batch.programme), "place": place, "used": used.get((batch.pk, place.pk), 0),
         "total": total, "url": url_or_none("recommend", batch.uuid)}
        for batch in batches
        for place in provinces
        if (total := batch.quota_of(place)) is not None
    ]  # fmt: skip
    return {"meters": meters}


def incoming(work):
    """Applications that came in last from the places of this office."""
    rows = Application.objects.visible_to(work.authority).exclude(state=A.DRAFT).defer("answers")
    rows = rows.select_related("organisation", "place", "batch__programme").order_by("-submitted_at", "-pk")[:6]
    return {"rows": [{"case": row, "state": state_of(row)} for row in rows], "url": reverse("applications")}


def own_applications(work):
    """Applications of my body, newest first."""
    rows = Application.objects.visible_to(work.authority).defer("answers").select_related("batch__programme", "place")
    return {"rows": [{"case": row, "state": state_of(row)} for row in rows.order_by("-pk")[:6]], "url": reverse("applications")}


def own_sites(work):
    """Titles my body holds."""
    rows = work.sites().select_related("place").order_by("-pk")[:6]
    return {"rows": [{"case": row, "state": state_of(row)} for row in rows], "url": reverse("sites"), "today": work.today}


def calls(work):
    """Calls one could apply for."""
    rows = open_calls(work.at, work.authority.user)[:4]
    return {
        "rows": [{"batch": row, "programme": programme_name(row.programme)} for row in rows],
        "expected": [] if rows else expected(work.today)[:1], "today": work.today,
    }  # fmt: skip


def reviews(work):
    """How far an expert has come."""
    counts = Review.objects.filter(expert=work.authority.user).exclude(state=Review.State.RECUSED).aggregate(
        given=Count("pk", filter=Q(state=Review.State.SUBMITTED)), all=Count("pk")
    )
    return {**counts, "left": counts["all"] - counts["given"], "url": url_or_none("reviews")}
