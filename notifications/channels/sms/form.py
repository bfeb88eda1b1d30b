"""How the office's SMS gateway is reached (docs/channels.md describes what it must understand)."""

from django import forms
from django.utils.translation import gettext_lazy as _

from notifications.channels.forms import EndpointForm, clean_address


class SmsForm(EndpointForm):
    config, secrets, about_news = ("url", "token", "phone"), ("token",), False

    url = forms.CharField(label=_("短信网关地址"), max_length=500, widget=forms.TextInput(attrs={"inputmode": "url"}),
                          help_text=_("系统把手机号、短信内容和编号以 JSON 发到这里。"))  # fmt: skip
    token = forms.CharField(label=_("访问令牌"), max_length=200, help_text=_("随请求以 Bearer 方式发送。"))
    phone = forms.CharField(label=_("测试手机号"), max_length=20, required=False,
                            help_text=_("“发送测试消息”时使用。"))  # fmt: skip

    def clean_url(self):
        return clean_address(self.cleaned_data["url"])
