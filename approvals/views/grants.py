"""授权申请 in the browser: what waits, one request with what it would do, proposing, and taking away at once."""

from django import forms
from django.core.paginator import Paginator
from django.db.models import Case, When
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts import activation, clock, proof
from accounts.access import seats
from accounts.authority import Authority
from accounts.days import DayField
from accounts.digits import whole
from accounts.models import Grant, User
from accounts.roles import ADMINISTRATORS, Role
from approvals import grants as asked
from approvals import named
from approvals.grant_file import midnight
from approvals.models import GrantLine, GrantRequest, GrantRequestState
from approvals.views.hanging import hanging
from approvals.views.people import NamedField, grantable
from pilots.models import Programme
from pilots.views.listing import PAGE
from pilots.views.look import state_of
from workflows.beginnings import begin_grant_request
from workflows.offers import log, panel
from workflows.once import once
from workflows.refusals import NotNow

K = GrantRequest.Kind
LINES_SHOWN = 50


@seats(*ADMINISTRATORS)
@require_safe
def grants(request):
    """Requests, those that wait first."""
    authority = Authority.of(request.user, request.at)
    rows = GrantRequest.objects.visible_to(authority).select_related(*GrantRequest.related)
    waiting = rows.filter(state=GrantRequestState.WAITING).count()
    chosen = request.GET.get("state", "")
    if chosen in GrantRequestState.values:
        rows = rows.filter(state=chosen)
    # Databases differ in where they put what is empty, so "not decided yet" is no order.
    waits = Case(When(state=GrantRequestState.WAITING, then=0), default=1)
    page = Paginator(rows.order_by(waits, "-pk"), PAGE)
    page = page.get_page(request.GET.get("page"))
    for row in page:
        row.look = state_of(row)
    context = {
        "page": page, "chosen": chosen, "states": GrantRequestState.choices, "waiting": waiting,
        "proposes": authority.has(Role.SYSTEM_ADMIN),
    }  # fmt: skip
    return render(request, "people/grants.html", context)


@seats(*ADMINISTRATORS)
@require_safe
def grant_request(request, uuid):
    """One request: its lines, what the person holds already, what they could do then, what stands in the way."""
    rows = GrantRequest.objects.visible_to(request.user).select_related(*GrantRequest.related)
    row = get_object_or_404(rows, uuid=uuid)
    lines = asked.lines_of(row)
    waiting = row.state == GrantRequestState.WAITING
    if waiting:
        for index, fault in asked.line_faults(row.kind, lines, request.at):
            lines[index].faults = [*getattr(lines[index], "faults", []), fault.text]
    page = Paginator(lines, LINES_SHOWN).get_page(request.GET.get("page"))
    held = {}
    people = {line.user_id for line in page}
    for grant in Grant.objects.in_force(request.at).filter(user__in=people).select_related("place", "organisation"):
        held.setdefault(grant.user_id, []).append(
            f"{grant.get_role_display()} {grant.place or grant.organisation or ''}"
        )
    for line in page:
        line.held, line.new = held.get(line.user_id, []), activation.is_new(line.user)
    roles = sorted({line.role for line in lines if line.role}, key=list(Role).index)
    # Of many people each has a page of their own.
    alone = lines[0] if waiting and len(lines) == 1 and row.kind in GrantRequest.SHRINKING else None
    context = {
        "row": row, "page": page, "look": state_of(row), "waiting": waiting, "faulty": sum(hasattr(line, "faults") for line in lines),
        "powers": [(Role(role).label, asked.powers(role)) for role in roles] if row.kind == K.GIVE else [],
        "alone": alone, "hanging": hanging(alone.user, request.at, alone.grant) if alone else [],
        "offers": panel(row, request.user, request.at), "log": log(row),
    }  # fmt: skip
    return render(request, "people/grant_request.html", context)


class GroundsForm(forms.Form):
    """Why, and on which paper: asked of every request."""

    grounds = forms.CharField(label=_("事由"), max_length=500, widget=forms.Textarea(attrs={"rows": 3}))
    paper = forms.CharField(
        label=_("依据文件"), max_length=120, required=False, help_text=_("任职文件、岗位调整单等的名称和文号。")
    )
    use_required_attribute = False


class GiveForm(GroundsForm):
    """One seat for one person."""

    user = NamedField(label=_("账号"), max_length=150, find=named.person, help_text=_("填写用户名。"))
    role = forms.ChoiceField(label=_("角色"))
    place = NamedField(
        label=_("辖区"), max_length=60, required=False, find=named.place,
        help_text=_("市级、省级角色须填写：名称或六位区划代码。"),
    )  # fmt: skip
    organisation = NamedField(
        label=_("单位"), max_length=80, required=False, find=named.organisation,
        help_text=_("申报单位的角色须填写：单位全称。"),
    )  # fmt: skip
    programme = forms.ChoiceField(label=_("项目"), required=False)
    valid_from = DayField(label=_("生效日期"), help_text=_("复核晚于此日的，自复核时生效。"))
    valid_to = DayField(label=_("失效日期（含当日）"), required=False, help_text=_("不填为长期有效。"))
    field_order = ("user", "role", "place", "organisation", "programme", "valid_from", "valid_to", "grounds", "paper")

    def __init__(self, *args, at, **kwargs):
        super().__init__(*args, **kwargs)
        self.at = at
        self.fields["role"].choices = [("", _t("请选择")), *grantable()]
        programmes = Programme.objects.filter(active=True).order_by("name").values_list("code", "name")
        self.fields["programme"].choices = [("", _t("全部项目")), *programmes]

    def clean(self):
        data = super().clean()
        if self.errors:
            return data
        end = data["valid_to"]
        data["line"] = GrantLine(
            user=data["user"], role=data["role"], place=data["place"], organisation=data["organisation"],
            programme=data["programme"], valid_from=midnight(data["valid_from"]),
            valid_to=midnight(end, 1) if end else None,
        )  # fmt: skip
        for _index, fault in asked.line_faults(K.GIVE, [data["line"]], self.at):
            self.add_error(fault.field or None, fault.text)
        return data


def _propose(request, form, kind, lines, **more):
    """The request that was made, or None with the refusal among the form's errors."""
    given = form.cleaned_data
    try:
        return begin_grant_request(
            kind, lines, by=request.user, at=request.at, grounds=given["grounds"], paper=given.get("paper", ""), **more
        ).obj
    except NotNow as refusal:
        for reason in refusal.reasons:
            form.add_error(None, reason.text)
        return None


def _answer(request, form, made, template, context):
    if made is not None:
        return redirect(made)
    return render(request, template, {"form": form} | context, status=422 if form.errors else 200)


@seats(Role.SYSTEM_ADMIN)
@require_http_methods(["GET", "HEAD", "POST"])
@once
def grant_new(request):
    """Proposes one seat for one person."""
    start = {"user": request.GET.get("user", ""), "valid_from": clock.today(request.at)}
    form = GiveForm(request.POST if request.method == "POST" else None, at=request.at, initial=start)
    made = None
    if request.method == "POST" and form.is_valid():
        made = _propose(request, form, K.GIVE, [form.cleaned_data["line"]])
    return _answer(request, form, made, "people/grant_form.html", {})


class EndForm(GroundsForm):
    """When a seat is to end."""

    last = DayField(label=_("最后一日"), required=False, help_text=_("不填为复核后立即终止。"))
    field_order = ("last", "grounds", "paper")


@seats(Role.SYSTEM_ADMIN)
@require_http_methods(["GET", "HEAD", "POST"])
@once
def grant_end(request, pk):
    """Proposes the end of a seat."""
    grant = get_object_or_404(Grant.objects.select_related("user", "place", "organisation"), pk=pk)
    form = EndForm(request.POST if request.method == "POST" else None)
    made = None
    if request.method == "POST" and form.is_valid():
        last = form.cleaned_data["last"]
        made = _propose(request, form, K.END, [ending(grant, midnight(last, 1) if last else None)])
    context = {
        "person": grant.user, "kind": K.END, "what": seat_words(grant),
        "hanging": hanging(grant.user, request.at, grant),
    }  # fmt: skip
    return _answer(request, form, made, "people/propose.html", context)


def ending(grant, at=None):
    """The line that asks for the end of a seat."""
    return GrantLine(
        user=grant.user, role=grant.role, place=grant.place, organisation=grant.organisation, programme=grant.programme,
        valid_from=grant.valid_from, valid_to=at, grant=grant,
    )  # fmt: skip


def seat_words(grant):
    """「省局推荐员（江苏省）」 of a seat."""
    where = grant.place or grant.organisation or grant.programme
    return f"{grant.get_role_display()}（{where}）" if where else grant.get_role_display()


@seats(Role.SYSTEM_ADMIN)
@require_http_methods(["GET", "HEAD", "POST"])
@once
def account_switch(request, pk):
    """Proposes to switch an account off, or on again."""
    person = get_object_or_404(User, pk=pk)
    kind = K.OFF if person.is_active else K.ON
    form, made = GroundsForm(request.POST if request.method == "POST" else None), None
    if request.method == "POST" and form.is_valid():
        made = _propose(request, form, kind, [GrantLine(user=person)])
    return _answer(
        request,
        form,
        made,
        "people/propose.html",
        {"person": person, "kind": kind, "hanging": hanging(person, request.at)},
    )


class ContactForm(GroundsForm):
    """Where an account is to be reached."""

    email = forms.EmailField(label=_("电子邮箱"), max_length=254, required=False, help_text=_("不填为没有邮箱。"))
    phone = forms.CharField(label=_("电话"), max_length=30, required=False)
    field_order = ("email", "phone", "grounds", "paper")

    def __init__(self, *args, person, at, **kwargs):
        super().__init__(*args, initial={"email": person.email, "phone": person.phone}, **kwargs)
        self.person, self.at = person, at

    def clean(self):
        data = super().clean()
        if not self.errors:
            data["line"] = GrantLine(user=self.person, email=data["email"], phone=data["phone"])
            for _index, fault in asked.line_faults(K.CONTACT, [data["line"]], self.at):
                self.add_error(fault.field or None, fault.text)
        return data


@seats(Role.SYSTEM_ADMIN)
@require_http_methods(["GET", "HEAD", "POST"])
@once
def contact_new(request, pk):
    """Proposes another address or number for an account."""
    person = get_object_or_404(User, pk=pk)
    form, made = ContactForm(request.POST if request.method == "POST" else None, person=person, at=request.at), None
    if request.method == "POST" and form.is_valid():
        made = _propose(request, form, K.CONTACT, [form.cleaned_data["line"]])
    return _answer(request, form, made, "people/propose.html", {"person": person, "kind": K.CONTACT})


class CutForm(forms.Form):
    """Why rights are taken away on the spot."""

    grounds = forms.CharField(label=_("理由"), max_length=500, widget=forms.Textarea(attrs={"rows": 3}))
    use_required_attribute = False


@seats(Role.SECURITY_ADMIN)
@require_http_methods(["GET", "HEAD", "POST"])
@once
def person_cut(request, pk):
    """Takes one seat away, or switches the account off, at once and alone."""
    person = get_object_or_404(User, pk=pk)
    wanted, grant = request.GET.get("grant", ""), None
    if wanted:
        rows = Grant.objects.select_related("user", "place", "organisation").filter(user=person)
        grant = get_object_or_404(rows, pk=whole(wanted))
    kind = K.END if grant else K.OFF
    context = {
        "person": person,
        "kind": kind,
        "what": seat_words(grant) if grant else "",
        "prove_url": proof.prove_url(request),
        "hanging": hanging(person, request.at, grant),
    }
    form, made = CutForm(request.POST if request.method == "POST" else None), None
    if not proof.recently_proven(request):
        if request.method != "POST":
            return redirect(context["prove_url"])
        return render(request, "people/cut.html", context | {"form": form, "expired": True}, status=403)
    if request.method == "POST" and form.is_valid():
        lines = [ending(grant) if grant else GrantLine(user=person)]
        made = _propose(request, form, kind, lines, at_once=True)
    return _answer(request, form, made, "people/cut.html", context)
