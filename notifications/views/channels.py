"""Where messages go besides people: bots of groups, other systems, the SMS gateway. Looked at, added, tested, switched off."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Max, Q
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _t
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import seats
from accounts.authority import Authority, Scope
from accounts.roles import Role
from notifications.channels import registry
from notifications.channels.base import Undelivered
from notifications.models import Endpoint, EndpointChange, Message
from notifications.preferences import KINDS
from notifications.views.overseen import STAFF
from pilots.models import Programme
from pilots.views.look import programme_name
from workflows.once import once


def may_change(request) -> bool:
    """True for an officer of all programmes: an endpoint may carry every programme's news out of the house."""
    authority = Authority.of(request.user, request.at)
    return authority.seat([Role.PROGRAMME_OFFICER], Scope(programme="*")) is not None


def must_change(request) -> None:
    """Refuses whoever may not change endpoints."""
    if not may_change(request):
        raise PermissionDenied


@seats(*STAFF)
@require_safe
def channels(request):
    """All endpoints with how they fare, and what can be added."""
    waiting = Q(messages__state__in=[Message.State.QUEUED, Message.State.SENDING])
    rows = Endpoint.objects.annotate(
        last=Max("messages__sent_at"), waiting=Count("messages", filter=waiting),
        dead=Count("messages", filter=Q(messages__state=Message.State.DEAD)),
    ).order_by("-active", "channel", "name", "pk")  # fmt: skip
    known, names = registry.configured(), _programmes()
    change = may_change(request)
    return render(request, "notifications/channels.html", {
        "rows": [
            {"row": row, "channel": known.get(row.channel), "programme": names.get(row.programme, row.programme),
             "kinds": [str(KINDS[kind][0]) for kind in row.kinds if kind in KINDS]}
            for row in rows
        ],
        "kinds": [{"channel": channel, "missing": channel.missing(), "url": reverse("channel_new", args=[code])}
                  for code, channel in known.items()],
        "may_change": change,
    })  # fmt: skip


def _programmes() -> dict[str, str]:
    return {row.code: programme_name(row) for row in Programme.objects.order_by("code")}


def _form(request, channel, endpoint=None):
    kinds = [(code, name) for code, (name, _usual) in KINDS.items()]
    programmes = list(_programmes().items()) if channel.form.about_news else []
    return channel.form(request.POST or None, endpoint=endpoint, kinds=kinds, programmes=programmes)


@seats(Role.PROGRAMME_OFFICER)
@require_http_methods(["GET", "HEAD", "POST"])
@once
def channel_new(request, code):
    """A new endpoint of a channel."""
    must_change(request)
    channel = registry.configured().get(code)
    if channel is None:
        raise Http404
    form = _form(request, channel)
    if request.method == "POST" and form.is_valid():
        if code == "sms" and Endpoint.objects.listening().filter(channel=code).exists():
            form.add_error(None, _t("已有一个启用的短信网关，请先停用它。"))
        else:
            row = Endpoint(channel=code, created_by=request.user, created_at=request.at)
            _save(row, form)
            _note(request, row, EndpointChange.What.ADDED)
            made = row.config.get("secret") if not form.data.get("secret") else ""
            if made:
                messages.info(request, _t("签名密钥（只显示这一次）：%(secret)s") % {"secret": made})
            messages.success(request, _t("已添加“%(name)s”，请发送一条测试消息。") % {"name": row.name})
            return redirect("channel", row.uuid)
    context = {"form": form, "channel": channel, "missing": channel.missing(), "may_change": True}
    return render(request, "notifications/channel.html", context, status=422 if form.errors else 200)


def _note(request, row, what, settings=()):
    EndpointChange.objects.create(endpoint=row, what=what, settings=list(settings), by=request.user, at=request.at)


def _save(row, form):
    """Keeps what the form says; returns the labels of the settings that differ from before."""
    before = _told(row) if row.pk else {}
    data = form.cleaned_data
    row.name, row.config = data["name"], form.stored()
    row.programme, row.kinds = data.get("programme", ""), data.get("kinds", [])
    row.language = data.get("language") or "zh-hans"
    row.save()
    after = _told(row)
    return [
        str(form.fields[name].label) if name in form.fields else name
        for name in sorted(before.keys() | after.keys()) if before and before.get(name) != after.get(name)
    ]  # fmt: skip


def _told(row):
    return {"name": row.name, "programme": row.programme, "kinds": row.kinds, "language": row.language, **row.config}


@seats(*STAFF)
@require_http_methods(["GET", "HEAD", "POST"])
def channel(request, uuid):
    """One endpoint: its settings (secrets by their last four characters), its last messages."""
    row = get_object_or_404(Endpoint, uuid=uuid)
    found = registry.configured().get(row.channel)
    if found is None:
        raise Http404
    if request.method == "POST":
        must_change(request)
    form = _form(request, found, row)
    if request.method == "POST" and form.is_valid():
        settings = _save(row, form)
        if settings:
            _note(request, row, EndpointChange.What.CHANGED, settings)
        messages.success(request, _t("已保存。"))
        return redirect("channel", row.uuid)
    change = may_change(request)
    if not change:
        for field in form.fields.values():
            field.disabled = True
    context = {
        "form": form, "channel": found, "row": row, "missing": found.missing(), "may_change": change,
        "last": row.messages.order_by("-created_at", "-pk")[:10], "changes": row.changes.select_related("by")[:10],
    }  # fmt: skip
    return render(request, "notifications/channel.html", context, status=422 if form.errors else 200)


@seats(Role.PROGRAMME_OFFICER)
@require_POST
def channel_test(request, uuid):
    """Sends a test message now and shows what the other side said."""
    must_change(request)
    row = get_object_or_404(Endpoint, uuid=uuid)
    _note(request, row, EndpointChange.What.TESTED)
    try:
        answer = registry.configured()[row.channel].test(row, request.at)
    except Undelivered as fault:
        messages.error(request, _t("测试消息没有送达：%(why)s") % {"why": fault.words()})
    else:
        messages.success(request, _t("测试消息已送达，对方答复：%(answer)s") % {"answer": answer})
    return redirect("channel", row.uuid)


@seats(Role.PROGRAMME_OFFICER)
@require_POST
def channel_switch(request, uuid):
    """Switches an endpoint on or off; what still waits for one that is off is dropped when its time comes."""
    must_change(request)
    row = get_object_or_404(Endpoint, uuid=uuid)
    on = request.POST.get("do") == "on"
    if on and row.channel == "sms" and Endpoint.objects.listening().filter(channel="sms").exclude(pk=row.pk).exists():
        messages.error(request, _t("已有一个启用的短信网关，请先停用它。"))
    else:
        if Endpoint.objects.filter(pk=row.pk).exclude(active=on).update(active=on):
            _note(request, row, EndpointChange.What.ON if on else EndpointChange.What.OFF)
        messages.success(request, (_t("已启用“%(name)s”。") if on else _t("已停用“%(name)s”。")) % {"name": row.name})
    return redirect("channel", row.uuid)
