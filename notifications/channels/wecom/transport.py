"""WeCom group bots, through apprise."""

from django.utils.translation import gettext_lazy as _

from notifications.channels.bots import Bot
from notifications.channels.wecom.form import WeComForm

ORDER = 30


class WeCom(Bot):
    """A bot in a group of WeCom."""

    code, label, icon, form = "wecom", _("企业微信机器人"), "messages-square", WeComForm
    plugin, public = ("wecombot", "NotifyWeComBot"), "https://qyapi.weixin.qq.com"
    path = "/cgi-bin/webhook/send?key={key}"
    secrets, most_bytes, verdict = ("key",), 2000, ("errcode",)

    def arguments(self, config):
        """What the plugin is made of."""
        return {"key": config["key"]}


CHANNEL = WeCom()
