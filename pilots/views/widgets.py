"""What stands on the desks. Each function takes a `Work` and returns the context of its template
(`pilots/desk/<name>.html`), or None when there is nothing to show. All reading happens here: a failure stays
inside one card."""

from datetime import timedelta

from django.db.models import Count, F, OuterRef, Q, Subquery
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.roles import Role
from approvals.models import GrantRequest, Review
from pilots.models import Application, ApplicationState, Batch, BatchState, Quota
from pilots.models.application import ENDED
from pilots.models.designation import RUNNING
from pilots.timing import opening_of_evaluation
from pilots.views.holding import is_open_ended
from pilots.views.look import programme_name, state_of, url_or_none
from pilots.views.nobody import as_rows, unheld
from pilots.views.public import expected, open_calls
from pilots.views.sites import ending

A = ApplicationState
SITES_SHOWN = 8
SHOWN = 5
MOST_PROVINCES = 3
_RECOMMENDERS = (Role.PROVINCE_OFFICER, Role.PROVINCE_LEADER)
_GONE = (A.WITHDRAWN, A.DEEMED_WITHDRAWN, A.DRAFT)
# How far an application in each state has come, for the funnel.
_REACHED = {
    A.PREFECTURE_CHECK: 1,
    A.PROVINCE_REVIEW: 1,
    A.NOT_RECOMMENDED: 1,
    A.FORMALITY_CHECK: 2,
    A.SUPPLEMENT: 2,
    A.REJECTED: 2,
    A.PANEL_DRAW: 3,
    A.EXPERT_REVIEW: 4,
    A.READY: 4,
    A.NOT_SELECTED: 4,
    A.LISTED: 5,
    A.HELD: 5,
    A.REMOVED: 5,
    A.APPROVED: 6,
    A.WITHDRAWN: 1,
    A.DEEMED_WITHDRAWN: 1,
}


def stats(work):
    """Number tiles: running sites and those whose term is nearly over; applications in hand."""
    if work.face == "house":
        return {"tiles": _house_tiles()}
    soon = work.today + timedelta(days=30)
    running = Q(state__in=RUNNING)
    sites = (
        work.sites()
        .order_by()
        .aggregate(
            running=Count("pk", filter=running, distinct=True),
            ending=Count("pk", filter=ending(soon), distinct=True),
            provinces=Count("application__province", filter=running, distinct=True),
        )
    )
    tiles = []
    if work.face in ("national", "local"):
        if work.face == "national":
            value = sum(n for state, _c, _k, _w, n in work.counted if state not in ENDED)
            note = work.batch.title if work.batch else _("目前没有批次")
        else:
            mine = Application.objects.visible_to(work.authority).exclude(state__in=[*ENDED, A.DRAFT])
            value, note = mine.order_by().count(), ""
        tiles.append(
            {
                "label": _("在办申报"),
                "value": value,
                "unit": _("份"),
                "icon": "files",
                "note": note,
                "url": reverse("applications"),
            }
        )
    tiles.append(
        {
            "label": _("30 日内期满"),
            "value": sites["ending"],
            "unit": _("个"),
            "icon": "calendar-clock",
            "note": _("须自评、验收或复核") if sites["ending"] else "",
            "url": reverse("sites"),
        }
    )
    note = (
        _("覆盖 %(n)s 个省级单位") % {"n": sites["provinces"]} if work.face == "national" and sites["provinces"] else ""
    )
    tiles.append(
        {
            "label": _("在建、在期试点"),
            "value": sites["running"],
            "unit": _("个"),
            "icon": "map",
            "note": note,
            "url": reverse("sites"),
        }
    )
    return {"tiles": tiles}


def _house_tiles():
    """Accounts in use, and new ones nobody has begun to use; for those who look after them."""
    new = Q(password__startswith="!", last_login__isnull=True)  # noqa: S106 - marks an account without a password
    found = User.objects.filter(is_active=True).aggregate(all=Count("pk"), new=Count("pk", filter=new))
    people = reverse("people")
    return [
        {"label": _("启用中的账号"), "value": found["all"] - found["new"], "unit": _("个"), "icon": "users", "note": "",
         "url": f"{people}?state=on"},
        {"label": _("未启用的账号"), "value": found["new"], "unit": _("个"), "icon": "mail", "url": f"{people}?state=new",
         "note": _("本人还没有设置密码") if found["new"] else ""},
    ]  # fmt: skip


def nobody(work):
    """What nobody can do, of that which this person watches over; nothing where everything has somebody."""
    if not work.unheld:
        return None
    rows = as_rows(unheld(work.authority, work.at)[:SHOWN], work.authority, work.at)
    url = f"{reverse('deadlines')}?when=nobody"
    return {"rows": rows, "today": work.today, "total": work.unheld, "url": url} if rows else None


def grant_requests(work):
    """Requests about rights: those that wait, then the newest decided ones."""
    rows = GrantRequest.objects.visible_to(work.authority).select_related(*GrantRequest.related)
    shown = [
        *rows.filter(state="waiting").order_by("pk")[:SHOWN],
        *rows.exclude(state="waiting").order_by("-pk")[:SHOWN],
    ]
    for row in shown:
        row.look = state_of(row)
    return {"rows": shown, "proposes": work.authority.has(Role.SYSTEM_ADMIN)}


def new_accounts(work):
    """Accounts nobody has begun to use, the newest first."""
    new = User.objects.filter(is_active=True, password__startswith="!", last_login__isnull=True)  # noqa: S106
    rows = list(new.select_related("organisation").order_by("-pk")[:SHOWN])
    return {"rows": rows, "opens": work.authority.has(Role.SYSTEM_ADMIN)}


def funnel(work):
    """How many applications of the batch got how far."""
    if work.batch is None:
        return {"rows": [], "batch": None}
    labels = [
        (1, _("提交"), None),
        (2, _("省级推荐"), "PROV"),
        (3, _("形式审查"), "FORM"),
        (4, _("专家评审"), "EXP"),
        (5, _("列入名单"), None),
        (6, _("批复设立"), None),
    ]
    rules = work.batch.rules
    rows = []
    for level, label, stage in labels:
        if stage and not rules.uses(stage):
            continue
        n = sum(n for state, _c, _k, was, n in work.counted if was and _REACHED.get(state, 0) >= level)
        # A share of nothing is not a share.
        rows.append({"label": label, "value": n, "note": "—" if rows and not rows[-1]["value"] else ""})
    return {
        "rows": rows if rows[0]["value"] else [],
        "batch": work.batch,
        "programme": programme_name(work.batch.programme),
        "url": f"{reverse('applications')}?batch={work.batch.number}",
    }


def terms(work):
    """The terms of running sites, those that end first at the top."""
    rows = (
        work.sites()
        .filter(state__in=RUNNING)
        .select_related("batch__rules_version", "rules_version", "batch__programme", "place")
    )
    chart = []
    # What has no last day, or runs already, stands below.
    soonest = [F("operating_since").asc(nulls_first=True), F("term_end").asc(nulls_last=True), "pk"]
    for site in rows.order_by(*soonest)[:SITES_SHOWN]:
        open_ended = is_open_ended(site)
        points = [] if open_ended else [{"on": site.term_end, "label": _("期满")}]
        if site.rules.acceptance and not open_ended:
            points.insert(0, {"on": opening_of_evaluation(site), "label": _("启动自评")})
        chart.append(
            {
                "label": site.place.display_name,
                "note": str(site.rules.short_name),
                "url": site.get_absolute_url(),
                "start": site.term_start,
                "end": None if open_ended else site.term_end,
                "points": points,
            }
        )
    return {"sites": chart, "today": work.today, "all": reverse("sites")}


def tile_map(work):
    """Applications by province."""
    if work.batch is None:
        return None
    return {
        "counts": work.provinces,
        "url": f"{reverse('applications')}?batch={work.batch.number}&province=%s",
    }


def ranking(work):
    """The table beside the map."""
    return {"counts": work.provinces} if work.provinces else None


def quotas(work):
    """Quota meters of a province, one per batch under way; one statement per province."""
    paths = {held.place_path for held in work.authority.held if held.role in _RECOMMENDERS}
    meters = []
    for path in sorted(paths)[:MOST_PROVINCES]:
        here = Q(applications__province__path=path, applications__province_rank__isnull=False)
        own = Quota.objects.filter(batch=OuterRef("pk"), place__path=path).values("places")[:1]
        rows = (
            Batch.objects.filter(state__in=[BatchState.OPEN, BatchState.REVIEWING])
            .select_related(*Batch.related)
            .annotate(own=Subquery(own), used=Count("applications", filter=here & ~Q(applications__state__in=_GONE)))
            .order_by("closes_at", "pk")
        )
        for batch in rows[:SHOWN]:
            quota = batch.rules.quota
            if quota.kind in ("rank_only", "none"):
                continue
            total = batch.own if batch.own is not None else quota.places
            if total is not None:
                meters.append(
                    {
                        "label": programme_name(batch.programme),
                        "used": batch.used,
                        "total": total,
                        "url": url_or_none("recommend", batch.uuid),
                        "batch": batch,
                    }
                )
    return {"meters": meters}


def incoming(work):
    """Applications that came in last from the places of this office."""
    rows = Application.objects.visible_to(work.authority).exclude(state=A.DRAFT).defer("answers")
    rows = rows.select_related("organisation", "place", "batch__programme").order_by("-submitted_at", "-pk")[:6]
    return {"rows": [{"case": row, "state": state_of(row)} for row in rows], "url": reverse("applications")}


def own_applications(work):
    """Applications of my body, newest first."""
    rows = Application.objects.visible_to(work.authority).defer("answers").select_related("batch__programme", "place")
    return {
        "rows": [{"case": row, "state": state_of(row)} for row in rows.order_by("-pk")[:6]],
        "url": reverse("applications"),
    }


def own_sites(work):
    """Titles my body holds."""
    rows = work.sites().select_related("place").order_by("-pk")[:6]
    return {
        "rows": [{"case": row, "state": state_of(row)} for row in rows],
        "url": reverse("sites"),
        "today": work.today,
    }


def calls(work):
    """Calls one could apply for."""
    rows = open_calls(work.at, work.authority.user)[:4]
    return {
        "rows": [{"batch": row, "programme": programme_name(row.programme)} for row in rows],
        "expected": [] if rows else expected(work.today)[:1],
        "today": work.today,
    }


def reviews(work):
    """How far an expert has come."""
    counts = (
        Review.objects.filter(expert=work.authority.user)
        .exclude(state=Review.State.RECUSED)
        .aggregate(given=Count("pk", filter=Q(state=Review.State.SUBMITTED)), all=Count("pk"))
    )
    return {**counts, "left": counts["all"] - counts["given"], "url": url_or_none("reviews")}
