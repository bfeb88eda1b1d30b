"""How a DingTalk group bot is described."""

from django import forms
from django.utils.translation import gettext_lazy as _

from notifications.channels.bots import BotForm


class DingTalkForm(BotForm):
    config, secrets = ("token", "secret", "base"), ("token", "secret")

    token = forms.RegexField(r"^[A-Za-z0-9]+$", label=_("机器人密钥"), max_length=200,
                           help_text=_("群机器人 Webhook 地址中 access_token= 之后的部分。"))  # fmt: skip
    secret = forms.RegexField(r"^[A-Za-z0-9]+$", label=_("加签密钥"), required=False, max_length=200,
                              help_text=_("安全设置选“加签”时填写，以 SEC 开头。"))  # fmt: skip
