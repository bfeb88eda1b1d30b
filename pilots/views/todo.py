"""My to-dos: the open deadlines of the seats I hold, and of nobody else's."""

from datetime import timedelta

from django import forms
from django.core.paginator import Paginator
from django.db.models import Count, Q
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from accounts import clock
from accounts.access import signed_in
from accounts.authority import Authority
from accounts.roles import REACH, Reach, Role
from notifications.models import Deadline
from notifications.orphans import orphans, watched
from pilots.models import Application
from pilots.views.listing import PAGE, dropped_filters
from pilots.views.look import deadline_label, url_or_none


def todo(authority):
    """Open deadlines that this person is to meet, soonest first.

    A seat that only looks on (an officer over a province in which an applicant is late) does not make a
    to-do:
    the role of the row must be the very role whose reach covers it. Waits of the system itself are left out.
    """
    return Deadline.objects.open().filter(_mine(authority)).order_by("due_at", "pk")


def _mine(authority):
    """The predicate of an open deadline that this person is to meet."""
    mine = Q(pk__in=[])
    for held in authority.held:
        one = Q(role=str(held.role))
        reach = REACH[held.role]
        if reach is Reach.ORGANISATION:
            one &= Q(organisation_id=held.organisation_id)
        elif reach is Reach.PLACE:
            one &= Q(place_path__startswith=held.place_path)
        elif reach is Reach.PERSONAL:
            one &= Q(user_id=authority.user.pk)
        if held.programme:
            one &= Q(programme=held.programme)
        mine |= one
    personal = Q(user__isnull=True) | Q(user_id=authority.user.pk if authority.user.pk else 0)
    return mine & personal & ~(Q(ladder=[]) & ~Q(then_act=""))


def counts(authority, at):
    """{"all", "late", "today", "week"} of the person's to-dos, and "nobody": how much of what they watch over nobody can do;
    one statement."""
    day, mine = clock.today(at), _mine(authority)
    unheld = Q(pk__in=orphans(watched(authority), at).order_by().values("pk"))
    return (
        Deadline.objects.open()
        .filter(mine | unheld)
        .aggregate(
            all=Count("pk", filter=mine),
            late=Count("pk", filter=mine & Q(due_on__lt=day)),
            today=Count("pk", filter=mine & Q(due_on=day)),
            week=Count("pk", filter=mine & Q(due_on__gte=day, due_on__lte=day + timedelta(days=6 - day.weekday()))),
            nobody=Count("pk", filter=unheld),
        )
    )


def as_rows(deadlines):
    """Deadlines as the to-do list shows them. Reviews lead to the scoring page and name the case by its
    number:
    a blind reviewer must not read the applicant's name off the list."""
    deadlines = list(deadlines)
    reviews = [row.subject_uuid for row in deadlines if _is_review(row)]
    numbers = dict(Application.objects.filter(uuid__in=reviews).values_list("uuid", "number")) if reviews else {}
    return [
        {
            "what": deadline_label(row),
            "case": numbers.get(row.subject_uuid, row.subject_label),
            "url": (url_or_none("review", row.subject_uuid) if _is_review(row) else None) or row.subject_url,
            "role": Role(row.role).label,
            "row": row,
        }
        for row in deadlines
    ]


def _is_review(row):
    """An expert's other duty, an opinion on a site, is done on the site's own page."""
    return row.role == Role.EXPERT and row.subject_model == "pilots.application"


class TodoFilter(forms.Form):
    q = forms.CharField(
        label=_("关键词"),
        required=False,
        max_length=60,
        widget=forms.TextInput(attrs={"type": "search", "placeholder": _("事项或项目名称")}),
    )
    when = forms.ChoiceField(
        label=_("期限"),
        required=False,
        choices=[("", _("全部期限")), ("late", _("已逾期")), ("today", _("今日到期")), ("week", _("7 日内"))],
    )
    role = forms.ChoiceField(label=_("办理角色"), required=False)

    def __init__(self, *args, authority, **kwargs):
        super().__init__(*args, **kwargs)
        held = sorted({str(role) for role in authority.roles})
        self.fields["role"].choices = [("", _("全部角色")), *((role, Role(role).label) for role in held)]


@signed_in
@require_safe
def tasks(request):
    """Everything that waits for me."""
    authority = Authority.of(request.user, request.at)
    form = TodoFilter(request.GET or None, authority=authority)
    chosen, dropped = dropped_filters(form)
    rows, day = todo(authority), clock.today(request.at)
    if chosen.get("q"):
        rows = rows.filter(Q(subject_label__icontains=chosen["q"]) | Q(label__icontains=chosen["q"]))
    if chosen.get("role"):
        rows = rows.filter(role=chosen["role"])
    rows = {
        "late": lambda: rows.filter(due_on__lt=day),
        "today": lambda: rows.filter(due_on=day),
        "week": lambda: rows.filter(due_on__gte=day, due_on__lt=day + timedelta(days=7)),
    }.get(chosen.get("when"), lambda: rows)()
    page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    return render(
        request,
        "pilots/tasks.html",
        {
            "page": page,
            "rows": as_rows(page),
            "filters": form,
            "dropped": dropped,
            "filtered": any(chosen.values()),
            "today": day,
        },
    )
