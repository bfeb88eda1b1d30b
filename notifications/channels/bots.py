"""What the three bots share: apprise knows their messages and signatures, our own request carries them.

apprise alone would follow redirects, resolve the name a second time, take any HTTP 200 for delivered (WeCom and DingTalk
say "no" inside a 200), and have no limit for an answer that trickles. So its plugins are given a stand-in for `requests`
that goes through `channels.http`, and the answer is judged here.
"""

import json
import threading
from collections.abc import Callable
from contextlib import suppress
from importlib import import_module
from types import SimpleNamespace
from urllib.parse import urlencode, urlsplit

from django import forms
from django.conf import settings
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from notifications.channels.base import Channel, Temporary, Undelivered
from notifications.channels.forms import EndpointForm, clean_address
from notifications.channels.http import Reply, post, side_by_side
from notifications.channels.texts import fill

_said = threading.local()


class _Never(Exception):
    """What the stand-in never raises: our own refusals pass through the plugin untouched."""


def _post(url, data=None, headers=None, params=None, **_ignored):
    """`requests.post` as far as the plugins use it."""
    if params:
        url = f"{url}{'&' if urlsplit(url).query else '?'}{urlencode(params, safe='%')}"
    reply = post(url, data if isinstance(data, bytes) else str(data).encode(), dict(headers or {}))
    _said.reply = reply
    return SimpleNamespace(status_code=reply.status, content=reply.text.encode(), text=reply.text)


_DOOR = SimpleNamespace(post=_post, codes=SimpleNamespace(ok=200), RequestException=_Never)


class BotForm(EndpointForm):
    """A bot's form: its key, and for a private deployment the address of its server."""

    base = forms.CharField(
        label=_("服务器地址"), required=False, max_length=300, widget=forms.TextInput(attrs={"inputmode": "url"}),
        help_text=_("公有云留空；政务版、专有版等私有部署填写，例如 https://im.example.gov.cn。"),
    )  # fmt: skip

    def clean_base(self):
        value = clean_address(self.cleaned_data["base"]).rstrip("/")
        if value and (urlsplit(value).query or urlsplit(value).fragment or "{" in value):
            raise forms.ValidationError(_t("服务器地址不能带参数。"))
        return value


class Bot(Channel):
    """A bot in a group. Subclasses name the plugin and its address."""

    # Module and class in `apprise.plugins`, and the address behind the server's name.
    plugin: tuple[str, str]
    public: str
    path: str
    most_bytes = 4000
    # Field of the answer's JSON that is 0 when the message was taken.
    verdict: tuple[str, ...] = ("errcode",)
    arguments: Callable[[dict], dict]

    def missing(self):
        """Says which extra brings the library."""
        try:
            import_module("apprise")
        except ImportError:
            return _t("此渠道需要安装可选组件 bots：pip install 'pilotage[bots]'。")
        return ""

    def deliver(self, letters, at):
        """One message per letter into the group, several groups at a time."""
        return side_by_side(letters, lambda letter: self._say(letter.endpoint, text_of(letter, self.most_bytes)))

    def test(self, endpoint, at):
        """Says a test sentence in the group; returns the server's answer."""
        return self._say(endpoint, fill_shared("test", endpoint.language, name=endpoint.name)).line()

    def _say(self, endpoint, text: str) -> Reply:
        plugin = self._plugin(endpoint.config)
        _said.reply = None
        try:
            plugin.notify(body=text)
        except Undelivered:
            raise
        except Exception as error:
            raise Temporary(f"机器人接口出错：{type(error).__name__}: {error}", f"The bot failed: {error}") from error
        reply = _said.reply
        if reply is None:
            raise Temporary("机器人组件没有发出请求，请检查密钥格式", "The bot sent nothing: is its key well-formed?")
        if not reply.ok or self._refused(reply):
            raise Temporary(f"机器人没有接收：{reply.line()}", f"The bot did not take it: {reply.line()}")
        return reply

    def _refused(self, reply: Reply) -> bool:
        with suppress(ValueError):
            said = json.loads(reply.text)
            if isinstance(said, dict):
                return any(said.get(name) not in (None, 0) for name in self.verdict)
        return False

    def _plugin(self, config: dict):
        try:
            module = import_module(f"apprise.plugins.{self.plugin[0]}")
        except ImportError:
            raise Temporary(
                "没有安装可选组件 bots（apprise）", "The optional extra bots (apprise) is missing"
            ) from None
        module.requests = _DOOR
        kind = getattr(module, self.plugin[1])
        address = (config.get("base") or self.public) + self.path
        try:
            return type(kind.__name__, (kind,), {"notify_url": address})(**self.arguments(config))
        except TypeError as error:
            # What apprise raises for a key of the wrong form is a TypeError.
            raise Temporary(f"密钥格式不正确：{error}", f"The key is not well-formed: {error}") from error


def text_of(letter, most_bytes: int) -> str:
    """The letter as one text that fits: whole messages, then how many more there are."""
    lines = [f"{row.subject}\n{settings.SITE_URL}{row.url}" if row.url else row.subject for row in letter.messages]
    if len(lines) == 1:
        row = letter.messages[0]
        lines = [f"{row.body}\n{settings.SITE_URL}{row.url}" if row.url else row.body]
    fits: list[str] = []
    for number, line in enumerate(lines):
        more = fill_shared("more", letter.language, n=len(lines) - number, link=f"{settings.SITE_URL}/calendar/")
        if len("\n\n".join([*fits, line, more]).encode()) > most_bytes:
            return "\n\n".join([*fits, more])
        fits.append(line)
    return "\n\n".join(fits)


def fill_shared(name: str, language: str, /, **values: object) -> str:
    """A text that the bots have in common (`channels/templates`)."""
    return fill("", name, language, **values)
