"""How a system that listens is described: its address, and the secret its messages are signed with."""

import base64
import binascii
import secrets

from django import forms
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from notifications.channels.forms import EndpointForm, clean_address

PREFIX = "whsec_"


class WebhookForm(EndpointForm):
    config, secrets = ("url", "secret"), ("secret",)

    url = forms.CharField(label=_("接收地址"), max_length=500, help_text=_("以 https:// 开头；消息以 JSON 发到这里。"),
                          widget=forms.TextInput(attrs={"inputmode": "url"}))  # fmt: skip
    secret = forms.CharField(
        label=_("签名密钥"), required=False, max_length=200,
        help_text=_("形如 whsec_…（Base64）；新建时留空则由系统生成，并只显示一次。"),
    )  # fmt: skip

    def clean_url(self):
        return clean_address(self.cleaned_data["url"])

    def clean_secret(self):
        value = self.cleaned_data["secret"].strip()
        if not value:
            return "" if self.endpoint is not None else new_secret()
        try:
            if len(key_of(value)) >= 16:
                return value
        except (binascii.Error, ValueError):
            pass
        raise forms.ValidationError(_t("密钥须为 whsec_ 加 Base64，至少 16 个字节。"))


def new_secret() -> str:
    """A secret in the form of the Standard Webhooks specification."""
    return PREFIX + base64.b64encode(secrets.token_bytes(32)).decode()


def key_of(secret: str) -> bytes:
    """The bytes of a secret. Raises binascii.Error."""
    return base64.b64decode(secret.removeprefix(PREFIX), validate=True)
