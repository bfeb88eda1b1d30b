"""The list of sites, and the register of one place."""

from datetime import timedelta

from django import forms
from django.core.paginator import Paginator
from django.db.models import Q
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from accounts import clock
from accounts.access import signed_in
from accounts.authority import Authority
from accounts.models import Place
from accounts.roles import Role
from notifications.models import Deadline
from pilots.models import Application, Designation, DesignationState, Programme
from pilots.models.designation import RUNNING
from pilots.views.applications import matching
from pilots.views.listing import MOST_ROWS, PAGE, dropped_filters, ordering
from pilots.views.look import deadline_label, programme_name, state_of, tile_code
from pilots.views.taking_away import take_away
from pilots.views.viewer import blind_reviewer

SORTS = {
    "place": ("place__path",),
    "number": ("number",),
    "state": ("state",),
    "end": ("term_end",),
    "new": ("pk",),
}


class SiteFilter(forms.Form):
    q = forms.CharField(
        label=_("关键词"),
        required=False,
        max_length=60,
        widget=forms.TextInput(attrs={"type": "search", "placeholder": _("编号、单位、首字母")}),
    )
    programme = forms.ChoiceField(label=_("项目"), required=False)
    state = forms.ChoiceField(
        label=_("阶段"),
        required=False,
        choices=[
            ("", _("全部阶段")),
            ("running", _("在建、在期")),
            ("ending", _("90 日内期满")),
            *DesignationState.choices,
        ],
    )
    province = forms.ChoiceField(label=_("省份"), required=False)

    def __init__(self, *args, provinces, programmes, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["programme"].choices = [
            ("", _("全部项目")),
            *((p.code, programme_name(p)) for p in programmes),
        ]
        self.fields["province"].choices = [
            ("", _("全国")),
            *((tile_code(p.code, p.kind), p.short_name) for p in provinces),
        ]
        self.provinces = {tile_code(p.code, p.kind): p for p in provinces}


def ending(day):
    """The predicate "runs, and its term or title is over by `day`"; what is in operation has no last day."""
    return Q(state__in=RUNNING, term_end__lte=day, operating_since__isnull=True)


def narrowed(rows, chosen, form, day):
    """The queryset under the filters that were chosen."""
    if chosen.get("q"):
        rows = rows.filter(matching(chosen["q"].strip(), more=("holder_name", "former_names__name")))
    if chosen.get("programme"):
        rows = rows.filter(batch__programme__code=chosen["programme"])
    if chosen.get("state") == "running":
        rows = rows.filter(state__in=RUNNING)
    elif chosen.get("state") == "ending":
        rows = rows.filter(ending(day + timedelta(days=90)))
    elif chosen.get("state"):
        rows = rows.filter(state=chosen["state"])
    if chosen.get("province"):
        rows = rows.filter(place__path__startswith=form.provinces[chosen["province"]].path)
    return rows


@signed_in
@require_safe
def sites(request):
    """Every site this person may see."""
    authority, day = Authority.of(request.user, request.at), clock.today(request.at)
    form = SiteFilter(
        request.GET or None,
        provinces=list(Place.objects.provinces().filter(valid_to=None)),
        programmes=list(Programme.objects.order_by("code")),
    )
    chosen, dropped = dropped_filters(form)
    rows = narrowed(Designation.objects.visible_to(authority), chosen, form, day)
    sort, order = ordering(request, SORTS, "-new")
    rows = rows.select_related("place", "organisation", "batch__programme").defer("batch__call_text").order_by(*order)
    if request.GET.get("export") == "xlsx":
        return _sheet(request, rows)
    page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    query = request.GET.copy()
    query.pop("page", None)
    query["export"] = "xlsx"
    return render(
        request,
        "pilots/sites.html",
        {
            "page": page,
            "rows": _with_next(page),
            "filters": form,
            "dropped": dropped,
            "filtered": any(chosen.values()),
            "sort": sort,
            "today": day,
            "export_url": "?" + query.urlencode(),
        },
    )


def _with_next(page):
    rows, soonest = list(page), {}
    deadlines = Deadline.objects.open().filter(
        subject_model="pilots.designation", subject_uuid__in=[row.uuid for row in rows]
    )
    for deadline in deadlines.order_by("-due_at"):
        soonest[deadline.subject_uuid] = deadline
    return [
        {
            "case": row,
            "state": state_of(row),
            "programme": programme_name(row.batch.programme),
            # Where a place has several titles of one programme, the holder tells them apart.
            "body": "" if row.holder_name == row.place.name else row.holder_name,
            "deadline": (found := soonest.get(row.uuid)),
            "next": deadline_label(found) if found else "",
        }
        for row in rows
    ]


def _sheet(request, rows):
    headings = [
        _t("编号"),
        _t("名称"),
        _t("承担单位"),
        _t("地区"),
        _t("项目"),
        _t("阶段"),
        _t("期限起"),
        _t("期限止"),
        _t("验收得分"),
        _t("等次"),
    ]
    return take_away(
        request,
        "xlsx",
        "sites",
        headings,
        lambda: (
            (
                row.number,
                row.title,
                row.holder_name,
                row.place.name,
                programme_name(row.batch.programme),
                str(row.get_state_display()),
                row.term_start.isoformat(),
                row.term_end.isoformat() if row.term_end else _t("长期"),
                row.score,
                row.grade_shown,
            )
            for row in rows[:MOST_ROWS]
        ),
        total=rows.order_by().count(),
        title=_t("试点与站点"),
    )


@signed_in
@require_safe
def place(request, pk):
    """One place: its names, and every title it holds or held, as far as this person sees them."""
    authority = Authority.of(request.user, request.at)
    row = get_object_or_404(Place.objects.select_related("parent", "successor"), pk=pk)
    # Earlier units whose papers this place carries on.
    earlier = list(Place.objects.filter(successor=row).order_by("valid_to", "pk"))
    family = [row, *earlier]
    held = (
        Designation.objects.visible_to(authority).filter(place__in=family).select_related("batch__programme", "place")
    )
    asked = (
        Application.objects.visible_to(authority)
        .filter(place__in=family, designation__isnull=True)
        .select_related("batch__programme", "batch__rules_version", "rules_version", "place")
        .prefetch_related("reviews")
        .defer("answers")
    )
    chain = {item.pk: item for item in Place.objects.filter(pk__in=row.ancestor_ids)}
    return render(
        request,
        "pilots/place.html",
        {
            "place": row,
            "above": [chain[pk] for pk in row.ancestor_ids[:-1] if pk in chain],
            "earlier": earlier,
            "titles": [
                {
                    "case": site,
                    "state": state_of(site),
                    "programme": programme_name(site.batch.programme),
                    "runs": site.state in RUNNING,
                }
                for site in held.order_by("-term_start", "-pk")
            ],
            "applications": [
                {"case": item, "state": state_of(item), "programme": programme_name(item.batch.programme)}
                for item in asked.order_by("-pk")[:PAGE]
                # A blind reviewer must not find the number of what they review under the place's name.
                if not blind_reviewer(item, authority)
            ],
            "today": clock.today(request.at),
            "may_file": row.valid_to is None and authority.has(Role.DOCUMENT_CLERK, Role.PROGRAMME_OFFICER),
        },
    )
