"""The expert's desk and scoring page, and the formality checker's queue."""

from decimal import Decimal, InvalidOperation

from django.core.paginator import Paginator
from django.db import transaction
from django.http import JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import clock
from accounts.access import seats
from accounts.roles import Role
from approvals.models import Review
from notifications.models import Deadline
from pilots.models import Application, ApplicationState
from pilots.views.answers import read
from workflows import perform
from workflows.models import LedgerEntry
from workflows.offers import panel
from workflows.refusals import Denied, NotNow

PAGE = 20


def _mine(user):
    return (
        Review.objects.filter(expert=user)
        .exclude(state=Review.State.RECUSED)
        .select_related("application__batch__rules_version", "application__batch__programme", "application__place")
        .order_by("application__batch_id", "pk")
    )


@seats(Role.EXPERT)
@require_safe
def reviews(request):
    """Everything assigned to this expert, open ones first, with progress and own scores side by side."""
    rows = list(_mine(request.user))
    open_rows = [row for row in rows if row.state == Review.State.ASSIGNED]
    done = [row for row in rows if row.state == Review.State.SUBMITTED]
    dues = {
        row.subject_uuid: row
        for row in Deadline.objects.open().filter(user=request.user, subject_model="pilots.application")
    }
    for row in open_rows:
        row.deadline = dues.get(row.application.uuid)
    context = {
        "open_rows": open_rows,
        "done_page": Paginator(done, PAGE).get_page(request.GET.get("page")),
        "done": len(done),
        "total": len(rows),
        "today": clock.today(request.at),
        "next": open_rows[0] if open_rows else None,
    }
    return render(request, "approvals/reviews.html", context)


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
    row = get_object_or_404(
        Review.objects.exclude(state=Review.State.RECUSED), application=application, expert=request.user
    )
    values, errors, extra = {**row.scores, "comment": row.comment}, {}, []
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
    rows = list(_mine(request.user))
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
        "files": revision.files if revision else [],
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
            expert=request.user,
        )
        known = {item.code: item.scale for item in application.rules.scoring.criteria}
        if name == "comment":
            row.comment = value[:2000]
        elif name in known:
            try:
                fits = value == "" or 0 <= Decimal(value) <= known[name]
            except InvalidOperation:
                fits = False
            if not fits:
                return JsonResponse(
                    {"rev": 0, "at": "", "error": _("须为 0 到 %(top)s 之间的数字。") % {"top": known[name]}}
                )
            row.scores = {**row.scores, name: value}
        else:
            return JsonResponse({"error": _("没有这一项。")}, status=400)
        row.save(update_fields=["scores", "comment"])
    return JsonResponse({"rev": 0, "at": request.at.astimezone(clock.SHANGHAI).strftime("%H:%M"), "error": ""})


@seats(Role.FORMALITY_CHECKER)
@require_safe
def check_queue(request):
    """What waits for the formality check, oldest first, and how much was done today."""
    rows = (
        Application.objects.visible_to(request.user)
        .filter(state=ApplicationState.FORMALITY_CHECK)
        .select_related(*Application.related)
        .order_by("since", "pk")
    )
    page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    dues = {row.subject_uuid: row for row in Deadline.objects.open().filter(
        subject_model="pilots.application", code="form", subject_uuid__in=[row.uuid for row in page])}  # fmt: skip
    for row in page:
        row.deadline = dues.get(row.uuid)
    day = clock.today(request.at)
    done = LedgerEntry.objects.filter(
        actor=request.user, act__in=["accept", "ask_supplement", "reject"], at__date=day
    ).count()
    context = {"page": page, "done": done, "today": day, "first": next(iter(page), None)}
    if context["first"]:
        context["offers"] = panel(context["first"], request.user, request.at)
    return render(request, "approvals/check_queue.html", context)
