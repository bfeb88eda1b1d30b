"""DingTalk group bots, through apprise."""

from django.utils.translation import gettext_lazy as _

from notifications.channels.bots import Bot
from notifications.channels.dingtalk.form import DingTalkForm

ORDER = 40


class DingTalk(Bot):
    """A bot in a group of DingTalk."""

    code, label, icon, form = "dingtalk", _("钉钉机器人"), "bot", DingTalkForm
    plugin, public = ("dingtalk", "NotifyDingTalk"), "https://oapi.dingtalk.com"
    path = "/robot/send?access_token={token}"
    secrets, most_bytes, verdict = ("token", "secret"), 4000, ("errcode",)

    def arguments(self, config):
        """What the plugin is made of."""
        return {"token": config["token"], "secret": config.get("secret") or None}


CHANNEL = DingTalk()
