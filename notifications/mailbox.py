"""The demonstration's mail server: keeps every mail in a table that a page shows."""

from datetime import datetime
from email.utils import parsedate_to_datetime

from django.core.mail.backends.base import BaseEmailBackend
from django.utils import timezone

from notifications.models import DemoMail


class DemoMailbox(BaseEmailBackend):
    """A mail back end that never leaves the machine. The same Message-ID arrives once."""

    def send_messages(self, email_messages):
        rows = [
            DemoMail(
                at=self._sent_at(mail),
                to=", ".join(mail.to)[:200],
                subject=mail.subject[:200],
                body=mail.body,
                message_id=mail.extra_headers.get("Message-ID") or mail.message()["Message-ID"],
            )
            for mail in email_messages
        ]
        DemoMail.objects.bulk_create(rows, ignore_conflicts=True)
        return len(rows)

    @staticmethod
    def _sent_at(mail) -> datetime:
        stamp = mail.extra_headers.get("Date")
        return parsedate_to_datetime(stamp) if stamp else timezone.now()
