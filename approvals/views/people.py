"""People in the browser: the list, one person, a new account and its first link."""

import logging
from smtplib import SMTPException

from django import forms
from django.contrib import messages
from django.contrib.auth.validators import UnicodeUsernameValidator
from django.core.paginator import Paginator
from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import activation, addresses, events, sessions
from accounts.access import seats
from accounts.authority import Authority
from accounts.models import AccountEvent, Grant, Place, User
from accounts.roles import ADMINISTRATORS, UNGRANTABLE, Role
from approvals import named
from approvals.models import GrantRequest
from pilots.views.listing import PAGE, dropped_filters, ordering
from pilots.views.look import state_of
from workflows.once import once

log = logging.getLogger(__name__)
SORTS = {"name": ("name",), "seen": ("last_login",)}
EVENTS_SHOWN = 20


class PeopleFilter(forms.Form):
    q = forms.CharField(
        label=_("关键词"), required=False, max_length=60,
        widget=forms.TextInput(attrs={"type": "search", "placeholder": _("姓名或用户名")}),
    )  # fmt: skip
    role = forms.ChoiceField(label=_("角色"), required=False)
    place = forms.ModelChoiceField(
        label=_("地区"), required=False, queryset=Place.objects.none(), empty_label=_("全国")
    )
    organisation = forms.CharField(label=_("单位"), required=False, max_length=80)
    state = forms.ChoiceField(
        label=_("状态"), required=False,
        choices=[("", _("全部状态")), ("on", _("启用中")), ("new", _("未启用")), ("off", _("已停用"))],
    )  # fmt: skip

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["role"].choices = [("", _t("全部角色")), *grantable()]
        self.fields["place"].queryset = Place.objects.provinces().filter(valid_to=None)


def grantable():
    """(code, label) of every role a person may hold."""
    return [(role.value, role.label) for role in Role if role not in UNGRANTABLE]


def _narrowed(rows, chosen, at):
    if q := (chosen.get("q") or "").strip():
        rows = rows.filter(Q(name__icontains=q) | Q(username__icontains=q))
    if body := (chosen.get("organisation") or "").strip():
        rows = rows.filter(organisation__name__icontains=body)
    held = Grant.objects.in_force(at).filter(user=OuterRef("pk"))
    if chosen.get("role"):
        rows = rows.filter(Exists(held.filter(role=chosen["role"])))
    if chosen.get("place"):
        path = chosen["place"].path
        here = Exists(held.filter(place__path__startswith=path))
        rows = rows.filter(Q(organisation__place__path__startswith=path) | here)
    new = Q(password__startswith="!", last_login__isnull=True)  # noqa: S106 - marks an account without a password
    match chosen.get("state"):
        case "on":
            rows = rows.filter(~new, is_active=True)
        case "new":
            rows = rows.filter(new, is_active=True)
        case "off":
            rows = rows.filter(is_active=False)
    return rows


def look(user):
    """{"label", "tone", "icon"} of an account."""
    if not user.is_active:
        return {"label": _t("已停用"), "tone": "bad", "icon": "user-x"}
    if activation.is_new(user):
        return {"label": _t("未启用"), "tone": "warn", "icon": "mail"}
    return {"label": _t("启用中"), "tone": "ok", "icon": "user-check"}


@seats(*ADMINISTRATORS)
@require_safe
def people(request):
    """Everybody with an account."""
    form = PeopleFilter(request.GET or None)
    chosen, dropped = dropped_filters(form)
    rows = _narrowed(User.objects.all(), chosen, request.at).select_related("organisation")
    sort, order = ordering(request, SORTS, "name")
    page = Paginator(rows.order_by(*order), PAGE).get_page(request.GET.get("page"))
    held = {}
    for grant in Grant.objects.in_force(request.at).filter(user__in=[row.pk for row in page]).order_by("pk"):
        held.setdefault(grant.user_id, []).append(str(grant.get_role_display()))
    for row in page:
        row.look, row.seats = look(row), list(dict.fromkeys(held.get(row.pk, [])))
    context = {
        "page": page, "filters": form, "dropped": dropped, "filtered": any(chosen.values()), "sort": sort,
        "may_open": Authority.of(request.user).has(Role.SYSTEM_ADMIN),
    }  # fmt: skip
    return render(request, "people/people.html", context)


@seats(*ADMINISTRATORS)
@require_safe
def person(request, pk):
    """One person: seats now, past and to come, requests, sessions, what happened to the account."""
    row = get_object_or_404(User.objects.select_related("organisation__place"), pk=pk)
    authority, at = Authority.of(request.user, request.at), request.at
    grants = row.grants.select_related("place", "organisation", "source__user", "granted_by", "approved_by")
    now, past, ahead = [], [], []
    for grant in grants.order_by("valid_from", "pk"):
        start, end = grant.span
        grant.ends = end
        (ahead if start > at else past if end is not None and end <= at else now).append(grant)
    requests = GrantRequest.objects.visible_to(authority).filter(lines__user=row).distinct().order_by("-pk")[:PAGE]
    requests = list(requests)
    for one in requests:
        one.look = state_of(one)
    me = row.pk == request.user.pk
    context = {
        "person": row, "look": look(row), "facts": _facts(row), "seats": [(_t("现有"), now), (_t("将来"), ahead), (_t("已终止"), past)],
        "any_seat": bool(now or past or ahead), "requests": requests, "events": events.latest(row, EVENTS_SHOWN),
        "sessions": len(sessions.sessions_of(row)) if row.is_active else 0, "me": me,
        "proposes": authority.has(Role.SYSTEM_ADMIN) and not me, "cuts": authority.has(Role.SECURITY_ADMIN) and not me,
        "is_new": activation.is_new(row), "shown": activation.may_be_shown(row, at),
        "at": at,
    }  # fmt: skip
    return render(request, "people/person.html", context)


def _facts(row):
    body = row.organisation
    return [
        (_t("用户名"), row.username),
        (_t("单位"), body or "—"),
        (_t("所在地"), body.place if body else "—"),
        (_t("电话"), row.phone or "—"),
        (_t("电子邮箱"), row.email or "—"),
    ]


class NamedField(forms.CharField):
    """A text that names something; `find` finds it or says what near it there is."""

    def __init__(self, *args, find, **kwargs):
        super().__init__(*args, **kwargs)
        self.find = find

    def clean(self, value):
        text = super().clean(value)
        if not text:
            return None
        try:
            return self.find(text)
        except named.NotNamed as fault:
            raise forms.ValidationError(str(fault)) from None


class PersonForm(forms.ModelForm):
    """A new account. It opens nothing until it is granted something."""

    organisation = NamedField(
        label=_("工作单位"), max_length=80, find=named.organisation, help_text=_("填写单位全称；没有的先登记单位。")
    )
    use_required_attribute = False

    class Meta:
        model = User
        fields = ("name", "username", "organisation", "phone", "email")
        labels = {"username": _("用户名"), "email": _("电子邮箱")}
        help_texts = {
            "username": _("登录用，开立后不改；与单点登录的用户名一致。"),
            "email": _("启用链接和重设密码的邮件发到这里；没有邮箱的，链接由您当面转交。"),
        }

    def clean_username(self):
        name = self.cleaned_data["username"].strip()
        UnicodeUsernameValidator()(name)
        if User.objects.filter(username__iexact=name).exists():
            raise forms.ValidationError(_t("用户名“%(name)s”已经有人使用。") % {"name": name})
        return name

    def clean_email(self):
        mail = self.cleaned_data["email"].strip()
        if addresses.taken(mail):
            raise forms.ValidationError(_t("这个邮箱已经属于另一个账号。"))
        return mail


@seats(Role.SYSTEM_ADMIN)
@require_http_methods(["GET", "HEAD", "POST"])
@once
def person_new(request):
    """Opens an account, without a password and without a right."""
    form = PersonForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        with transaction.atomic():
            user = form.save(commit=False)
            user.set_unusable_password()
            user.save()
            events.record(user, AccountEvent.Kind.OPENED, note=str(request.user))
        messages.success(request, _t("已开立账号。接下来：把启用链接交给本人，再提出授权申请。"))
        return redirect("person", user.pk)
    return render(request, "people/person_form.html", {"form": form}, status=422 if form.errors else 200)


@never_cache
@seats(Role.SYSTEM_ADMIN)
@require_POST
def person_link(request, pk):
    """A new link for a new account: by mail, or, where there is no address, shown this once."""
    row = get_object_or_404(User, pk=pk, is_active=True)
    if not activation.is_new(row):
        messages.error(request, _t("账号已经启用；忘记密码的，由本人在登录页重设。"))
    elif row.email:
        try:
            activation.send(row, request.user)
            messages.success(request, _t("启用链接已发到 %(mail)s，此前的链接作废。") % {"mail": row.email})
        except (OSError, SMTPException):
            log.exception("an activation link could not be sent")
            messages.error(request, _t("邮件没有发出：邮件服务器没有接受。请稍后再试。"))
    elif not activation.may_be_shown(row, request.at):
        messages.error(request, _t("管理员账号的启用链接只能发到本人邮箱，不能由他人转交。"))
    else:
        address = activation.shown(row, request.user)
        return render(request, "people/link.html", {"person": row, "address": address, "hours": activation.HOURS})
    return redirect("person", row.pk)
