"""Templates of certificates: begun as a copy, written by officers, published by somebody who did not write in them."""

from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from accounts.acts import Act, Unmet, act_on
from accounts.roles import Role
from approvals import templating
from approvals.certificates import design
from approvals.models import TemplateState as S

AUTHORS = (Role.PROGRAMME_OFFICER, Role.DOCUMENT_CLERK)
MOST_NAMED = 10


@act_on("approvals.CertificateTemplate")
class BeginTemplate(Act):
    code = "begin"
    label = _("复制为新模板")
    done = _("复制为新模板")
    roles = AUTHORS
    states = frozenset({S.EDITING})
    offered = False

    def carry_out(self, deed):
        deed.facts |= {"code": deed.obj.code, "edition": deed.obj.edition, "base": deed.obj.base}


def faults_of(template):
    """([faults], the design or None) of the files as they stand."""
    try:
        return [], design.read(template.files)
    except design.DesignError as error:
        return error.faults, None


@act_on("approvals.CertificateTemplate")
class PublishTemplate(Act):
    code = "publish"
    label = _("发布模板")
    done = _("发布模板版本")
    tone = "primary"
    icon = "badge-check"
    roles = (Role.DIVISION_HEAD,)
    transition = "publish"
    separate_from = ("begin",)
    grave = True

    def prepare(self, obj):
        # Takes seconds and is kept: whether the prepared path may be used for this template at all.
        templating.proof_of(obj)

    def unmet(self, question):
        row = question.obj
        if {person.pk for person in question.people} & row.hands():
            yield Unmet("own_text", _t("您编写或修改过这个模板，须由未经手的负责人发布。"))
        found, made = faults_of(row)
        for fault in found[:MOST_NAMED]:
            yield Unmet("fault", _t("%(file)s 第 %(line)s 行：%(text)s") % {
                "file": fault.file, "line": fault.line, "text": fault.message})  # fmt: skip
        if len(found) > MOST_NAMED:
            yield Unmet("fault", _t("还有 %(n)s 处错误，见模板页。") % {"n": len(found) - MOST_NAMED})
        if made is not None and not made.samples:
            yield Unmet("samples", _t("没有样例，不能核对版式。"))

    def faults(self, deed):
        for text in templating.proof_of(deed.obj).obstacles:
            yield Unmet("sample", text)

    def foretell(self, question):
        yield _t("此后登记的证书用这个版本；已登记和已签发的不变。")
        yield _t("发布后的版本不能修改。")

    def carry_out(self, deed):
        row = deed.obj
        made = design.read(row.files)
        row.sha256, row.published_at = made.sha256, deed.at
        row.gate = templating.proof_of(row).stored()
        deed.facts |= {"code": row.code, "edition": row.edition, "sha256": made.sha256}
        self.step(deed)


@act_on("approvals.CertificateTemplate")
class DiscardTemplate(Act):
    code = "discard"
    label = _("弃用草稿")
    done = _("弃用模板草稿")
    tone = "danger"
    icon = "trash-2"
    roles = (*AUTHORS, Role.DIVISION_HEAD)
    transition = "discard"
    needs_reason = True
