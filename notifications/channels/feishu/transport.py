"""Feishu group bots, through apprise."""

from django.utils.translation import gettext_lazy as _

from notifications.channels.bots import Bot
from notifications.channels.feishu.form import FeishuForm

ORDER = 50


class Feishu(Bot):
    """A bot in a group of Feishu."""

    code, label, icon, form = "feishu", _("飞书机器人"), "bot-message-square", FeishuForm
    plugin, public = ("feishu", "NotifyFeishu"), "https://open.feishu.cn"
    path = "/open-apis/bot/v2/hook/{token}"
    secrets, most_bytes, verdict = ("token",), 4000, ("code", "StatusCode")

    def arguments(self, config):
        """What the plugin is made of."""
        return {"token": config["token"]}


CHANNEL = Feishu()
