"""The form as a workbook: taken away, brought back, previewed, and stored only when that is confirmed."""

from django.contrib import messages
from django.core import signing
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts import clock
from accounts.access import seats
from accounts.authority import Authority
from accounts.roles import Role
from pilots.drafting import Conflict, NotEditable, save_section
from pilots.sheets.read import NotThisForm, read
from pilots.sheets.write import template
from pilots.views.attachment import disposition
from pilots.views.edit import draft_or_none
from pilots.views.listing import XLSX
from pilots.views.sidebar import sidebar

SALT = "pilots.sheet"
# A preview left open over lunch is still good.
KEEP = 4 * 3600


@seats(Role.APPLICANT_CONTACT, Role.APPLICANT_LEADER)
@require_safe
def sheet_template(request, uuid):
    """The workbook with what is typed so far."""
    application = _draft(request, uuid)
    if application is None:
        return _closed(request, uuid)
    response = HttpResponse(template(application, request.at), content_type=XLSX)
    response["Content-Disposition"] = disposition(f"{application.number}.xlsx")
    return response


@seats(Role.APPLICANT_CONTACT, Role.APPLICANT_LEADER)
@require_http_methods(["GET", "HEAD", "POST"])
def sheet(request, uuid):
    """GET asks for the file; POST previews what it changes, or stores what was previewed."""
    application = _draft(request, uuid)
    if application is None:
        return _closed(request, uuid)
    if request.method == "POST" and "confirm" in request.POST:
        return _store(request, application)
    reading, fault = None, ""
    if request.method == "POST":
        file = request.FILES.get("file")
        try:
            if file is None:
                raise NotThisForm(_("请选择填好的表格。"))
            reading = read(application, file)
        except ValidationError as error:
            fault = error.messages[0]
        except NotThisForm as error:
            fault = str(error)
    return _show(request, application, reading, fault)


def _draft(request, uuid):
    authority = Authority.of(request.user, request.at)
    application = draft_or_none(request, uuid, authority)
    if application is not None and application.helper_sections(request.user):
        # A workbook holds all sections; who was asked for some of them fills those in on their pages.
        raise PermissionDenied
    return application


def _closed(request, uuid):
    messages.info(request, _("这份申报已经提交，现在不能修改。"))
    return redirect("application", uuid)


def _show(request, application, reading, fault="", status=200):
    good = reading is not None and not reading.faults and reading.differences
    return render(
        request,
        "pilots/sheet.html",
        {
            "case": application,
            "reading": reading,
            "fault": fault,
            "faults": [{"href": "#id_file", "text": fault}] if fault else [],
            "clashes": [one for one in reading.differences if one.clash] if reading else [],
            "payload": signing.dumps(_payload(application, reading), salt=SALT, compress=True) if good else "",
            "today": clock.today(request.at),
            **sidebar(application, "sheet", request.at, request.user),
        },
        status=422 if fault or (reading and reading.faults) else status,
    )


def _payload(application, reading):
    """What would be stored, and what stood there when it was shown."""
    return {
        "application": str(application.uuid),
        "changes": [
            {
                "section": one.section, "field": one.field, "value": one.value, "clash": one.clash,
                "base": application.answers.get(one.section, {}).get(one.field, ""),
            }
            for one in reading.differences
        ],
    }  # fmt: skip


def _store(request, application):
    try:
        payload = signing.loads(request.POST.get("payload", ""), salt=SALT, max_age=KEEP)
    except signing.BadSignature:
        return _show(request, application, None, _("预览已过期，请重新上传表格。"))
    if payload["application"] != str(application.uuid):
        return _show(request, application, None, _("这是另一份申报的预览，请重新上传表格。"))
    taken = set(request.POST.getlist("take"))
    changes = [one for one in payload["changes"] if not one["clash"] or f"{one['section']}:{one['field']}" in taken]
    try:
        with transaction.atomic():
            for section in application.rules.sections:
                mine = [one for one in changes if one["section"] == section.code]
                if mine:
                    save_section(
                        application, section, {one["field"]: one["value"] for one in mine}, request.user,
                        base={one["field"]: one["base"] for one in mine},
                    )  # fmt: skip
    except NotEditable:
        return _closed(request, application.uuid)
    except Conflict:
        return _show(
            request, application, None, _("预览之后又有人修改了同一项，没有导入；请重新上传表格查看两份内容。")
        )
    messages.success(request, _("已从表格导入 %(n)s 项。") % {"n": len(changes)})
    return redirect("application_edit", application.uuid, "preview")
