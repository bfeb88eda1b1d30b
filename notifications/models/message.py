"""The outbox. A row is written in the transaction of the act it tells about; sending comes after."""

import uuid

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class MessageQuerySet(models.QuerySet):
    def inbox_of(self, user):
        return self.filter(user=user, channel=Message.Channel.INBOX)

    def due(self, at):
        """Messages to hand to their channel: queued, or leased by a sender that went away."""
        return self.filter(
            Q(state=Message.State.QUEUED, not_before__lte=at) | Q(state=Message.State.SENDING, lease_until__lte=at)
        )


class Message(models.Model):
    """One piece of news for one addressee over one channel."""

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

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    # What makes it this message and no other: the event, the person, the channel.
    key = models.CharField(max_length=200, unique=True)
    user = models.ForeignKey("accounts.User", models.CASCADE, related_name="messages")
    channel = models.CharField(max_length=8, choices=Channel.choices)
    # The deadline it speaks of, and that deadline's date at the time: a duty that is done, or moved, is not spoken of.
    duty = models.UUIDField(null=True, blank=True, editable=False)
    duty_version = models.PositiveIntegerField(null=True, blank=True, editable=False)
    kind = models.CharField(max_length=40)
    subject = models.CharField(max_length=200)
    body = models.TextField()
    url = models.CharField(max_length=200, blank=True)
    state = models.CharField(max_length=8, choices=State.choices, default=State.QUEUED)
    attempts = models.PositiveSmallIntegerField(default=0)
    error = models.CharField(max_length=500, blank=True)
    # May wait for the digest of the next working day.
    digest = models.BooleanField(default=False)
    # Messages that left, or will leave, in one mail; its Message-ID is made of it, so that a retry is the same mail.
    bundle = models.UUIDField(null=True, blank=True, editable=False)
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
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(state="sent", sent_at__isnull=False) | ~Q(state="sent"), name="message_sent_has_time"
            ),
        ]

    def __str__(self):
        return f"{self.user_id} {self.subject}"
