"""How a Feishu group bot is described."""

from django import forms
from django.utils.translation import gettext_lazy as _

from notifications.channels.bots import BotForm


class FeishuForm(BotForm):
    config, secrets = ("token", "base"), ("token",)

    token = forms.RegexField(r"^[A-Za-z0-9_-]+$", label=_("机器人密钥"), max_length=200,
                           help_text=_("群机器人 Webhook 地址中 /hook/ 之后的部分；安全设置请用关键词或 IP 白名单。"))  # fmt: skip
