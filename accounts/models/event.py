from django.db import models
from django.utils.translation import gettext_lazy as _


class AccountEvent(models.Model):
    """What happened to an account: a line its owner reads. Cases have the ledger; an account is no case."""

    class Kind(models.TextChoices):
        SIGNED_IN = "signed_in", _("登录")
        LOCKED = "locked", _("密码连续输错，暂停尝试")
        UNLOCKED = "unlocked", _("管理员解除了暂停")
        FACTOR_ADDED = "factor_added", _("添加了两步验证方式")
        FACTOR_REMOVED = "factor_removed", _("移除了两步验证方式")
        FACTOR_RESET = "factor_reset", _("管理员重置了两步验证")
        CODES_MADE = "codes_made", _("重新生成了恢复码")
        SESSION_ENDED = "session_ended", _("结束了登录会话")
        RESET_ASKED = "reset_asked", _("申请重设密码")
        PASSWORD_CHANGED = "password_changed", _("修改了密码")
        SSO_LINKED = "sso_linked", _("与单点登录账号关联")
        SSO_UNLINKED = "sso_unlinked", _("管理员解除了单点登录关联")
        OPENED = "opened", _("开立账号")
        LINK_SENT = "link_sent", _("启用链接已发到邮箱")
        LINK_SHOWN = "link_shown", _("启用链接由管理员当面转交")
        ACTIVATED = "activated", _("启用账号，设置密码")
        SWITCHED_OFF = "switched_off", _("停用账号")
        SWITCHED_ON = "switched_on", _("恢复账号")
        CONTACT_CHANGED = "contact_changed", _("更正了联系方式")
        EXPORTED = "exported", _("导出数据")

    user = models.ForeignKey("accounts.User", models.CASCADE, related_name="events", verbose_name=_("用户"))
    at = models.DateTimeField(_("时间"))
    kind = models.CharField(_("事项"), max_length=20, choices=Kind.choices)
    # From where; empty for what an administrator did at the command line.
    ip = models.GenericIPAddressField(_("地址"), null=True, blank=True)
    # Who did it at the command line, and why.
    note = models.CharField(_("说明"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("账号记录")
        verbose_name_plural = _("账号记录")
        ordering = ["-pk"]
        indexes = [models.Index(fields=["user", "-at"], name="account_event_of_user")]

    def __str__(self):
        return f"{self.user} · {self.get_kind_display()}"
