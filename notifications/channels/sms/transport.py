"""SMS through a small HTTP interface: whoever runs the office's gateway puts it behind this address."""

import json
from uuid import uuid4

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from notifications.channels.base import Channel, Permanent, Temporary
from notifications.channels.http import Reply, post, side_by_side
from notifications.channels.sms.form import SmsForm
from notifications.channels.texts import fill

ORDER = 20
# What is worth a text message to whoever chose nothing: a day that ends, one that is over, and one of one's people.
ON = ("due_today", "overdue", "escalation")


class Sms(Channel):
    """A person's telephone, where the office has a gateway. No digest: a text message is one sentence."""

    code, label, icon, personal, form = "sms", _("短信"), "smartphone", True, SmsForm
    modes, stored_as, secrets = ("now", "off"), "sms", ("token",)

    def default(self, kind, usual):
        """On for what cannot wait."""
        return "now" if kind in ON else "off"

    def reaches(self, user):
        """True for whoever has a telephone number; whether there is a gateway is asked when messages are put."""
        return bool(user.phone)

    def deliver(self, letters, at):
        """One request per text; the gateway's 4xx is its last word about this text, all else is "later"."""
        from notifications.models import Endpoint  # noqa: PLC0415 - models need the app registry

        gateway = Endpoint.objects.listening().filter(channel=self.code).first()

        def one(letter):
            if gateway is None:
                raise Temporary("没有启用的短信网关", "No SMS gateway is switched on")
            _judge(_post(gateway, letter.user.phone, _text(letter), str(letter.id)))

        return side_by_side(letters, one)

    def test(self, endpoint, at):
        """Sends a text to the test number; returns the gateway's answer."""
        phone = endpoint.config.get("phone", "")
        if not phone:
            raise Permanent("请先填写测试手机号。", "Enter a test telephone number first.")
        return _post(endpoint, phone, fill("sms", "test", endpoint.language), str(uuid4())).line()


def _post(gateway, phone: str, text: str, identity: str) -> Reply:
    body = json.dumps({"phone": phone, "text": text, "id": identity}, ensure_ascii=False).encode()
    headers = {"Content-Type": "application/json; charset=utf-8", "Authorization": f"Bearer {gateway.config['token']}"}
    return post(gateway.config["url"], body, headers)


def _judge(reply: Reply) -> None:
    if reply.ok:
        return
    # 401 and 403 are about our token, 408 and 429 about the moment: none is about this text.
    if 400 <= reply.status < 500 and reply.status not in (401, 403, 408, 429):
        raise Permanent(f"短信网关拒收：{reply.line()}", f"The SMS gateway refuses it: {reply.line()}")
    raise Temporary(f"短信网关没有接收：{reply.line()}", f"The SMS gateway did not take it: {reply.line()}")


def _text(letter) -> str:
    first, n = letter.messages[0], len(letter.messages)
    link = f"{settings.SITE_URL}{first.url}" if n == 1 and first.url else f"{settings.SITE_URL}/inbox/"
    return fill("sms", "one" if n == 1 else "many", letter.language, subject=first.subject, n=n, link=link)


CHANNEL = Sms()
