"""The province's desk for one batch: rank by buttons, see the quota, preview, and one letter for all."""

import hashlib

from django.contrib import messages
from django.db.models import Prefetch
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _t
from django.views.decorators.http import require_http_methods, require_safe

from accounts import clock
from accounts.access import seats
from accounts.authority import Authority
from accounts.digits import version_seen
from accounts.models import Place
from accounts.roles import REACH, Reach, Role
from approvals.acts.check import joint_inputs
from approvals.documents.kinds import letter as letters
from approvals.models import Letter, Recommendation
from approvals.papers import words
from approvals.views.lists import INSIDE
from approvals.views.paper_files import answer, wanted
from pilots.models import Application, ApplicationState, Batch, BatchState
from workflows.recommending import Verdict, recommend_all
from workflows.refusals import Denied, NotNow, Stale

PROVINCE = (Role.PROVINCE_OFFICER, Role.PROVINCE_LEADER)
RECOMMEND, DECLINE, LATER = "recommend", "decline", "later"


@seats(*PROVINCE)
@require_http_methods(["GET", "HEAD", "POST"])
def recommend(request, uuid):
    """GET shows what came in; POST moves a row, previews, or sends the letter. Nothing typed is lost on the way."""
    batch = get_object_or_404(Batch.objects.visible_to(request.user).select_related(*Batch.related), uuid=uuid)
    provinces = _provinces(request)
    wanted = request.POST.get("province") or request.GET.get("province", "")
    province = next((place for place in provinces if str(place.pk) == wanted), provinces[0] if provinces else None)
    rows = _rows(request, batch, province)
    desk = Desk(request, batch, province, rows)
    status = 200
    if request.method == "POST":
        desk.move(request.POST.get("move", ""))
        if "confirm" in request.POST and request.POST.get("shown") == desk.print and desk.send():
            messages.success(request, _t("已办理：%(done)s。") % {"done": desk.summary})
            return redirect(request.get_full_path())
        status = 409 if desk.stale else 422 if desk.faults else 200
    return render(
        request, "approvals/recommend.html", _context(request, batch, province, provinces, rows, desk), status=status
    )


def _provinces(request):
    """The provinces whose desk this person sits at."""
    held = Authority.of(request.user, request.at).held
    paths = {one.place_path for one in held if one.role in PROVINCE}
    return list(Place.objects.filter(path__in=paths, valid_to__isnull=True).order_by("code", "path"))


def _rows(request, batch, province):
    if province is None:
        return []
    return list(
        Application.objects.visible_to(request.user)
        .filter(batch=batch, province=province)
        .exclude(state=ApplicationState.DRAFT)
        .select_related(*Application.related)
        .prefetch_related(Prefetch("recommendations", Recommendation.objects.select_related("letter__by")))
        .order_by("province_rank", "submitted_at", "pk")
    )


def _context(request, batch, province, provinces, rows, desk):
    quota = batch.quota_of(province) if province else None
    # A letter is about one application at least, so all of them are reached from here.
    letters = {one.letter_id: one.letter for row in rows for one in row.recommendations.all() if one.letter_id}
    gone = (ApplicationState.WITHDRAWN, ApplicationState.DEEMED_WITHDRAWN)
    used = sum(1 for row in rows if row.province_rank and row.state not in gone)
    return {
        "batch": batch,
        "by_place": batch.rules.applicants.per == "place",
        "province": province,
        "provinces": provinces if len(provinces) > 1 else [],
        "desk": desk,
        "settled": [row for row in rows if row.state != ApplicationState.PROVINCE_REVIEW],
        "quota": quota,
        "used": used,
        "left": None if quota is None else max(quota - used, 0),
        "open": batch.state == BatchState.OPEN,
        "deadline": batch.closing_for(province) if province else batch.closes_at,
        "reopened": batch.reopened_for(province) if province else None,
        "today": clock.today(request.at),
        "letters": [letters[key] for key in sorted(letters)],
    }


class Desk:
    """What is being put together: the order, the verdicts, the letter. All of it is in the posted form."""

    def __init__(self, request, batch, province, rows):
        waiting = [row for row in rows if row.state == ApplicationState.PROVINCE_REVIEW]
        self.given = max((row.province_rank or 0 for row in rows), default=0)
        self.request, self.batch, self.province = request, batch, province
        given = request.POST
        place = {uuid: index for index, uuid in enumerate(given.get("order", "").split(","))}
        self.waiting = sorted(waiting, key=lambda row: place.get(str(row.uuid), len(place)))
        self.faults, self.stale = [], False
        self.number, self.opinion = given.get("letter_number", "").strip()[:40], given.get("opinion", "").strip()[:1000]
        self.joint = [
            {"name": name, "office": office, "value": given.get(name, "").strip()[:40]}
            for name, office in joint_inputs(batch.rules.recommendation)
        ]
        for row in self.waiting:
            row.verdict = given.get(f"verdict-{row.uuid}", LATER)
            row.reason = given.get(f"reason-{row.uuid}", "").strip()[:2000]
            seen = version_seen(given, f"version-{row.uuid}")
            row.seen = row.version if seen is None else seen
        self._number_them()

    def _number_them(self):
        """Ranks follow on those the province has given already."""
        rank = self.given
        for row in self.waiting:
            rank += row.verdict == RECOMMEND
            row.rank = rank if row.verdict == RECOMMEND else None

    def move(self, wish):
        """One row one place up or down, as a button says: "<uuid>:up"."""
        uuid, _colon, way = wish.partition(":")
        here = next((index for index, row in enumerate(self.waiting) if str(row.uuid) == uuid), None)
        there = None if here is None else here + {"up": -1, "down": 1}.get(way, 0)
        if there is None or not 0 <= there < len(self.waiting):
            return
        self.waiting[here], self.waiting[there] = self.waiting[there], self.waiting[here]
        self.moved = uuid
        self._number_them()

    @property
    def order(self):
        return ",".join(str(row.uuid) for row in self.waiting)

    @property
    def chosen(self):
        return [row for row in self.waiting if row.verdict == RECOMMEND]

    @property
    def declined(self):
        return [row for row in self.waiting if row.verdict == DECLINE]

    @property
    def summary(self):
        """「推荐 3 件，不推荐 1 件」"""
        return _t("推荐 %(yes)s 件，不推荐 %(no)s 件") % {"yes": len(self.chosen), "no": len(self.declined)}

    @property
    def previewed(self):
        """True when the preview is to be shown: it was asked for, or something changed since it was."""
        return "preview" in self.request.POST or "confirm" in self.request.POST

    @property
    def print(self):
        """A print of everything that would be done; a preview of something else confirms nothing."""
        said = [(str(row.uuid), row.verdict, row.reason, row.seen) for row in self.waiting]
        told = [self.number, self.opinion, [one["value"] for one in self.joint]]
        return hashlib.sha256(repr((said, told)).encode()).hexdigest()[:16]

    def send(self):
        """True when the letter went out; otherwise `faults` says why not."""
        verdicts = [
            Verdict(row, row.rank, row.reason if row.verdict == DECLINE else "", row.seen)
            for row in self.waiting
            if row.verdict in (RECOMMEND, DECLINE)
        ]
        try:
            recommend_all(
                self.batch, self.province, verdicts, number=self.number, opinion=self.opinion,
                joint={one["name"]: one["value"] for one in self.joint}, by=self.request.user, at=self.request.at,
            )  # fmt: skip
        except Stale:
            self.stale = True
            self.faults = [{"href": "#main", "text": _t("有申报刚被别人办理过，请核对后再确认。您填写的内容还在。")}]
            # They have the rows as they are now before them; the next confirmation is of these.
            for row in self.waiting:
                row.seen = row.version
        except (NotNow, Denied) as refusal:
            self.faults = [{"href": f"#{item.field or 'main'}", "text": item.text} for item in refusal.reasons]
        return not self.faults


@seats(*PROVINCE, *INSIDE, Role.FORMALITY_CHECKER)
@require_safe
def letter(request, uuid):
    """A province's letter as PDF (or DOCX, `?as=docx`), for that province and for those who run the programme."""
    row = get_object_or_404(
        Letter.objects.select_related("batch__programme", "batch__rules_version", "province", "by__organisation"),
        uuid=uuid,
    )
    if not _reads(Authority.of(request.user, request.at), row):
        raise Http404
    return answer(words.letter_sheet(row), wanted(request), letters.file_name(row))


def _reads(authority, row):
    """The letter names every applicant of the province with the reasons against some: only offices read it."""
    for held in authority.held:
        if held.programme and held.programme != row.batch.programme.code:
            continue
        if held.role in PROVINCE and row.province.path.startswith(held.place_path or "-"):
            return True
        if held.role in (*INSIDE, Role.FORMALITY_CHECKER) and REACH[held.role] is Reach.PROGRAMME:
            return True
    return False
