"""Filling in an application: one section at a time, saved as it is typed, wrong answers too."""

from datetime import timedelta

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts import clock
from accounts.access import signed_in
from accounts.authority import Authority
from pilots.acts.application import APPLICANT
from pilots.drafting import Conflict, NotEditable, may_edit, save_section
from pilots.forms.build import section_form
from pilots.forms.tables import GridWidget
from pilots.models import Application, Presence
from pilots.views.answers import words
from pilots.views.materials import materials
from pilots.views.preview import preview
from pilots.views.seen import Seen, clean, fingerprint
from pilots.views.sidebar import neighbours, order, sidebar

# How long after the last look somebody still counts as being there.
STILL_HERE = timedelta(minutes=10)


def draft_or_none(request, uuid, authority, part=None):
    """The application this person may fill in now, or None when it is not open for filling in (any more).

    404 where it is out of sight, 403 for those who see it but were not asked to fill in `part` of it.
    """
    application = get_object_or_404(
        Application.objects.visible_to(authority).select_related(*Application.related).prefetch_related("uploads"),
        uuid=uuid,
    )
    if authority.seat(APPLICANT, application.scope()) is None and part not in application.helper_sections(request.user):
        raise PermissionDenied
    return application if may_edit(application, request.user, request.at, part) else None


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request, uuid, section):
    """One section of the form, the materials, or the preview."""
    authority = Authority.of(request.user, request.at)
    application = draft_or_none(request, uuid, authority, section)
    if application is None:
        messages.info(request, _("这份申报已经提交，现在不能修改。"))
        return redirect("application", uuid)
    if section == "materials":
        return materials(request, application)
    if section == "preview":
        return preview(request, application)
    found = next((item for item in application.rules.sections if item.code == section), None)
    if found is None:
        raise Http404
    return _post(request, application, found) if request.method == "POST" else _get(request, application, found)


def _get(request, application, section):
    stored = application.answers.get(section.code, {})
    form_class = section_form(application.rules, section)
    # Coming from "still missing": say at once what is wrong.
    form = form_class(data=stored, initial=stored) if "check" in request.GET else form_class(initial=stored)
    return _show(request, application, section, form, Seen.of(section, stored))


def _post(request, application, section):
    form = section_form(application.rules, section)(request.POST)
    typed = {name: clean(_typed(form, request, name)) for name in form.fields}
    seen = Seen.parse(section, request.POST.get("rev"))
    # The person has read both versions and decided for a field; what they decided against is what they have
    # seen.
    name, _dash, print_ = request.POST.get("mine", "").rpartition(":")
    if name in seen.prints:
        seen.prints[name] = print_
    left = request.POST.get("theirs", "")
    values = {name: value for name, value in seen.changed(typed).items() if name != left}
    stored = application.answers.get(section.code, {})
    try:
        if values:
            save_section(application, section, values, request.user, base=seen.base(stored, values))
    except NotEditable:
        messages.info(request, _("这份申报已经提交，现在不能修改。"))
        return redirect("application", application.uuid)
    except Conflict as conflict:
        clash = _clash(application, section, values, conflict, seen)
        return _show(request, application, section, form, seen, clash=clash, status=409)
    now = application.answers.get(section.code, {})
    if left in form.fields:
        return redirect("application_edit", application.uuid, section.code)
    if not form.is_valid():
        return _show(request, application, section, form, Seen.of(section, now), saved=True)
    _before, after = neighbours(application, section.code, request.user)
    return redirect("application_edit", application.uuid, section.code if "stay" in request.POST else after)


def _typed(form, request, name):
    return form.fields[name].widget.value_from_datadict(request.POST, request.FILES, name)


def _clash(application, section, values, conflict, seen):
    """Both versions of the first field that two people changed."""
    application.refresh_from_db(fields=["answers", "rev"])
    stored = application.answers.get(section.code, {})
    now = Seen.of(section, stored)
    spec = next(
        spec
        for spec in section.fields
        if spec.code in values and now.prints[spec.code] not in (seen.prints[spec.code], fingerprint(values[spec.code]))
    )
    return {
        "field": spec.code,
        "label": spec.name,
        "mine": _in_words(spec, values[spec.code]),
        "theirs": _in_words(spec, stored.get(spec.code, conflict.theirs)),
        "print": now.prints[spec.code],
    }


def _in_words(spec, value):
    if isinstance(value, (dict, list)) and spec.type in ("table", "indicators"):
        rows = value.values() if isinstance(value, dict) else value
        return "\n".join("，".join(str(cell) for cell in row.values() if cell) for row in rows)
    return words(spec, value)


def _show(request, application, section, form, seen, *, clash=None, saved=False, status=200):
    sections = [item.code for item in application.rules.sections]
    side = sidebar(application, section.code, request.at, request.user)
    before, _after = neighbours(application, section.code, request.user)
    return render(
        request,
        "pilots/edit.html",
        {
            "case": application,
            "section": section,
            "form": form,
            "rev": str(seen),
            "clash": clash,
            "saved": request.at.astimezone(clock.SHANGHAI).strftime("%H:%M") if saved else "",
            "step": sections.index(section.code) + 1,
            "of": len(sections) + 2,
            "before": before,
            "today": clock.today(request.at),
            **side,
        },
        status=status,
    )


@signed_in
@require_POST
def presence(request, uuid, section):
    """Says that this person is on a part of the form, and answers who else is (`pilots/_presence.html`)."""
    application = draft_or_none(request, uuid, Authority.of(request.user, request.at), section)
    if application is None or section not in order(application):
        return HttpResponse(status=286)
    Presence.objects.update_or_create(
        application=application, user=request.user, defaults={"section": section, "seen_at": request.at}
    )
    return render(request, "pilots/_presence.html", {"others": others(application, request.user, request.at)})


def others(application, user, at):
    """[{"name", "minutes", "where"}] of everybody else who was on the form in the last ten minutes."""
    names = {item.code: str(item.name) for item in application.rules.sections} | {"materials": _("附件材料")}
    rows = application.presences.filter(seen_at__gt=at - STILL_HERE, seen_at__lte=at).exclude(user=user)
    return [
        {
            "name": str(row.user),
            "minutes": int((at - row.seen_at).total_seconds() // 60),
            "where": names.get(row.section, ""),
        }
        for row in rows.select_related("user").order_by("-seen_at", "pk")
    ]


@signed_in
@require_POST
def save(request, uuid, section):
    """One field as it is typed (docs/ui-kit.md, autosave). 200 with the new `rev`; 409 with both versions;
    403 when
    the application is not being filled in any more; 400 for a field that does not exist."""
    application = draft_or_none(request, uuid, Authority.of(request.user, request.at), section)
    if application is None:
        return JsonResponse({"error": _("这份申报已经提交，现在不能修改。")}, status=403)
    found = next((item for item in application.rules.sections if item.code == section), None)
    if found is None:
        raise Http404
    stored = application.answers.get(found.code, {})
    name, value = _one(section_form(application.rules, found)(), request.POST, stored)
    if name is None:
        return JsonResponse({"error": _("没有这一项。")}, status=400)
    seen = Seen.parse(found, request.POST.get("rev"))
    values = {name: value}
    try:
        done = save_section(application, found, values, request.user, base=seen.base(stored, values))
    except NotEditable:
        return JsonResponse({"error": _("这份申报已经提交，现在不能修改。")}, status=403)
    except Conflict as conflict:
        clash = _clash(application, found, values, conflict, seen)
        return HttpResponse(render_to_string("pilots/_clash.html", {"clash": clash}), status=409)
    seen.saw(name, value)
    at = request.at.astimezone(clock.SHANGHAI).strftime("%H:%M")
    return JsonResponse({"rev": str(seen), "at": at, "error": done.fault})


def _one(form, posted, stored):
    """(field, value) of an autosave. A cell of a table is put into the table as it is stored."""
    name, given = posted.get("field", ""), posted.getlist("value")
    if name in form.fields and not isinstance(form.fields[name].widget, GridWidget):
        several = getattr(form.fields[name].widget, "allow_multiple_selected", False)
        return name, given if several else clean(given[0] if given else "")
    for code, field in form.fields.items():
        if isinstance(field.widget, GridWidget) and (cell := field.widget.cell_of(code, name)):
            return code, field.widget.with_cell(stored.get(code), cell, (given[0] if given else "").strip())
    return None, None
