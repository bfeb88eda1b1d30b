"""The life of a certificate: registered, sealed under an approved request, suspended, replaced, taken back."""

from datetime import timedelta

from django import forms
from django.conf import settings
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from accounts.acts import Act, ActForm, Unmet, act_on
from accounts.roles import Role
from approvals import issuing
from approvals.models import Certificate
from approvals.models import CertificateState as S
from notifications.jobs import job

ARCHIVE = "archive"
KEEPERS = (Role.PROGRAMME_OFFICER, Role.DOCUMENT_CLERK)


@act_on("approvals.Certificate")
class BeginCertificate(Act):
    code = "begin"
    label = _("登记证书")
    done = _("登记证书，待申请用印")
    roles = (Role.SYSTEM, *KEEPERS)
    states = frozenset({S.PENDING})
    offered = False


class WordsForm(ActForm):
    """The words that name the holder and say what is certified; everything else comes from the rules and the case."""

    holder = forms.CharField(label=_("持证单位"), max_length=60)
    paragraph = forms.CharField(label=_("证书正文"), max_length=400, widget=forms.Textarea(attrs={"rows": 4}))

    def arrange(self):
        if self.obj is not None:
            self.initial |= {name: self.obj.words[name] for name in ("holder", "paragraph")}

    def clean(self):
        data = super().clean()
        if self.obj is not None and all(data.get(name) == self.obj.words[name] for name in ("holder", "paragraph")):
            raise forms.ValidationError(_t("内容没有改动。"))
        return data


@act_on("approvals.Certificate")
class AmendCertificate(Act):
    """What the pre-flight found is mended before anything is printed; afterwards nothing is changed any more."""

    code = "amend"
    label = _("修改证书文字")
    done = _("修改证书文字")
    icon = "pencil"
    roles = (*KEEPERS, Role.SYSTEM)
    states = frozenset({S.PENDING})
    form = WordsForm
    needs_reason = True

    def unmet(self, question):
        if question.obj.seal_use_id:
            yield Unmet("asked", _t("已列入用印审批 %(number)s，不能修改；请先撤回或者退回该审批。") % {
                "number": question.obj.seal_use.number})  # fmt: skip

    def carry_out(self, deed):
        before = {name: deed.obj.words[name] for name in ("holder", "paragraph")}
        after = {name: deed.data[name] for name in before}
        deed.obj.words = deed.obj.words | after
        deed.facts |= {"before": before, "after": after}


@act_on("approvals.Certificate")
class IssueCertificate(Act):
    code = "issue"
    label = _("签发证书")
    done = _("证书生成并签发")
    roles = (Role.SYSTEM,)
    transition = "issue"
    offered = False

    def unmet(self, question):
        request = question.obj.seal_use
        if request is None or request.state != "approved":
            yield Unmet("no_seal", _t("没有批准用印，不能签发。"))

    def carry_out(self, deed):
        # The bytes are stored before; the row only takes their hash, in the same transaction as the state.
        deed.obj.sha256, deed.obj.size, deed.obj.issued_at = deed.data["sha256"], deed.data["size"], deed.at
        deed.facts |= {"sha256": deed.data["sha256"], "seal_use": deed.obj.seal_use.number}
        self.step(deed)
        if settings.TSA_URL:
            # In the quiet of the next day: another office's server answers it, and nobody waits for it.
            row = deed.obj
            deed.jobs.append(job(ARCHIVE, f"{ARCHIVE}:{row.uuid}", deed.at + timedelta(days=1), certificate=row.pk))
        previous = deed.obj.supersedes
        if previous is not None and previous.state in (S.ISSUED, S.SUSPENDED):
            deed.perform(previous, "supersede", reason=deed.obj.serial)
        elif previous is not None and previous.state == S.PENDING:
            # It was never printed; nobody shall print it now.
            deed.perform(previous, "revoke", reason=_t("未签发即被新证 %(serial)s 替换") % {"serial": deed.obj.serial})


@act_on("approvals.Certificate")
class Supersede(Act):
    code = "supersede"
    label = _("被新证替换")
    done = _("被新证替换")
    roles = (Role.SYSTEM,)
    transition = "supersede"
    offered = False

    def carry_out(self, deed):
        deed.obj.suspended_at, deed.obj.suspended_reason = None, ""
        self.step(deed)


@act_on("approvals.Certificate")
class SuspendCertificate(Act):
    code = "suspend"
    label = _("暂停证书")
    done = _("暂停证书")
    tone = "danger"
    icon = "circle-pause"
    roles = (Role.DIVISION_HEAD,)
    transition = "suspend"
    needs_reason = True
    grave = True

    def foretell(self, question):
        yield _t("核验页立即显示“已暂停”和原因；恢复后重新有效。")

    def carry_out(self, deed):
        deed.obj.suspended_at, deed.obj.suspended_reason = deed.at, deed.reason[:300]
        self.step(deed)


@act_on("approvals.Certificate")
class ResumeCertificate(Act):
    code = "resume"
    label = _("恢复证书")
    done = _("恢复证书")
    tone = "primary"
    icon = "circle-play"
    roles = (Role.DIVISION_HEAD,)
    transition = "resume"
    needs_reason = True
    grave = True

    def carry_out(self, deed):
        deed.obj.suspended_at, deed.obj.suspended_reason = None, ""
        self.step(deed)


class _NewEdition(Act):
    """Another edition under the next number; the old paper counts until the new one is issued, and then links to it."""

    roles = KEEPERS
    states = frozenset({S.ISSUED, S.SUSPENDED})
    needs_reason = True
    cause = ""

    def unmet(self, question):
        newer = Certificate.objects.filter(supersedes=question.obj).first()
        if newer is not None:
            yield Unmet("another", _t("已有新证 %(serial)s（%(state)s），不能再换发。") % {
                "serial": newer.serial, "state": newer.get_state_display()})  # fmt: skip

    def foretell(self, question):
        yield _t("另编证书编号和核验码，列入待申请用印；新证签发后旧证显示“已被替换”并指向新证。")

    def carry_out(self, deed):
        row = issuing.new_edition(deed.obj, self.cause, self.words(deed), deed.at)
        row.save()
        deed.perform(row, "begin")
        deed.facts |= {"serial": row.serial, "cause": self.cause}

    def words(self, deed):
        """What the new edition says otherwise than the old one."""
        return {}


@act_on("approvals.Certificate")
class ReissueCertificate(_NewEdition):
    """补发: the paper was lost or spoilt; the same words under a new number."""

    code = "reissue"
    label = _("补发证书")
    done = _("登记补发")
    icon = "copy-plus"
    cause = Certificate.Cause.REISSUE


@act_on("approvals.Certificate")
class CorrectCertificate(_NewEdition):
    """更正换发: a wrong word on an issued paper."""

    code = "correct"
    label = _("更正换发")
    done = _("登记更正换发")
    icon = "file-pen-line"
    cause = Certificate.Cause.CORRECTION
    form = WordsForm

    def words(self, deed):
        return {name: deed.data[name] for name in ("holder", "paragraph")}


@act_on("approvals.Certificate")
class RevokeCertificate(Act):
    code = "revoke"
    label = _("撤销证书")
    done = _("撤销证书")
    tone = "danger"
    icon = "shield-x"
    roles = (Role.DIVISION_HEAD, Role.SYSTEM)
    transition = "revoke"
    needs_reason = True
    grave = True

    def carry_out(self, deed):
        row = deed.obj
        row.revoked_at, row.revoked_reason = deed.at, deed.reason[:300]
        row.suspended_at, row.suspended_reason = None, ""
        if row.state == S.PENDING and row.supersedes_id:
            # It never stood in anybody's place; another edition may.
            deed.facts["supersedes"] = row.supersedes.serial
            row.supersedes = None
        self.step(deed)
