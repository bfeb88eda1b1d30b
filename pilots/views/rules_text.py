"""A draft as the document it is: its text with line numbers, and what there is to say about each line."""

from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.access import seats
from pilots.authoring import differing
from pilots.authoring.saving import Conflict, NotEditable, Seen, save
from pilots.models.rules_draft import READERS
from pilots.views.rules import draft_or_404, frame, stamp


@seats(*READERS)
@require_http_methods(["GET", "HEAD", "POST"])
def rules_text(request, uuid):
    """The document itself, with line numbers and what there is to say about each line."""
    draft = draft_or_404(request, uuid)
    typed, conflict, status = None, None, 200
    if request.method == "POST":
        typed = request.POST.get("text", "").replace("\r\n", "\n")
        try:
            save(draft, typed, by=request.user, at=request.at, seen=Seen(), rev=request.POST.get("rev", ""))
        except NotEditable:
            messages.info(request, _("这份草案现在不能修改。"))
            return redirect("rules_draft", draft.uuid)
        except Conflict as clash:
            draft, status = clash.draft, 409
            conflict = {"who": draft.saved_by, "at": stamp(draft), "lines": differing.lines(draft.text, typed)}
        else:
            messages.success(request, _("已保存。"))
            return redirect("rules_text", draft.uuid)
    shared = frame(request, draft, "rules_text")
    by_line = {}
    for item in shared["found"]:
        by_line.setdefault(item.line, []).append(item)
    text = draft.text if typed is None else typed
    return render(
        request,
        "rules/text.html",
        {
            **shared,
            "text": text,
            "lines": [
                {"n": n, "text": line, "found": by_line.get(n, ())} for n, line in enumerate(draft.text.split("\n"), 1)
            ],
            "rev": Seen().print_of(draft.text),
            "conflict": conflict,
            "saved": stamp(draft),
        },
        status=status,
    )
