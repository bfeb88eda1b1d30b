"""The materials page of an application: every file with its own rules, replaced or removed one by one."""

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts import clock
from pilots.drafting import NotEditable
from pilots.uploads import attach, remove, total_limit
from pilots.views.sidebar import sidebar


def materials(request, application):
    """GET shows what is there; POST takes new files, or takes one out."""
    faults = {}
    if request.method == "POST":
        try:
            done, faults = _take(request, application)
        except NotEditable:
            messages.info(request, _("这份申报已经提交，现在不能修改。"))
            return redirect("application", application.uuid)
        if not faults:
            if done:
                messages.success(request, _("材料已更新。"))
            helping = bool(application.helper_sections(request.user))
            return redirect("application_edit", application.uuid, "materials" if done or helping else "preview")
        # What arrived with the same press is kept; only the refused files have to be chosen again.
        application._prefetched_objects_cache.pop("uploads", None)
    return _show(request, application, faults)


def _take(request, application):
    """(how many changes were made, {material code: fault in words})."""
    by_code = {material.code: material for material in application.rules.materials}
    taken_out = request.POST.get("remove", "")
    if taken_out in by_code:
        return remove(application, taken_out, by=request.user, at=request.at), {}
    done, faults = 0, {}
    for code, material in by_code.items():
        file = request.FILES.get(code)
        if file is None:
            continue
        try:
            attach(application, material, file, by=request.user, at=request.at)
            done += 1
        except ValidationError as error:
            faults[code] = error.messages[0]
    return done, faults


class _MaterialsForm(forms.Form):
    """One file input per material; the checks are in `pilots.uploads`, this form only draws."""

    def __init__(self, rules):
        super().__init__()
        for material in rules.materials:
            accept = ",".join(f".{ending}" for ending in material.formats)
            field = forms.FileField(
                label=material.name,
                required=material.required,
                help_text=_help(material),
                widget=forms.FileInput(attrs={"accept": accept}),
            )
            field.max_bytes = material.max_mb * 1024 * 1024
            self.fields[material.code] = field


def _help(material):
    parts = [str(material.help)] if material.help else []
    if material.stamped:
        parts.append(_("须加盖公章后扫描。"))
    if material.copies:
        parts.append(_("另报送纸质件 %(n)s 份。") % {"n": material.copies})
    return "".join(parts)


def _show(request, application, faults):
    form = _MaterialsForm(application.rules)
    uploads = list(application.uploads.select_related("by"))
    kept = {row.material: row for row in uploads if row.replaced_at is None}
    replaced = {}
    for row in uploads:
        if row.replaced_at is not None:
            replaced.setdefault(row.material, []).append(row)
    rows = []
    for material in application.rules.materials:
        row = kept.get(material.code)
        rows.append(
            {
                "bound": form[material.code],
                "code": material.code,
                "fault": faults.get(material.code, ""),
                "file": row,
                "replaced": replaced.get(material.code, []),
                "kept": {"name": row.name, "size": row.size, "url": reverse("upload", args=[row.uuid])}
                if row
                else None,
            }
        )
    return render(
        request,
        "pilots/materials.html",
        {
            "case": application,
            "rows": rows,
            "used": sum(row.size for row in kept.values()),
            "most": total_limit(application.rules),
            "faults": [{"href": f"#id_{code}", "text": text} for code, text in faults.items()],
            "today": clock.today(request.at),
            **sidebar(application, "materials", request.at, request.user),
        },
        status=422 if faults else 200,
    )
