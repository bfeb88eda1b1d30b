"""Writing a template: copied, saved under a counter, never lost to somebody else's save."""

import re
from collections.abc import Iterator

from django.db import transaction
from django.db.models import F, Max
from django.utils.translation import gettext as _

from accounts.acts import Unmet
from accounts.authority import Authority
from approvals.acts.template import AUTHORS
from approvals.certificates import design
from approvals.models import CertificateTemplate, TemplateState

CODE = re.compile(r"[a-z][a-z0-9_]{2,39}")


class Conflict(Exception):
    """Somebody saved in between; `.template` is what stands now. What was typed is with the caller."""

    def __init__(self, template):
        self.template = template
        super().__init__("saved in between")


def may_write(template, user, at):
    """True where this person may change the files now."""
    authority = Authority.of(user, at)
    return template.state == TemplateState.EDITING and authority.seat(AUTHORS, template.scope()) is not None


def source(name: str) -> tuple[dict[str, str], str]:
    """(files, words) of what is copied: a packaged design, or a version by its uuid. Raises LookupError."""
    if name in design.designs():
        return dict(design.load(name).files), name
    row = CertificateTemplate.objects.filter(uuid=name).first() if len(name) == 36 else None
    if row is None:
        raise LookupError(name)
    return dict(row.files), f"{row.code} v{row.edition}"


def obstacles(code: str) -> Iterator[Unmet]:
    """Why no draft with this code may begin, as reasons."""
    if not CODE.fullmatch(code):
        yield Unmet("code", _("代码由小写字母开头，只含小写字母、数字和下划线，3 至 40 个字符。"), "code")
    elif CertificateTemplate.objects.filter(code=code, state=TemplateState.EDITING).exists():
        yield Unmet("taken", _("模板 %(code)s 已有一份草稿，请先发布或者弃用。") % {"code": code}, "code")


def next_edition(code: str) -> int:
    """The number after the newest version with this code; 1 for the first."""
    return (CertificateTemplate.objects.filter(code=code).aggregate(last=Max("edition"))["last"] or 0) + 1


def described(template: CertificateTemplate) -> CertificateTemplate:
    """Fills in what lists show from the files, as far as they can be read."""
    try:
        made = design.read(template.files)
    except design.DesignError:
        return template
    template.label, template.label_en = made.label["zh"][:60], made.label.get("en", "")[:80]
    template.kind = made.kind
    return template


def save(template, files, *, rev, by, at):
    """Stores *files* where nobody saved since *rev*; returns the template. Raises Conflict with what stands now."""
    with transaction.atomic():
        row = CertificateTemplate.objects.select_for_update(of=("self",)).get(pk=template.pk)
        if row.rev != rev or row.state != TemplateState.EDITING:
            raise Conflict(row)
        if row.files != files:
            row.files = files
            described(row)
            row.rev, row.saved_at, row.saved_by = F("rev") + 1, at, by
            row.save(update_fields=["files", "label", "label_en", "kind", "rev", "saved_at", "saved_by"])
            row.refresh_from_db()
            row.editors.add(by)
    return row
