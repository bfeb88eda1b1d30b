"""One draft of rules: where it stands, what is wrong with it, what differs, what was done."""

from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts import clock
from accounts.access import seats
from accounts.authority import Authority
from accounts.roles import Role
from notifications.models import Deadline
from pilots.authoring import differing, reading
from pilots.authoring.numbers import obstacles
from pilots.authoring.parts import PARTS, joined, located, page_of
from pilots.authoring.saving import may_write
from pilots.authoring.slots import slot_at
from pilots.catalogue.proving import proven
from pilots.models import RulesDraft
from pilots.models.rules_draft import READERS
from pilots.views import history
from pilots.views.look import deadline_label, state_of
from workflows.offers import panel


def draft_or_404(request, uuid):
    """The draft, as far as this person may read it."""
    authority = Authority.of(request.user, request.at)
    return get_object_or_404(
        RulesDraft.objects.visible_to(authority).select_related(
            "programme", "base__programme", "author", "published", "saved_by"
        ),
        uuid=uuid,
    )


# --- what all pages of a draft share ----------------------------------------------------------------------------------
def frame(request, draft, tab):
    """State, tabs and counts of a draft's page."""
    found = reading.findings(draft.text, own=draft.code)
    wrong = len(reading.errors(found))
    changed = _changed(draft)
    return {
        "case": draft,
        "state": state_of(draft),
        "tab": tab,
        "tabs": [
            {"label": label, "url": reverse(name, args=[draft.uuid]), "active": name == tab, "count": count}
            for name, label, count in (
                ("rules_draft", _("内容"), None), ("rules_text", _("文本"), None), ("rules_check", _("检查"), wrong),
                ("rules_preview", _("预览"), None), ("rules_changes", _("改动"), len(changed) if changed is not None else "?"),
                ("rules_history", _("记录"), None),
            )
        ],
        "found": found,
        "wrong": wrong,
        "changed": changed,
        "may_write": may_write(draft, request.user, request.at),
        "deadline": (deadline := _deadline(draft)),
        "deadline_label": deadline_label(deadline) if deadline else "",
        "waiting": Role(deadline.role).label if deadline else "",
        "today": clock.today(request.at),
        "moved": _moved_on(draft),
    }  # fmt: skip


def _deadline(draft):
    return Deadline.objects.of(draft).open().order_by("due_at").first() if draft.state == "submitted" else None


def _changed(draft):
    return differing.differences(draft.base.text, draft.text) if draft.base else []


def _moved_on(draft):
    """The version published since the draft was copied, or None: what it changed is not in this text."""
    if draft.programme is None or draft.base is None or draft.state not in ("editing", "submitted"):
        return None
    current = draft.programme.current
    return current if current is not None and current.pk != draft.base_id else None


def faults_of(draft, found):
    """{path: [words]} of the errors, each where it can be mended."""
    data, faults = reading.data_of(draft.text), {}
    for item in reading.errors(found):
        faults.setdefault(located(data, item.path), []).append(item.text)
    return faults


def link_to(draft, path):
    """The address of the page on which a path can be mended."""
    part, at = page_of(path)
    address = reverse("rules_part", args=[draft.uuid, part.code])
    if at:
        address += f"?{urlencode({'at': joined(at)})}"
    return f"{address}#id_{joined(path).replace('.', '_')}" if path else address


def sections_of(draft, found, here=None):
    """The parts as the side list shows them, with the number of faults in each."""
    data = reading.data_of(draft.text) or {}
    wrong = {}
    for item in reading.errors(found):
        code = page_of(located(data, item.path))[0].code
        wrong[code] = wrong.get(code, 0) + 1
    return [
        {
            "label": part.label, "icon": part.icon, "url": reverse("rules_part", args=[draft.uuid, part.code]),
            "note": _("%(n)s 处须修改") % {"n": wrong[part.code]} if part.code in wrong else "",
            "state": "now" if part.code == here else "bad" if part.code in wrong
            else "done" if any(key in data for key in part.keys) else "todo",
        }
        for part in PARTS
    ]  # fmt: skip


def stamp(draft):
    """「16:02」 of the last save."""
    return draft.saved_at.astimezone(clock.SHANGHAI).strftime("%H:%M") if draft.saved_at else ""


# --- overview, history, differences -----------------------------------------------------------------------------------
@seats(*READERS)
@require_safe
def rules_draft(request, uuid):
    """Where a draft stands: its parts, what is wrong in each, what can be done."""
    draft = draft_or_404(request, uuid)
    shared = frame(request, draft, "rules_draft")
    sections = sections_of(draft, shared["found"])
    return render(
        request,
        "rules/draft.html",
        {
            **shared,
            "sections": sections,
            "readable": reading.data_of(draft.text) is not None,
            "syntax": shared["found"][0] if reading.data_of(draft.text) is None else None,
            "offers": panel(draft, request.user, request.at),
            "rules": reading.rules_or_none(draft.text),
            "log": history.timeline(draft, history.entries(draft)[:5]),
        },
    )


@seats(*READERS)
@require_safe
def rules_history(request, uuid):
    """Everything done with the draft."""
    draft = draft_or_404(request, uuid)
    return render(
        request, "rules/history.html",
        {**frame(request, draft, "rules_history"), "log": history.timeline(draft, history.entries(draft)),
         "editors": [str(user) for user in draft.editors.all()]},
    )  # fmt: skip


@seats(*READERS)
@require_safe
def rules_changes(request, uuid):
    """What differs from the version it was copied from."""
    draft = draft_or_404(request, uuid)
    shared = frame(request, draft, "rules_changes")
    rows = [{"row": row, "url": link_to(draft, row.path)} for row in shared["changed"] or ()]
    lines = differing.lines(draft.base.text, draft.text) if draft.base else []
    return render(request, "rules/changes.html", {**shared, "rows": rows, "lines": lines})


@seats(*READERS)
@require_safe
def rules_check(request, uuid):
    """What the linter says, and on request what the provers say; each line leads to where it can be mended."""
    draft = draft_or_404(request, uuid)
    shared = frame(request, draft, "rules_check")
    data = reading.data_of(draft.text)
    asked = "prove" in request.GET and proven() and not shared["wrong"]
    proof = reading.proof(draft.text) if asked else None

    def rows(found):
        return [_finding(draft, data, item) for item in found]

    rules = reading.rules_or_none(draft.text)
    return render(
        request,
        "rules/check.html",
        {
            **shared,
            "errors": rows(reading.errors(shared["found"])),
            "warnings": rows([item for item in shared["found"] if item.level != "error"]),
            "taken": [item.text for item in obstacles(draft, rules)]
            if rules and draft.state in ("editing", "submitted")
            else [],
            "provable": proven(),
            "proof": rows(proof) if proof is not None else None,
        },
    )


def _finding(draft, data, item):
    """One finding with the place where it can be mended: a value of the form, else a line of the text."""
    path = located(data, item.path) if data else ()
    if path and slot_at(path[:1]) is None:
        # A law of the proof, which is nowhere in the document.
        path = ()
    text = reverse("rules_text", args=[draft.uuid]) + (f"#L{item.line}" if item.line else "")
    return {
        "row": item,
        "bad": item.level == "error",
        "where": differing.where(data, path) if path else "",
        "url": link_to(draft, path) if path else text,
    }
