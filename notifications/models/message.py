"""The outbox. A row is written in the transaction of the act it tells about; sending comes after."""

import uuid

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _


class MessageQuerySet(models.QuerySet):
    def inbox_of(self, user):
        return self.filter(user=user, channel=Message.Channel.INBOX)

    def due(self, at):
        """Messages to hand to their channel: queued, or leased by a sender that went away (by the database's clock)."""
        return self.filter(
            Q(state=Message.State.QUEUED, not_before__lte=at) | Q(state=Message.State.SENDING, lease_until__lte=Now())
        )

    def outgoing(self):
        """Messages that have not left yet, whenever they may."""
        return self.filter(state__in=[Message.State.QUEUED, Message.State.SENDING])


class Message(models.Model):
    """One piece of news for one addressee over one channel."""

    # (programme, placeholders) of news that is not one addressee's yet: `outbox.put` makes a row for whoever listens.
    circular: "tuple[str, dict] | None" = None

    # Those the code knows by name; what channels there are is said by the folders of notifications/channels.
    class Channel(models.TextChoices):
        INBOX = "inbox", _("站内消息")
        EMAIL = "email", _("电子邮件")
        SMS = "sms", _("短信")
        WECOM = "wecom", _("企业微信机器人")
        DINGTALK = "dingtalk", _("钉钉机器人")
        FEISHU = "feishu", _("飞书机器人")
        WEBHOOK = "webhook", _("Webhook")

    class State(models.TextChoices):
        QUEUED = "queued", _("待发送")
        SENDING = "sending", _("发送中")
        SENT = "sent", _("已发送")
        DEAD = "dead", _("未能送达")
        # What it was about is over: the duty was done, moved, or spoken of again meanwhile.
        DROPPED = "dropped", _("不再需要")

    class Note(models.TextChoices):
        KNOWN = "known", _("发送记录显示已发出，未再发送")
        OVER = "over", _("期限已了结或已变更")
        GONE = "gone", _("收件人已停用")
        NO_ADDRESS = "no_address", _("没有可用的收件地址")
        PAUSED = "paused", _("邮箱多次拒收，已暂停发送")
        OFF = "off", _("接口已停用")

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    # What makes it this message and no other: the event, the addressee, the channel.
    key = models.CharField(max_length=200, unique=True)
    user = models.ForeignKey("accounts.User", models.CASCADE, null=True, blank=True, related_name="messages")
    endpoint = models.ForeignKey(
        "notifications.Endpoint", models.PROTECT, null=True, blank=True, related_name="messages"
    )
    # No choices: a channel is added as a folder, without a migration.
    channel = models.CharField(max_length=8)
    # The deadline it speaks of, and that deadline's date at the time: a duty that is done, or moved, is not spoken of.
    duty = models.UUIDField(null=True, blank=True, editable=False)
    duty_version = models.PositiveIntegerField(null=True, blank=True, editable=False)
    # What it says beyond its key, where the wording does not matter: the due date of a reminder, however late it is said.
    essence = models.CharField(max_length=40, blank=True, editable=False)
    kind = models.CharField(max_length=40)
    subject = models.CharField(max_length=200)
    body = models.TextField()
    url = models.CharField(max_length=200, blank=True)
    state = models.CharField(max_length=8, choices=State.choices, default=State.QUEUED)
    attempts = models.PositiveSmallIntegerField(default=0)
    # When trying began, anew after somebody asked for another try: seven days later it is given up.
    tried_from = models.DateTimeField(null=True, blank=True)
    error = models.CharField(max_length=500, blank=True)
    error_en = models.CharField(max_length=500, blank=True)
    # Why it is in its state where that is not plain.
    note = models.CharField(max_length=12, choices=Note.choices, blank=True)
    # May wait for the digest of the next working day.
    digest = models.BooleanField(default=False)
    # Messages that left, or will leave, together; the letter's id is made of it, so that a retry is the same letter.
    bundle = models.UUIDField(null=True, blank=True, editable=False)
    # Whose lease it is: a sender that was thought dead cannot speak for one that came after it.
    claim = models.UUIDField(null=True, blank=True, editable=False)
    created_at = models.DateTimeField()
    not_before = models.DateTimeField()
    lease_until = models.DateTimeField(null=True, blank=True)
    sent_at = models.DateTimeField(null=True, blank=True)
    read_at = models.DateTimeField(null=True, blank=True)

    objects = MessageQuerySet.as_manager()

    class Meta:
        verbose_name = _("消息")
        verbose_name_plural = _("消息")
        ordering = ["-created_at", "-pk"]
        indexes = [
            models.Index(fields=["state", "not_before"]),
            models.Index(fields=["user", "channel", "read_at"]),
            models.Index(fields=["duty"], condition=Q(state__in=["queued", "sending"]), name="message_waiting_of_duty"),
            # A pass takes whole addressees: their letters are put together in this order.
            models.Index(
                fields=["channel", "user", "endpoint"], condition=Q(state__in=["queued", "sending"]),
                name="message_waiting_of_channel",
            ),
        ]  # fmt: skip
        constraints = [
            models.CheckConstraint(
                condition=Q(state="sent", sent_at__isnull=False) | ~Q(state="sent"), name="message_sent_has_time"
            ),
            models.CheckConstraint(
                condition=Q(user__isnull=False, endpoint__isnull=True) | Q(user__isnull=True, endpoint__isnull=False),
                name="message_has_one_addressee",
            ),
        ]

    def __str__(self):
        return f"{self.user_id or self.endpoint_id} {self.subject}"

    @property
    def reason(self) -> str:
        """Why it did not go, in the language of whoever looks."""
        return (self.error_en or self.error) if (get_language() or "").startswith("en") else self.error
