"""Webhooks in the form of the Standard Webhooks specification: JSON, signed, with an id that a retry keeps."""

import base64
import hmac
import json
from hashlib import sha256
from uuid import uuid4

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from notifications.channels.base import Channel, Temporary
from notifications.channels.http import Reply, post, side_by_side
from notifications.channels.texts import fill
from notifications.channels.webhook.form import WebhookForm, key_of

ORDER = 60


class Webhook(Channel):
    """Another system of the office. It never sleeps: neither quiet hours nor digests hold it."""

    code, label, icon, form = "webhook", _("Webhook"), "webhook", WebhookForm
    rings, secrets = False, ("secret",)

    def deliver(self, letters, at):
        """One POST per letter, several at a time; anything but 2xx is tried again."""

        def one(letter):
            reply = _post(letter.endpoint, str(letter.id), _body(letter, at), at)
            if not reply.ok:
                raise Temporary(
                    f"对方系统没有接收：{reply.line()}", f"The other system did not take it: {reply.line()}"
                )

        return side_by_side(letters, one)

    def test(self, endpoint, at):
        """Sends an event of type `test`; returns the answer's status and beginning."""
        words = fill("webhook", "test", endpoint.language, name=endpoint.name)
        return _post(endpoint, str(uuid4()), _json("test", at, {"text": words}), at).line()


def _post(endpoint, identity: str, body: bytes, at) -> Reply:
    stamp = str(int(at.timestamp()))
    return post(endpoint.config["url"], body, {
        "Content-Type": "application/json; charset=utf-8", "webhook-id": identity, "webhook-timestamp": stamp,
        "webhook-signature": sign(endpoint.config["secret"], identity, stamp, body),
    })  # fmt: skip


def sign(secret: str, identity: str, stamp: str, body: bytes) -> str:
    """The value of `webhook-signature`: HMAC-SHA256 over id, time and body."""
    mac = hmac.new(key_of(secret), f"{identity}.{stamp}.".encode() + body, sha256)
    return "v1," + base64.b64encode(mac.digest()).decode()


def _body(letter, at) -> bytes:
    rows = [
        {"id": str(row.uuid), "kind": row.kind, "subject": row.subject, "body": row.body,
         "url": f"{settings.SITE_URL}{row.url}" if row.url else "", "duty": str(row.duty) if row.duty else None,
         "created_at": row.created_at.isoformat()}
        for row in letter.messages
    ]  # fmt: skip
    return _json("messages", at, {"messages": rows})


def _json(kind: str, at, data: dict) -> bytes:
    return json.dumps({"type": kind, "timestamp": at.isoformat(), "data": data}, ensure_ascii=False).encode()


CHANNEL = Webhook()
