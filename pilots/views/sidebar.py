"""The side of the form: how far one has come, section by section, and when the window closes."""

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts import clock
from notifications.models import Deadline
from pilots.completeness import missing, progress
from pilots.models import ApplicationState
from pilots.views.seen import tidy


def order(application):
    """Codes of all pages of the form, in order."""
    return [*(section.code for section in application.rules.sections), "materials", "preview"]


def mine(application, user):
    """Codes of the pages `user` may open: all of them for the applicant, those asked for for a collaborator."""
    helping = application.helper_sections(user)
    return [code for code in order(application) if not helping or code in helping]


def neighbours(application, code, user):
    """(page before or None, page after) among those `user` may open."""
    codes = mine(application, user)
    index = codes.index(code)
    return codes[index - 1] if index else None, codes[min(index + 1, len(codes) - 1)]


def sidebar(application, here, at, user):
    """{"items", "percent", "closing"} for the side column; `closing` is a sentence."""
    lacking = missing(application)
    items = [
        _item(application, section.code, str(section.name), lacking, here) for section in application.rules.sections
    ]
    wanted = len(application.rules.materials)
    items.append(_item(application, "materials", _("附件材料（%(n)s 份）") % {"n": wanted}, lacking, here))
    items.append(
        {
            "label": _("预览与提交"),
            "url": _url(application, "preview"),
            "note": "",
            "state": "now" if here == "preview" else "todo",
        }
    )
    done, total = progress(application)
    allowed = mine(application, user)
    if len(allowed) < len(items):
        items = [item for code, item in zip(order(application), items, strict=True) if code in allowed]
    return {
        "items": items,
        "helping": bool(application.helper_sections(user)),
        "asked": _asked(application),
        "percent": round(100 * done / total) if total else 100,
        "closing": _closing(application, at),
        "lacking": len(lacking),
    }


def _asked(application):
    """The request for a supplement, all defects in one text; None while the draft is the first one."""
    if application.state != ApplicationState.SUPPLEMENT:
        return None
    return application.checks.filter(result="supplement").order_by("pk").last()


def _url(application, code):
    return reverse("application_edit", args=[application.uuid, code])


def _item(application, code, label, lacking, here):
    faults = [item for item in lacking if item.section == code]
    stored = application.answers.get(code, {})
    # A field that holds something and is still at fault is wrong, not just missing.
    wrong = any(tidy(stored.get(item.field, "")) != "" for item in faults)
    state = "now" if code == here else "bad" if wrong else "todo" if faults else "done"
    note = ngettext("还差 %(n)d 处", "还差 %(n)d 处", len(faults)) % {"n": len(faults)} if faults else ""
    return {"label": label, "url": _url(application, code), "state": state, "note": note}


def _closing(application, at):
    if application.state == ApplicationState.SUPPLEMENT:
        row = Deadline.objects.of(application).open().filter(code="supp").first()
        return _("请在 %(day)s 前提交补正，逾期视为撤回。") % {"day": row.due_on} if row else ""
    instant = application.batch.closing_for(application.province_id)
    closes = instant.astimezone(clock.SHANGHAI)
    days = (closes.date() - clock.today(at)).days
    if days < 0 or at >= instant:
        return _("申报已于 %(at)s 截止，不能再提交。") % {"at": closes.strftime("%Y-%m-%d %H:%M")}
    return _("%(at)s 截止，还有 %(days)s 天。逾期系统自动关闭提交。") % {
        "at": closes.strftime("%Y-%m-%d %H:%M"),
        "days": days,
    }
