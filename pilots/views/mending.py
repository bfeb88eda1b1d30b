"""The list of what a site must mend: each item with its day and its answer, saved one by one."""

from django.contrib import messages
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts import clock
from accounts.access import signed_in
from accounts.authority import Authority
from accounts.digits import whole
from pilots import mending
from pilots.drafting import Conflict, NotEditable
from pilots.models import Designation, RectificationItem

# Digits; an item has two at most, a counter of saves a few.
LONGEST_NUMBER = 6


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def rectification(request, uuid):
    """Everybody who sees the site reads the list; its own people write the answers."""
    authority = Authority.of(request.user, request.at)
    site = get_object_or_404(Designation.objects.visible_to(authority).select_related(*Designation.related), uuid=uuid)
    items = list(site.rectification_items.select_related("answered_by"))
    if not items:
        raise Http404
    may = mending.may_answer(site, request.user, request.at)
    typed, fault, theirs, status = None, "", None, 200
    if request.method == "POST":
        number, text = request.POST.get("number", ""), request.POST.get("answer", "").strip()
        rev = request.POST.get("rev", "")
        typed = {"number": number, "text": text}
        fault, theirs, status = _save(request, site, number, text, rev)
        if not fault and theirs is None:
            messages.success(request, _("第 %(n)s 项已保存。") % {"n": number})
            return redirect("rectification", uuid=site.uuid)
        items = list(site.rectification_items.select_related("answered_by"))
    rows = [
        {
            "item": item,
            "editable": may and item.round == site.rectifications,
            "text": typed["text"] if (mine := _is(typed, item, site)) else item.answer,
            "fault": fault if mine else "",
            "theirs": theirs if mine else None,
        }
        for item in items
    ]
    context = {
        "site": site,
        "rows": rows,
        "today": clock.today(request.at),
        "fault": fault if fault and not any(row["fault"] for row in rows) else "",
        "left": sum(1 for row in rows if row["editable"] and not row["item"].answer),
        "may": may,
        "longest": mending.LONGEST_ANSWER,
    }
    return render(request, "pilots/rectification.html", context, status=status)


def _is(typed, item, site):
    return typed is not None and typed["number"] == str(item.number) and item.round == site.rectifications


def _save(request, site, number, text, rev):
    """(fault, what somebody else wrote, status) of one save; ("", None, 200) when it stands."""
    item, seen = whole(number, LONGEST_NUMBER), whole(rev, LONGEST_NUMBER)
    if item is None or seen is None:
        return _("没有这一整改事项。"), None, 422
    if len(text) > mending.LONGEST_ANSWER:
        return _("最多 %(max)s 字，现有 %(n)s 字。") % {"max": mending.LONGEST_ANSWER, "n": len(text)}, None, 422
    try:
        mending.save_answer(site, item, text, rev=seen, by=request.user, at=request.at)
    except Conflict as conflict:
        return "", conflict, 409
    except NotEditable:
        return _("现在不能填写：须在限期整改期间，由试点单位负责人或经办人填写。"), None, 403
    except RectificationItem.DoesNotExist:
        return _("没有这一整改事项。"), None, 422
    return "", None, 200
