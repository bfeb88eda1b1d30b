"""The life of a certificate."""

from django.utils.translation import gettext_lazy as _

from accounts.acts import Act, act_on
from accounts.roles import Role
from approvals.models import CertificateState as S
from notifications.jobs import job


@act_on("approvals.Certificate")
class BeginCertificate(Act):
    code = "begin"
    label = _("登记证书")
    done = _("登记证书，等待生成")
    roles = (Role.SYSTEM,)
    states = frozenset({S.PENDING})
    offered = False

    def carry_out(self, deed):
        certificate = deed.obj
        deed.jobs.append(
            job("certificate", f"certificate:{certificate.uuid}", deed.at,
                group=f"batch:{certificate.designation.batch.uuid}", certificate=certificate.pk)
        )  # fmt: skip


@act_on("approvals.Certificate")
class IssueCertificate(Act):
    code = "issue"
    label = _("签发证书")
    done = _("证书生成并签发")
    roles = (Role.SYSTEM,)
    transition = "issue"
    offered = False

    def carry_out(self, deed):
        # The bytes are stored before; the row only takes their hash, in the same transaction as the state.
        deed.obj.sha256, deed.obj.size, deed.obj.issued_at = deed.data["sha256"], deed.data["size"], deed.at
        deed.facts |= {"sha256": deed.data["sha256"]}
        self.step(deed)
        previous = deed.obj.supersedes
        if previous is not None and previous.state == S.ISSUED:
            deed.perform(previous, "supersede", reason=deed.obj.serial)


@act_on("approvals.Certificate")
class Supersede(Act):
    code = "supersede"
    label = _("被新证替换")
    done = _("被新证替换")
    roles = (Role.SYSTEM,)
    transition = "supersede"
    offered = False


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
        deed.obj.revoked_at, deed.obj.revoked_reason = deed.at, deed.reason[:300]
        self.step(deed)
