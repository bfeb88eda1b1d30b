"""The in-app inbox."""

from django.core.paginator import Paginator
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST, require_safe

from accounts.access import signed_in
from notifications.models import Message

PAGE = 20


@signed_in
@require_safe
def inbox(request):
    """Messages to this person, newest first; `?unread=1` shows only those not read."""
    rows = Message.objects.inbox_of(request.user)
    unread = request.GET.get("unread") == "1"
    if unread:
        rows = rows.filter(read_at__isnull=True)
    page = Paginator(rows.order_by("-created_at", "-pk"), PAGE).get_page(request.GET.get("page"))
    return render(request, "notifications/inbox.html", {"page": page, "unread": unread})


@signed_in
@require_safe
def open_message(request, uuid):
    """Marks a message as read and goes to what it is about."""
    row = get_object_or_404(Message.objects.inbox_of(request.user), uuid=uuid)
    Message.objects.filter(pk=row.pk, read_at__isnull=True).update(read_at=request.at)
    if row.url and url_has_allowed_host_and_scheme(row.url, allowed_hosts=None):
        return redirect(row.url)
    return redirect("inbox")


@signed_in
@require_POST
def read_all(request):
    """Marks everything as read."""
    Message.objects.inbox_of(request.user).filter(read_at__isnull=True).update(read_at=request.at)
    return redirect("inbox")
