"""The in-app inbox: a message has arrived by existing, so there is nothing to hand over."""

from django.utils.translation import gettext_lazy as _

from notifications.channels.base import Channel

ORDER = 0


class Inbox(Channel):
    """Gets everything, always; nobody can switch it off, and nothing holds it."""

    code, label, icon, personal = "inbox", _("站内消息"), "inbox", True

    def reaches(self, user):
        """Everybody with an account has one."""
        return True

    def deliver(self, letters, at):
        """Says of every letter that it is there."""
        for letter in letters:
            yield letter, None


CHANNEL = Inbox()
