"""The expert's desk and scoring page."""

from decimal import Decimal, InvalidOperation

from django.core.paginator import Paginator
from django.db import transaction
from django.http import Http404, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import clock
from accounts.access import seats
from accounts.roles import Role
from approvals.models import Review
from approvals.panel import OPEN_BATCHES
from notifications.models import Deadline
from pilots.models import Application, ApplicationState
from pilots.views.answers import read
from pilots.views.look import round_words
from pilots.views.viewer import identity_words, masked
from workflows import perform
from workflows.refusals import Denied, NotNow

PAGE = 20


def _mine(user):
    return (
        Review.objects.filter(expert=user)
        .exclude(state=Review.State.RECUSED)
        .select_related(
            "application__batch__rules_version",
            "application__rules_version",
            "application__batch__programme",
            "application__place",
        )
        .order_by("application__batch_id", "pk")
    )


@seats(Role.EXPERT)
@require_safe
def reviews(request):
    """Everything assigned to this expert, open ones first, with progress and own scores side by side."""
    rows = list(_mine(request.user))
    open_rows = [row for row in rows if row.state == Review.State.ASSIGNED]
    done = [row for row in rows if row.state == Review.State.SUBMITTED]
    # Progress counts the batches that are still being judged; earlier ones stay below to compare.
    running = {row.application.batch_id for row in rows if row.application.batch.state in OPEN_BATCHES}
    dues = {
        row.subject_uuid: row
        for row in Deadline.objects.open().filter(user=request.user, subject_model="pilots.application")
    }
    for row in open_rows:
        row.deadline = dues.get(row.application.uuid)
        row.filled = sum(value != "" for value in row.scores.values())
        row.of = len(row.application.rules.scoring.criteria)
    for row in rows:
        row.face = _face(row.application)
    context = {
        "open_rows": open_rows,
        "done_page": Paginator(done, PAGE).get_page(request.GET.get("page")),
        "done": sum(1 for row in done if row.application.batch_id in running),
        "total": sum(1 for row in rows if row.application.batch_id in running),
        "today": clock.today(request.at),
        "next": open_rows[0] if open_rows else None,
    }
    return render(request, "approvals/reviews.html", context)


def _face(application):
    """What the expert reads as the application's name: its number where the rules say blind."""
    scoring = application.rules.scoring
    return application.number if scoring.blind else (application.title or application.number)


def _sheet(rules, values, errors):
    """Bonus and veto of the sheet as the template shows them."""
    scoring = rules.scoring
    return {
        "bonus_max": _plain(scoring.bonus_max) if scoring.bonus_max else "",
        "bonus_items": scoring.bonus,
        "bonus": _plain(values.get("bonus") or "") if values.get("bonus") else "",
        "bonus_reason": values.get("bonus_reason", ""),
        "veto_reason": values.get("veto_reason", ""),
        "vetoes": [
            {"name": f"veto_{index}", "label": item, "checked": bool(values.get(f"veto_{index}"))}
            for index, item in enumerate(scoring.veto)
        ],
        "errors": errors,
    }


def _draft(row):
    """What stands in the expert's sheet, by the names of the form's fields."""
    items = [item.zh for item in row.application.rules.scoring.veto]
    ticked = {f"veto_{items.index(item)}": "on" for item in row.vetoes if item in items}
    return {**row.scores, "comment": row.comment, "bonus": row.bonus, "bonus_reason": row.bonus_reason,
            "veto_reason": row.veto_reason, **ticked}  # fmt: skip


def _compared(rows, here):
    """The expert's own sheets of this batch that are handed in, best first, with the present one marked."""
    done = [row for row in rows if row.total is not None and row.application.batch_id == here.batch_id]
    return [
        {"face": _face(row.application), "total": row.total, "url": reverse("review", args=[row.application.uuid]),
         "here": row.application_id == here.pk}
        for row in sorted(done, key=lambda row: (-row.total, row.pk))
    ]  # fmt: skip


def _files(application, files):
    """Names of files give the applicant away: a blind reviewer reads what each file is instead."""
    names = {material.code: str(material.name) for material in application.rules.materials}
    blind = application.rules.scoring.blind
    return [
        {**file, "shown": names.get(file.get("material"), _("材料")) if blind else file["name"]} for file in files
    ]  # fmt: skip


def _criteria(rules, values, errors):
    return [
        {
            "name": item.code,
            "label": item.name,
            "weight": item.weight.normalize() if item.weight % 1 else int(item.weight),
            "hint": item.guidance or "",
            "max": item.scale,
            "min": 0 if item.scale > 10 else 1,
            "value": _plain(values.get(item.code, "")),
            "error": errors.get(item.code, ""),
        }
        for item in rules.scoring.criteria
    ]


def _plain(value):
    """ "8.0" as "8": buttons are whole numbers."""
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        return ""
    return str(int(number)) if number == number.to_integral_value() else str(number)


@seats(Role.EXPERT)
@require_http_methods(["GET", "POST"])
def review(request, uuid):
    """Reading on the left, scoring on the right; everything typed is kept."""
    application = get_object_or_404(
        Application.objects.visible_to(request.user).select_related(*Application.related), uuid=uuid
    )
    # The sheet of the present round; whoever judged an earlier one reads theirs.
    own = Review.objects.exclude(state=Review.State.RECUSED).filter(application=application, expert=request.user)
    row = own.order_by("-round").first()
    if row is None:
        raise Http404
    row.application = application
    values, errors, extra = _draft(row), {}, []
    if request.method == "POST":
        try:
            # No version: peers' scores move the case on, and that must not stop this expert. The act itself
            # refuses a second submission, so a double click is one act.
            perform(application, "score", by=request.user, at=request.at, data=request.POST)
        except NotNow as refusal:
            values = request.POST.dict()
            errors = {reason.field: reason.text for reason in refusal.reasons if reason.field}
            extra = [
                {"href": f"#score-{reason.field}" if reason.field else "#main", "text": reason.text}
                for reason in refusal.reasons
            ]
        except Denied:
            return redirect("reviews")
        else:
            following = _mine(request.user).filter(state=Review.State.ASSIGNED).first()
            return redirect("review", following.application.uuid) if following else redirect("reviews")
    revision = application.revisions.order_by("-number").first()
    answers = revision.answers if revision else application.answers
    if application.rules.scoring.blind:
        answers = masked(answers, identity_words(application))
    # An evening's work is one batch; earlier years are not part of its progress.
    rows = [one for one in _mine(request.user) if one.application.batch_id == application.batch_id]
    order = [item.application.uuid for item in rows]
    here = order.index(application.uuid)
    context = {
        "application": application,
        "review": row,
        "readonly": row.state != Review.State.ASSIGNED or application.state != ApplicationState.EXPERT_REVIEW,
        "criteria": _criteria(application.rules, values, errors),
        "comment": values.get("comment", ""),
        "extra": extra,
        "sections": read(application.rules, answers, blind=application.rules.scoring.blind, contacts=False),
        "files": _files(application, revision.files if revision else []),
        "face": _face(application),
        "round": round_words(application.rules, row.round),
        "sheet": _sheet(application.rules, values, errors),
        "compared": _compared(rows, application),
        "position": here + 1,
        "total": len(order),
        "previous": reverse("review", args=[order[here - 1]]) if here else "",
        "following": reverse("review", args=[order[here + 1]]) if here + 1 < len(order) else "",
        "done": sum(1 for item in rows if item.state == Review.State.SUBMITTED),
        "recuse_url": reverse("act", args=["application", application.uuid, "recuse"]),
        "deadline": Deadline.objects.of(application).open().filter(user=request.user).first(),
        "today": clock.today(request.at),
    }
    return render(request, "approvals/review.html", context, status=422 if extra else 200)


@seats(Role.EXPERT)
@require_POST
def review_save(request, uuid):
    """Autosave of one score or the comment; drafts are this expert's own and decide nothing."""
    application = get_object_or_404(Application.objects.visible_to(request.user), uuid=uuid)
    name, value = request.POST.get("field", ""), request.POST.get("value", "")
    with transaction.atomic():
        row = get_object_or_404(
            Review.objects.select_for_update().filter(state=Review.State.ASSIGNED),
            application=application,
            round=application.round,
            expert=request.user,
        )
        try:
            fault = _store(row, application.rules.scoring, name, value)
        except KeyError:
            return JsonResponse({"error": _("没有这一项。")}, status=400)
        if fault:
            return JsonResponse({"rev": 0, "at": "", "error": fault})
        row.save(update_fields=["scores", "comment", "bonus", "bonus_reason", "vetoes", "veto_reason"])
    return JsonResponse({"rev": 0, "at": request.at.astimezone(clock.SHANGHAI).strftime("%H:%M"), "error": ""})


def _store(row, scoring, name, value):
    """Puts one typed value into the draft; returns what is wrong with it, or an empty string. KeyError: no such
    field."""
    known = {item.code: item.scale for item in scoring.criteria}
    if name == "comment":
        row.comment = value[:2000]
    elif name in ("bonus_reason", "veto_reason"):
        setattr(row, name, value[:300])
    elif name == "bonus" and scoring.bonus_max:
        if not _fits(value, scoring.bonus_max):
            return _("须为 0 到 %(top)s 之间的数字。") % {"top": scoring.bonus_max}
        row.bonus = Decimal(value or 0)
    elif name in {f"veto_{index}" for index in range(len(scoring.veto))}:
        item = scoring.veto[int(name.removeprefix("veto_"))].zh
        row.vetoes = [one for one in row.vetoes if one != item] + ([item] if value else [])
    else:
        if not _fits(value, known[name]):
            return _("须为 0 到 %(top)s 之间的数字。") % {"top": known[name]}
        row.scores = {**row.scores, name: value}
    return ""


def _fits(value, top):
    try:
        return value == "" or 0 <= Decimal(value) <= top
    except InvalidOperation:
        return False
