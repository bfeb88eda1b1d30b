"""Where messages go that are not one person's: a group's bot, another system, the office's SMS gateway."""

import uuid

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class EndpointQuerySet(models.QuerySet):
    def listening(self) -> "EndpointQuerySet":
        """Those that are switched on."""
        return self.filter(active=True)


class Endpoint(models.Model):
    """One address of a channel, with what it takes to reach it. Switched off, never deleted: messages name it."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    channel = models.CharField(_("渠道"), max_length=8)
    name = models.CharField(_("名称"), max_length=60)
    # What the channel's form asks for; secrets among it are never shown again (channels.base).
    config = models.JSONField(default=dict)
    # Code of the programme whose news it gets; empty: of all.
    programme = models.CharField(_("项目"), max_length=60, blank=True)
    # Kinds of messages it gets (notifications.words); an SMS gateway gets what people choose.
    kinds = models.JSONField(default=list)
    language = models.CharField(
        _("语言"), max_length=10, default="zh-hans", choices=[("zh-hans", "简体中文"), ("en", "English")]
    )
    active = models.BooleanField(default=True)
    created_by = models.ForeignKey("accounts.User", models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField()

    objects = EndpointQuerySet.as_manager()

    class Meta:
        verbose_name = _("通知接口")
        verbose_name_plural = _("通知接口")
        ordering = ["channel", "name", "pk"]
        constraints = [
            # Whoever is told by SMS must not be told twice.
            models.UniqueConstraint(
                fields=["channel"], condition=Q(channel="sms", active=True), name="endpoint_one_sms_gateway"
            ),
        ]

    def __str__(self):
        return self.name

    def hears(self, kind: str, programme: str) -> bool:
        """True when news of `kind` about `programme` is for this one."""
        return kind in self.kinds and self.programme in ("", programme)


class EndpointChange(models.Model):
    """Who did what to an endpoint, and when: it carries news out of the house. Never edited, never without a name."""

    class What(models.TextChoices):
        ADDED = "added", _("登记")
        CHANGED = "changed", _("修改设置")
        TESTED = "tested", _("发送测试消息")
        ON = "on", _("启用")
        OFF = "off", _("停用")

    endpoint = models.ForeignKey(Endpoint, models.CASCADE, related_name="changes")
    what = models.CharField(max_length=8, choices=What.choices)
    # Names of the settings that differ; their values may be secrets and stay out of it.
    settings = models.JSONField(default=list)
    by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("通知接口变更")
        verbose_name_plural = _("通知接口变更")
        ordering = ["-at", "-pk"]

    def __str__(self):
        return f"{self.endpoint} {self.get_what_display()} {self.at:%Y-%m-%d %H:%M}"
