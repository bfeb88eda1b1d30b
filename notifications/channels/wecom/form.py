"""How a WeCom group bot is described."""

from django import forms
from django.utils.translation import gettext_lazy as _

from notifications.channels.bots import BotForm


class WeComForm(BotForm):
    config, secrets = ("key", "base"), ("key",)

    key = forms.RegexField(r"^[A-Za-z0-9_-]+$", label=_("机器人密钥"), max_length=200,
                           help_text=_("群机器人 Webhook 地址中 key= 之后的部分。"))  # fmt: skip
