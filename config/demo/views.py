"""The demonstration's own pages: identities, the movable clock, the story in eight steps, the mailbox."""

from datetime import timedelta

from allauth.account.internal.flows.login import record_authentication
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login
from django.core.paginator import Paginator
from django.db import transaction
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts import clock
from accounts.access import public, signed_in
from accounts.models import User
from approvals.models import Review
from config.demo.cast import Cast
from config.demo.story import cards, steps
from config.demo.walk import Walk
from notifications.models import DemoMail
from workflows.timeline import next_moment, travel

PAGE = 20
LEAPS = {"month": timedelta(days=30), "years": timedelta(days=1127)}


def _back(request, fallback):
    target = request.POST.get("next", "")
    return target if url_has_allowed_host_and_scheme(target, allowed_hosts=None) else fallback


@public
@require_POST
def become(request, key):
    """Signs in as one of the demonstration's people. Exists only in demo mode, which only runs on this machine."""
    if not settings.DEMO:
        raise Http404
    user = get_object_or_404(User.objects.filter(is_active=True, email__endswith="@demo.invalid"), username=key)
    login(request, user, backend="allauth.account.auth_backends.AuthenticationBackend")
    record_authentication(request, user, method="demo")
    return redirect(_back(request, reverse("desk")))


@public
@require_safe
def story(request):
    """The eight steps, who takes each, and how far this installation has come."""
    return render(request, "demo/story.html", {"steps": steps(), "cards": cards(everybody=True)})


@signed_in
@require_POST
def clock_forward(request):
    """Moves the clock and lives through everything on the way: reminders, expiry, acceptance."""
    leap = request.POST.get("leap", "")
    start = clock.now()
    if leap == "next":
        moment = next_moment(start)
        if moment is None:
            messages.info(request, _("目前没有未到的期限。"))
            return redirect(_back(request, reverse("desk")))
        until = moment + timedelta(minutes=1)
    elif leap in LEAPS:
        until = start + LEAPS[leap]
    else:
        raise Http404
    done = travel(start, until)
    with transaction.atomic():
        clock.advance(until - clock.now())
    messages.success(
        request,
        _("时钟已拨到 %(now)s：到期自动办理 %(expired)s 件，提醒 %(reminded)s 次，邮件 %(mails)s 封。") % {
            "now": until.astimezone(clock.SHANGHAI).strftime("%Y-%m-%d %H:%M"), "expired": done.expired,
            "reminded": done.reminded, "mails": done.mails,
        },
    )  # fmt: skip
    return redirect(_back(request, reverse("desk")))


@signed_in
@require_POST
def experts_score(request):
    """The demonstration's other experts give their scores, through the same door, so that one visitor can go on."""
    cast = Cast(clock.now())
    waiting = list(
        Review.objects.filter(state=Review.State.ASSIGNED, expert__email__endswith="@demo.invalid",
                              application__state="expert_review")
        .exclude(expert__username="expert1")
        .select_related("application__batch__programme", "expert")
        .order_by("pk")[:40]
    )  # fmt: skip
    for index, row in enumerate(waiting):
        walk = Walk(cast, row.application.batch.programme, clock.now())
        walk.score_now(row.application, row.expert, index)
    if waiting:
        messages.success(request, _("其余演示专家已提交 %(n)s 份评审意见。") % {"n": len(waiting)})
    else:
        messages.info(request, _("没有等待其他演示专家的评审。"))
    return redirect(_back(request, reverse("desk")))


@signed_in
@require_safe
def mailbox(request):
    """Every mail the demonstration "sent"; `?to=me` shows only one's own."""
    rows = DemoMail.objects.all()
    mine = request.GET.get("to") == "me"
    if mine:
        rows = rows.filter(to=request.user.email)
    page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    return render(request, "demo/mailbox.html", {"page": page, "mine": mine})
