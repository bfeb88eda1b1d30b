"""The words of messages and letters: who wrote which, with a preview on a real case, and the history."""

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override
from django.views.decorators.http import require_http_methods, require_safe

from accounts import clock
from accounts.access import seats
from accounts.authority import Authority, Scope
from accounts.digits import whole
from accounts.roles import Role
from notifications import outbox, wordings
from notifications.models import Deadline, Wording
from notifications.views.overseen import STAFF
from notifications.words import BODY_MOST, KINDS, LANGUAGES, SUBJECT_MOST, faults, fill
from pilots.authoring.differing import lines
from pilots.models import Programme
from pilots.views.look import programme_name

WRITERS = (Role.PROGRAMME_OFFICER,)
LANGUAGE_NAMES = {"zh-hans": _("中文"), "en": _("英文")}
GROUPS = {"message": _("消息和邮件"), "letter": _("信函")}
LEVELS = {
    "programme": (_("本项目自定"), "info"),
    "all": (_("全部项目自定"), "info"),
    "system": (_("系统自带"), "neutral"),
}
# Real cases offered for a preview.
CASES = 20


class WordsForm(forms.Form):
    """One text. `seen` is the version its writer saw."""

    subject = forms.CharField(label=_("标题"), max_length=SUBJECT_MOST)
    body = forms.CharField(label=_("正文"), max_length=BODY_MOST, widget=forms.Textarea(attrs={"rows": 7}))
    note = forms.CharField(label=_("修改说明"), max_length=200, required=False)
    case = forms.ChoiceField(label=_("用哪一件预览"), required=False)
    seen = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args, kind, cases, **kwargs):
        super().__init__(*args, **kwargs)
        self.kind = kind
        self.fields["case"].choices = [
            *((str(number), label) for number, (label, _values) in enumerate(cases)), ("", _t("示例内容")),
        ]  # fmt: skip
        if kind.group == "letter":
            del self.fields["subject"]

    def clean(self):
        data = super().clean()
        for name, text in faults(self.kind, data.get("subject", ""), data.get("body", "")):
            if name in self.fields and not self.has_error(name):
                self.add_error(name, text)
        return data

    @property
    def text(self):
        return self.cleaned_data.get("subject", ""), self.cleaned_data["body"]


def _programmes(request):
    """(authority, the programmes a person may read, the chosen one or "")."""
    authority = Authority.of(request.user, request.at)
    rows = Programme.objects.filter(active=True).order_by("code")
    rows = [row for row in rows if authority.seat(STAFF, Scope(programme=row.code)) is not None]
    wanted = request.GET.get("programme", "")
    if wanted and wanted not in {row.code for row in rows}:
        raise Http404
    return authority, rows, wanted


@seats(*STAFF)
@require_safe
def words(request):
    """Every kind, and whose words count for the chosen programme."""
    _authority, programmes, chosen = _programmes(request)
    book = wordings.book()
    groups = []
    for group, heading in GROUPS.items():
        rows = []
        for kind in KINDS.values():
            if kind.group != group:
                continue
            cells = []
            for language in LANGUAGES:
                if language not in kind.texts:
                    continue
                label, tone = LEVELS[book.level(kind.code, language, chosen)]
                row = book.row(kind.code, language, chosen) or book.row(kind.code, language)
                query = urlencode({"programme": chosen, "language": language})
                cells.append({"language": LANGUAGE_NAMES[language], "label": label, "tone": tone, "row": row,
                              "url": f"{reverse('words_of', args=[kind.code])}?{query}"})  # fmt: skip
            rows.append({"kind": kind, "cells": cells, "subject": book.text(kind.code, "zh-hans", chosen)})
        groups.append({"heading": heading, "rows": rows})
    return render(
        request,
        "notifications/words.html",
        {"groups": groups, "programmes": [(row.code, programme_name(row)) for row in programmes], "chosen": chosen},
    )


@seats(*STAFF)
@require_http_methods(["GET", "HEAD", "POST"])
def words_of(request, code):
    """One kind in one language: edit, preview on a real case, save as a new version, go back to an earlier one."""
    authority, programmes, chosen = _programmes(request)
    kind = KINDS.get(code)
    language = request.GET.get("language", "zh-hans")
    if kind is None or language not in kind.texts:
        raise Http404
    key = (code, chosen, language)
    may_write = authority.seat(WRITERS, Scope(programme=chosen or "*")) is not None
    history = list(
        Wording.objects.filter(kind=code, programme=chosen, language=language).select_related("by").order_by("-version")
    )
    book = wordings.book()
    cases = _cases(kind, authority, chosen, language)
    text = book.text(code, language, chosen)
    newest = history[0].version if history else 0
    form, preview, status, clash = None, fill(text, _values(kind, cases, "0")), 200, None
    if request.method == "POST":
        if not may_write:
            raise PermissionDenied
        done = _act(request, key, kind, cases, history, request.POST.get("do", "preview"))
        if not isinstance(done, tuple):
            return done
        form, preview, status, clash = done
    form = form or WordsForm(
        kind=kind,
        cases=cases,
        initial={"subject": text[0], "body": text[1], "seen": newest, "case": "0" if cases else ""},
    )
    return render(
        request,
        "notifications/words_of.html",
        {
            "kind": kind, "form": form, "preview": preview, "clash": clash, "may_write": may_write, "chosen": chosen,
            "language": language, "language_name": LANGUAGE_NAMES[language],
            "programme": next((programme_name(row) for row in programmes if row.code == chosen), _t("全部项目")),
            "level": LEVELS[book.level(code, language, chosen)], "history": _told(history, kind, language), "newest": newest,
            "others": [(name, LANGUAGE_NAMES[name]) for name in LANGUAGES if name != language and name in kind.texts],
            "can_reset": bool(history) and not history[0].reset, "placeholders": kind.placeholders,
            "back": reverse("words") + (f"?programme={chosen}" if chosen else ""),
        },
        status=status,
    )  # fmt: skip


def _act(request, key, kind, cases, history, do):
    """A response when something was saved, else (form, preview, status, clash)."""
    here = request.get_full_path()
    if do.startswith("restore:") or do == "reset":
        row = next((one for one in history if f"restore:{one.version}" == do), None)
        if do != "reset" and row is None:
            raise Http404
        text = None if do == "reset" or row.reset else (row.subject, row.body)
        note = _t("恢复系统或上一级文字") if text is None else _t("恢复第 %(n)s 版") % {"n": row.version}
        wordings.save(key, text, seen=history[0].version if history else 0, by=request.user, at=request.at, note=note)
        messages.success(request, _t("已恢复，此后发出的按恢复后的文字。"))
        return redirect(here)
    form = WordsForm(request.POST, kind=kind, cases=cases)
    if not form.is_valid():
        return form, None, 422, None
    preview = fill(form.text, _values(kind, cases, form.cleaned_data["case"]))
    if do != "save":
        return form, preview, 200, None
    try:
        row = wordings.save(key, form.text, seen=form.cleaned_data["seen"], by=request.user, at=request.at,
                            note=form.cleaned_data["note"])  # fmt: skip
    except wordings.Clash:
        # What was typed stays; saving again after reading goes over the other's version knowingly.
        data = request.POST.copy()
        data["seen"] = history[0].version
        return WordsForm(data, kind=kind, cases=cases), preview, 409, history[0]
    messages.success(request, _t("已保存为第 %(n)s 版，此后发出的按新文字。") % {"n": row.version})
    return redirect(here)


def _cases(kind, authority, programme, language):
    """[(label, values)] of real cases a person may see; the newest first."""
    if kind.cases is not None:
        return kind.cases(authority, programme)[:CASES]
    rows = Deadline.objects.visible_to(authority).open().exclude(ladder=[])
    if programme:
        rows = rows.filter(programme=programme)
    today, found = clock.today(authority.at), []
    for row in rows.order_by("-opened_at", "-pk")[:CASES]:
        with override(language):
            values = {name: str(value) for name, value in outbox.about(row, (row.due_on - today).days).items()}
        found.append((f"{row.subject_label} · {row.label}（{row.due_on}）", values))
    return found


def _values(kind, cases, chosen):
    values = {item.name: item.example for item in kind.placeholders}
    number = whole(chosen)
    if number is not None and number < len(cases):
        values |= cases[number][1]
    return values


def _told(history, kind, language):
    """Versions, newest first, each with what it changed."""
    told = []
    for index, row in enumerate(history):
        before = history[index + 1] if index + 1 < len(history) else None
        old = _whole(before, kind, language)
        told.append(
            {"row": row, "lines": [] if row.reset else lines(old, _whole(row, kind, language)), "first": index == 0}
        )
    return told


def _whole(row, kind, language):
    subject, body = (row.subject, row.body) if row is not None and not row.reset else kind.fallback(language)
    return f"{subject}\n\n{body}\n" if subject else f"{body}\n"
