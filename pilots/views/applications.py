"""The list of applications: filters in the address, an order, a sheet to take away."""

from django import forms
from django.core.paginator import Paginator
from django.db.models import OuterRef, Q, Subquery
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from accounts import clock
from accounts.access import signed_in
from accounts.authority import Authority
from accounts.models import Place
from accounts.roles import Role
from approvals.models import Review
from notifications.models import Deadline
from pilots.models import Application, ApplicationState, Batch
from pilots.views.listing import MOST_ROWS, PAGE, dropped_filters, ordering
from pilots.views.look import programme_name, state_of, tile_code
from pilots.views.taking_away import take_away

SORTS = {
    "unit": ("organisation__name",),
    "province": ("province__path",),
    "number": ("number",),
    "state": ("state", "since"),
    "due": ("due_on",),
    "new": ("pk",),
}
# Rules are long; a list never needs them, nor the answers.
_HEAVY = ("answers", "batch__call_text")


class ApplicationFilter(forms.Form):
    q = forms.CharField(
        label=_("关键词"),
        required=False,
        max_length=60,
        widget=forms.TextInput(attrs={"type": "search", "placeholder": _("编号、单位、首字母")}),
    )
    programme = forms.ChoiceField(label=_("项目"), required=False)
    state = forms.ChoiceField(label=_("阶段"), required=False, choices=[("", _("全部阶段")), *ApplicationState.choices])
    province = forms.ChoiceField(label=_("省份"), required=False)
    batch = forms.ChoiceField(label=_("批次"), required=False)

    def __init__(self, *args, batches, provinces, **kwargs):
        super().__init__(*args, **kwargs)
        programmes = {batch.programme.code: programme_name(batch.programme) for batch in batches}
        self.fields["programme"].choices = [("", _("全部项目")), *programmes.items()]
        self.fields["province"].choices = [
            ("", _("全国")),
            *((tile_code(p.code, p.kind), p.short_name) for p in provinces),
        ]
        self.fields["batch"].choices = [
            ("", _("全部批次")),
            *((batch.number, str(batch)) for batch in batches),
        ]


def matching(text, *, place="place", more=()):
    """The predicate "number, title, place or body contains `text`", pinyin initials of the place included."""
    found = (
        Q(number__icontains=text)
        | Q(title__icontains=text)
        | Q(organisation__name__icontains=text)
        | Q(**{f"{place}__name__icontains": text})
        | Q(**{f"{place}__name_en__icontains": text})
    )
    if text.isascii() and text.isalpha():
        found |= Q(**{f"{place}__initials__startswith": text.lower()})
    for lookup in more:
        found |= Q(**{f"{lookup}__icontains": text})
    return found


def narrowed(rows, chosen):
    """The queryset under the filters that were chosen."""
    if chosen.get("q"):
        rows = rows.filter(matching(chosen["q"].strip()))
    if chosen.get("programme"):
        rows = rows.filter(batch__programme__code=chosen["programme"])
    if chosen.get("state"):
        rows = rows.filter(state=chosen["state"])
    if chosen.get("batch"):
        rows = rows.filter(batch__number=chosen["batch"])
    if chosen.get("province"):
        code = chosen["province"]
        cities = Q(province__kind=Place.Kind.PLAN_LISTED_CITY)
        rows = rows.filter(Q(province__code__startswith=code), cities if len(code) == 4 else ~cities)
    return rows


@signed_in
@require_safe
def applications(request):
    """Every application this person may see."""
    authority = Authority.of(request.user, request.at)
    if authority.roles == {Role.EXPERT}:
        # A filter by place answers a blind reviewer's question even where the row says nothing.
        return redirect("reviews")
    batches = list(Batch.objects.visible_to(authority).select_related("programme").defer("call_text"))
    form = ApplicationFilter(
        request.GET or None, batches=batches, provinces=Place.objects.provinces().filter(valid_to=None)
    )
    chosen, dropped = dropped_filters(form)
    rows = narrowed(_own(authority), chosen).defer(*_HEAVY)
    rows = rows.select_related("organisation", "place", "province", "batch__programme")
    sort, order = ordering(request, SORTS, "-new")
    if "due_on" in sort or sort.removeprefix("-") == "due":
        soonest = Deadline.objects.open().filter(subject_uuid=OuterRef("uuid")).order_by("due_on").values("due_on")
        rows = rows.annotate(due_on=Subquery(soonest[:1]))
    rows = rows.order_by(*order)
    if request.GET.get("export") == "xlsx":
        return _sheet(request, rows)
    page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    return render(
        request,
        "pilots/applications.html",
        {
            "page": page,
            "rows": _with_due(page),
            "filters": form,
            "dropped": dropped,
            "filtered": any(chosen.values()),
            "sort": sort,
            "today": clock.today(request.at),
            "applicant": authority.has(Role.APPLICANT_CONTACT, Role.APPLICANT_LEADER),
            "export_url": "?" + _export_query(request),
        },
    )


def _own(authority):
    """What this person sees, without what they judge as an expert: that stands on the review desk, without names."""
    rows = Application.objects.visible_to(authority)
    if not authority.has(Role.EXPERT):
        return rows
    return rows.exclude(
        pk__in=Review.objects.filter(expert=authority.user).exclude(state="recused").values("application")
    )


def _export_query(request):
    query = request.GET.copy()
    query.pop("page", None)
    query["export"] = "xlsx"
    return query.urlencode()


def _with_due(page):
    rows = list(page)
    soonest = {}
    deadlines = Deadline.objects.open().filter(
        subject_model="pilots.application", subject_uuid__in=[r.uuid for r in rows]
    )
    for deadline in deadlines.order_by("-due_at"):
        soonest[deadline.subject_uuid] = deadline
    return [{"case": row, "state": state_of(row), "deadline": soonest.get(row.uuid)} for row in rows]


def _sheet(request, rows):
    headings = [
        _t("编号"),
        _t("项目名称"),
        _t("申报单位"),
        _t("地区"),
        _t("省份"),
        _t("项目"),
        _t("批次"),
        _t("阶段"),
        _t("提交时间"),
    ]
    return take_away(
        request,
        "xlsx",
        "applications",
        headings,
        lambda: (
            (
                row.number,
                row.title,
                row.organisation.name,
                row.place.name,
                row.province.name,
                programme_name(row.batch.programme),
                row.batch.title,
                str(row.get_state_display()),
                clock.today(row.submitted_at).isoformat() if row.submitted_at else "",
            )
            for row in rows[:MOST_ROWS]
        ),
        total=rows.order_by().count(),
        title=_t("申报列表"),
    )
