"""The pool of experts: the list of it, one member's page, listing somebody."""

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.db import transaction
from django.db.models import Count, Q
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts import clock, wall
from accounts.access import seats
from accounts.authority import Authority
from accounts.models import Grant, Place, User
from accounts.roles import ORGANISERS, Role
from approvals import pool_file
from approvals.acts.expert import ProfileForm
from approvals.models import Credit, Expert, ExpertState, Review
from approvals.models.expert import POOL_READERS
from approvals.panel import present_load
from pilots.rules.expertise import EXPERTISE
from pilots.views.listing import dropped_filters, ordering
from workflows.beginnings import list_expert
from workflows.explaining import explain
from workflows.offers import log, panel, shown
from workflows.once import once
from workflows.refusals import NotNow

PAGE = 20
TONES = {ExpertState.LISTED: "ok", ExpertState.SUSPENDED: "bad"}
SORTS = {"name": ("user__name",), "load": ("load",), "term": ("term_to",)}


def field_words(codes):
    """Fields of expertise in the language of the page, in the order of the list."""
    english = (get_language() or "").startswith("en")
    return [EXPERTISE[code][1 if english else 0] for code in EXPERTISE if code in codes]


class PoolFilter(forms.Form):
    q = forms.CharField(
        label=_("关键词"), required=False, max_length=60,
        widget=forms.TextInput(attrs={"type": "search", "placeholder": _("姓名、单位、专业")}),
    )  # fmt: skip
    field = forms.ChoiceField(label=_("评审领域"), required=False)
    province = forms.ModelChoiceField(
        label=_("省份"), required=False, queryset=Place.objects.none(), empty_label=_("全国")
    )
    state = forms.ChoiceField(
        label=_("状态"), required=False,
        choices=[("", _("全部状态")), *ExpertState.choices, ("over", _("不在聘期"))],
    )  # fmt: skip

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        words = zip(EXPERTISE, field_words(EXPERTISE), strict=True)
        self.fields["field"].choices = [("", _t("全部领域")), *words]
        self.fields["province"].queryset = Place.objects.provinces().filter(valid_to=None)


def _narrowed(rows, chosen, day):
    if chosen.get("q"):
        q = chosen["q"].strip()
        rows = rows.filter(
            Q(user__name__icontains=q) | Q(user__organisation__name__icontains=q) | Q(profession__icontains=q)
        )
    if chosen.get("field"):
        # Codes are never parts of each other; JSON look-ups differ between databases.
        rows = rows.filter(fields__icontains=f'"{chosen["field"]}"')
    if chosen.get("province"):
        rows = rows.filter(user__organisation__place__path__startswith=chosen["province"].path)
    over = Q(term_to__lt=day) | Q(term_from__gt=day)
    if chosen.get("state") == "over":
        rows = rows.filter(over)
    elif chosen.get("state"):
        rows = rows.filter(state=chosen["state"])
    return rows


def _records(experts):
    """{expert: {"done", "marks", "ties"}} for a page of experts; two statements for any number of them."""
    found = {one.pk: {"done": 0, "marks": {}, "ties": 0} for one in experts}
    done = Count("user__reviews", filter=Q(user__reviews__state=Review.State.SUBMITTED), distinct=True)
    counted = Expert.objects.filter(pk__in=found).order_by().annotate(done=done, n=Count("ties", distinct=True))
    for pk, reviews, ties in counted.values_list("pk", "done", "n"):
        found[pk] |= {"done": reviews, "ties": ties}
    for pk, kind, n in (
        Credit.objects.filter(expert__in=found).order_by().values_list("expert", "kind").annotate(n=Count("pk"))
    ):
        found[pk]["marks"][kind] = n
    return found


def credit_words(marks):
    """「逾期评审 2 次」 for every kind that occurs; an empty list for a clean record."""
    return [_t("%(kind)s %(n)s 次") % {"kind": kind.label, "n": marks[kind]} for kind in Credit.Kind if marks.get(kind)]


@seats(*POOL_READERS)
@require_safe
def experts(request):
    """The pool, least loaded first."""
    day = clock.today(request.at)
    form = PoolFilter(request.GET or None)
    chosen, dropped = dropped_filters(form)
    rows = _narrowed(Expert.objects.visible_to(request.user), chosen, day)
    rows = rows.select_related("user__organisation__place").annotate(load=present_load("user__reviews"))
    sort, order = ordering(request, SORTS, "load")
    with wall.lifted():
        # How much somebody has on the desk is a number over all programmes.
        page = Paginator(rows.order_by(*order), PAGE).get_page(request.GET.get("page"))
        records = _records(page)
    for row in page:
        row.record, row.words = records[row.pk], field_words(row.fields)
        row.credit, row.tone, row.within = credit_words(row.record["marks"]), TONES[row.state], row.in_term(day)
    context = {
        "page": page, "filters": form, "dropped": dropped, "filtered": any(chosen.values()), "sort": sort,
        "may_list": Authority.of(request.user).has(*ORGANISERS), "today": day,
    }  # fmt: skip
    return render(request, "approvals/experts.html", context)


@seats(Role.EXPERT)
@require_safe
def expert_mine(request):
    """To the expert's own page; those not listed yet are told whom to ask."""
    own = Expert.objects.visible_to(request.user).filter(user=request.user).first()
    return redirect(own) if own else render(request, "approvals/expert_none.html")


@seats(*POOL_READERS, Role.EXPERT)
@require_safe
def expert(request, uuid):
    """One member: profile, ties, work and record. Experts read their own page."""
    rows = Expert.objects.visible_to(request.user).select_related(*Expert.related)
    with wall.lifted():
        row = get_object_or_404(rows.annotate(load=present_load("user__reviews")), uuid=uuid)
    staff = Authority.of(request.user).has(*POOL_READERS) and row.user_id != request.user.pk
    offers = (
        panel(row, request.user, request.at)
        if staff
        else [shown(row, offer) for offer in explain(row, request.user, request.at) if offer.role is not None]
    )
    day = clock.today(request.at)
    marks = list(row.credits.select_related("application").order_by("-at", "-pk"))
    context = {
        "expert": row, "staff": staff, "tone": TONES[row.state], "offers": offers,
        "log": log(row, 12) if staff else [], "facts": _facts(row, day), "today": day,
        "ties": row.ties.select_related("organisation", "declared_by"), "credits": marks,
        "done": _done(row), "within": row.in_term(day),
    }  # fmt: skip
    return render(request, "approvals/expert.html", context)


def _facts(row, day):
    organisation = row.user.organisation
    return [
        (_t("单位"), organisation or "—"),
        (_t("所在地"), organisation.place if organisation else "—"),
        (_t("职称"), row.title or "—"),
        (_t("专业"), row.profession or "—"),
        (_t("评审领域"), _t("、").join(field_words(row.fields)) or "—"),
        (_t("聘期"), f"{row.term_from} — {row.term_to}"),
        (_t("在评"), _t("%(n)s 份") % {"n": row.load}),
        (_t("利害关系承诺"), clock.today(row.promised_at) if row.promised_at else _t("尚未承诺")),
    ]


@wall.lifted()
def _done(row):
    """{"all", "late"}: reviews handed in, and how many of them after their day."""
    late = Count("pk", filter=Q(kind=Credit.Kind.LATE))
    return {
        "all": Review.objects.filter(expert=row.user_id, state=Review.State.SUBMITTED).count(),
        "late": row.credits.order_by().aggregate(n=late)["n"],
    }


class ListingForm(ProfileForm):
    """A new member: who, and the profile."""

    user = forms.ModelChoiceField(label=_("账号"), queryset=User.objects.none(), empty_label=_("请选择"))

    def __init__(self, *args, at, **kwargs):
        super().__init__(*args, at=at, **kwargs)
        ids = Grant.objects.in_force(at).filter(role=Role.EXPERT).values("user_id")
        people = User.objects.filter(pk__in=ids, expert__isnull=True).select_related("organisation").order_by("name")
        self.fields["user"].queryset = people
        self.fields["user"].label_from_instance = lambda one: f"{one.name} · {one.organisation or one.username}"
        self.order_fields(["user", "title", "profession", "fields_of", "term_from", "term_to"])


@seats(*ORGANISERS)
@require_http_methods(["GET", "POST"])
@once
def expert_new(request):
    """Lists somebody who has an account and the role of an expert."""
    form = ListingForm(request.POST or None, by=request.user, at=request.at)
    if request.method == "POST" and form.is_valid():
        data = dict(form.cleaned_data)
        data["fields"] = data.pop("fields_of")
        try:
            outcome = list_expert(data.pop("user"), by=request.user, at=request.at, **data)
        except NotNow as refusal:
            form.add_error(None, str(refusal))
        else:
            return redirect(outcome.obj)
    return render(
        request,
        "approvals/expert_form.html",
        {"form": form, "nobody": not form.fields["user"].queryset.exists()},
        status=422 if form.errors else 200,
    )


class ImportForm(forms.Form):
    file = forms.FileField(label=_("XLSX 或 CSV 文件"), widget=forms.FileInput(attrs={"accept": ".xlsx,.csv"}))


@seats(*ORGANISERS)
@require_http_methods(["GET", "POST"])
@once(press="confirmed")
def expert_import(request):
    """A sheet is read and shown first; what holds is listed at the second press, faults stay with their rows."""
    given = (request.POST, request.FILES) if request.method == "POST" else ()
    form, lines = ImportForm(*given), []
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["file"]
        try:
            lines = pool_file.read(file.name, file.read(), request.at)
        except pool_file.Unreadable as fault:
            form.add_error("file", str(fault))
    good = [line for line in lines if not line.faults]
    if good and request.POST.get("confirmed"):
        with transaction.atomic():
            for line in good:
                list_expert(line.user, by=request.user, at=request.at, **line.values)
        messages.success(request, _t("已入库 %(n)s 位专家。") % {"n": len(good)})
        return redirect("experts")
    for line in lines:
        line.words = field_words(line.values["fields"])
    context = {"form": form, "lines": lines, "good": len(good), "bad": len(lines) - len(good),
               "columns": pool_file.COLUMNS, "fields": field_words(EXPERTISE)}  # fmt: skip
    return render(request, "approvals/expert_import.html", context, status=422 if form.errors else 200)
