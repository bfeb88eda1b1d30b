"""用印审批: asked for by an officer, decided by the head of the division, carried out by one job per certificate."""

from django import forms
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from accounts.acts import Act, ActForm, Unmet, act_on
from accounts.roles import Role
from approvals.models import Certificate, CertificateState, SealUseState
from approvals.models.seal_use import list_hash
from notifications import jobs
from notifications.jobs import job
from notifications.models import Job

S = SealUseState
ASKERS = (Role.PROGRAMME_OFFICER, Role.DOCUMENT_CLERK)
SEAL, PRINT = "certificate", "print_file"


def certificates_of(request):
    """The certificates of a request in their order."""
    return [item.certificate for item in request.items.select_related("certificate").order_by("position")]


@act_on("approvals.SealUse")
class BeginSealUse(Act):
    code = "begin"
    label = _("申请用印")
    done = _("申请用印")
    roles = ASKERS
    states = frozenset({S.WAITING})
    offered = False

    def carry_out(self, deed):
        deed.facts |= {"size": deed.obj.size, "sha256": deed.obj.sha256}


class OpinionForm(ActForm):
    comment = forms.CharField(label=_("意见"), max_length=500, required=False, widget=forms.Textarea(attrs={"rows": 3}))


@act_on("approvals.SealUse")
class ApproveSealUse(Act):
    code = "approve"
    label = _("批准用印")
    done = _("批准用印")
    tone = "primary"
    icon = "stamp"
    roles = (Role.DIVISION_HEAD,)
    transition = "approve"
    separate_from = ("begin",)
    form = OpinionForm
    grave = True

    def unmet(self, question):
        rows = certificates_of(question.obj)
        if list_hash(rows) != question.obj.sha256:
            yield Unmet("list_changed", _t("申请之后证书内容有改动，不能批准；请退回重新申请。"))
        gone = [row for row in rows if row.state != CertificateState.PENDING]
        if gone:
            yield Unmet("gone", _t("%(serials)s 已不待签发，不能批准；请退回重新申请。") % {
                "serials": _t("、").join(row.serial for row in gone[:5])})  # fmt: skip

    def foretell(self, question):
        size = question.obj.size
        yield ngettext(
            "批准后逐份生成、签名并签发，共 %(n)d 份。", "批准后逐份生成、签名并签发，共 %(n)d 份。", size
        ) % {"n": size}
        yield _t("签发后文件不再改变；有误只能撤销或者更正换发。")

    def carry_out(self, deed):
        request = deed.obj
        request.decided_at, request.decided_by = deed.at, deed.by
        self.step(deed)
        deed.facts |= {"size": request.size, "sha256": request.sha256}
        if deed.data.get("comment"):
            deed.facts["comment"] = deed.data["comment"]
        keys = request.items.order_by("position").values_list("certificate__uuid", "certificate_id")
        deed.jobs += [
            job(SEAL, f"certificate:{uuid}", deed.at, group=request.group, certificate=pk) for uuid, pk in keys
        ]  # fmt: skip


def _free(request):
    """The certificates of a request that came to nothing may be asked for again."""
    Certificate.objects.filter(seal_use=request, state=CertificateState.PENDING).update(seal_use=None)


@act_on("approvals.SealUse")
class SendBackSealUse(Act):
    code = "send_back"
    label = _("退回")
    done = _("退回用印申请")
    tone = "danger"
    icon = "undo-2"
    roles = (Role.DIVISION_HEAD,)
    transition = "send_back"
    needs_reason = True

    def foretell(self, question):
        yield _t("证书回到“待申请用印”，改好后可以重新申请；证书编号不变。")

    def carry_out(self, deed):
        deed.obj.decided_at, deed.obj.decided_by = deed.at, deed.by
        self.step(deed)
        _free(deed.obj)


@act_on("approvals.SealUse")
class WithdrawSealUse(Act):
    code = "withdraw"
    label = _("撤回申请")
    done = _("撤回用印申请")
    icon = "undo-2"
    roles = ASKERS
    transition = "withdraw"

    def foretell(self, question):
        yield _t("证书回到“待申请用印”，可以重新申请；证书编号不变。")

    def carry_out(self, deed):
        self.step(deed)
        _free(deed.obj)


class _OnJobs(Act):
    roles = (*ASKERS, Role.DIVISION_HEAD)
    states = frozenset({S.APPROVED})

    def waiting(self, request, *states):
        return Job.objects.filter(kind=SEAL, group=request.group, state__in=states).count()


@act_on("approvals.SealUse")
class StopSealing(_OnJobs):
    """Cancels what is not made yet; what was issued stays, and it goes on where it stood."""

    code = "stop"
    label = _("停止生成")
    done = _("停止生成证书")
    icon = "circle-pause"

    def unmet(self, question):
        if not self.waiting(question.obj, Job.State.QUEUED):
            yield Unmet("nothing", _t("没有还在排队的证书。"))

    def foretell(self, question):
        left = self.waiting(question.obj, Job.State.QUEUED)
        yield _t("尚未生成的 %(n)s 份停下来；已签发的不受影响，正在生成的一份会办完。") % {"n": left}

    def carry_out(self, deed):
        deed.facts["stopped"] = jobs.stop(SEAL, deed.obj.group, deed.by)


@act_on("approvals.SealUse")
class GoOnSealing(_OnJobs):
    """Goes on with what was stopped, and tries again only what failed."""

    code = "go_on"
    label = _("继续生成")
    done = _("继续生成证书")
    tone = "primary"
    icon = "circle-play"

    def unmet(self, question):
        if not self.waiting(question.obj, Job.State.STOPPED, Job.State.PARKED):
            yield Unmet("nothing", _t("没有停下的或者失败的证书。"))

    def foretell(self, question):
        stopped = self.waiting(question.obj, Job.State.STOPPED)
        failed = self.waiting(question.obj, Job.State.PARKED)
        if stopped:
            yield _t("停下的 %(n)s 份接着生成。") % {"n": stopped}
        if failed:
            yield _t("失败的 %(n)s 份重试；已签发的不会重做。") % {"n": failed}

    def carry_out(self, deed):
        deed.facts["resumed"] = jobs.resume(SEAL, deed.obj.group, deed.at)


@act_on("approvals.SealUse")
class MakePrintFile(_OnJobs):
    """One file with a page per certificate, for the printer."""

    code = "print_file"
    label = _("合并打印文件")
    done = _("合并打印文件")
    icon = "printer"
    roles = ASKERS

    def unmet(self, question):
        if question.obj.print_sha256:
            yield Unmet("made", _t("已经合并，可直接下载。"))
        left = Certificate.objects.filter(seal_use=question.obj, state=CertificateState.PENDING).count()
        if left:
            yield Unmet("unfinished", _t("还有 %(n)s 份没有签发，签发完再合并。") % {"n": left})

    def foretell(self, question):
        yield _t("按编号顺序合并成一个 PDF 供打印；合并文件不带电子签名，电子证书以逐份的文件为准。")

    def carry_out(self, deed):
        request = deed.obj
        deed.jobs.append(
            job(PRINT, f"{PRINT}:{request.uuid}", deed.at, group=f"print:{request.uuid}", seal_use=request.pk)
        )
