from django.contrib.auth.models import AbstractUser
from django.db import models
from django.utils.translation import gettext_lazy as _


class User(AbstractUser):
    """A person. Names are one field: Chinese names do not split into first and last."""

    first_name = None
    last_name = None

    name = models.CharField(_("姓名"), max_length=40)
    organisation = models.ForeignKey(
        "accounts.Organisation",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="people",
        verbose_name=_("工作单位"),
    )
    phone = models.CharField(_("电话"), max_length=30, blank=True)
    language = models.CharField(
        _("界面语言"), max_length=10, default="zh-hans", choices=[("zh-hans", "简体中文"), ("en", "English")]
    )
    # How this person wants to be told: {"mail": {kind: mode}, "quiet": [from, to]} (notifications.preferences).
    telling = models.JSONField(default=dict, blank=True)
    # The secret part of the address of one's own calendar feed; empty: there is none.
    feed_key = models.CharField(max_length=43, blank=True, db_index=True)

    class Meta:
        verbose_name = _("用户")
        verbose_name_plural = _("用户")

    def __str__(self):
        return self.name or self.username

    def get_full_name(self):
        return self.name

    def get_short_name(self):
        return self.name
