"""`./manage.py account unlock|reset-mfa|end-sessions|unlink-sso|show USER`: what an administrator does for an account."""

import getpass

from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from accounts import events, sessions, throttle
from accounts.models import AccountEvent, User

Kind = AccountEvent.Kind


class Command(BaseCommand):
    help = (
        "Helps people into their accounts: wrong tries, a lost second factor, sessions. Everything is kept on record."
    )

    def add_arguments(self, parser):
        parser.add_argument("what", choices=["unlock", "reset-mfa", "end-sessions", "unlink-sso", "show"])
        parser.add_argument("user", metavar="USER", help="name the person signs in with")
        parser.add_argument(
            "--reason", default="", help="kept with the record, for example how the person was recognised"
        )

    @transaction.atomic
    def handle(self, *args, what, user, reason, **options):
        person = User.objects.filter(username=user).first()
        if person is None:
            raise CommandError(f"no account {user}")
        getattr(self, "_" + what.replace("-", "_"))(person, f"{_operator()}: {reason}".rstrip(": "))

    def _unlock(self, person, note):
        throttle.unlock(person)
        events.record(person, Kind.UNLOCKED, note=note)
        self.stdout.write(f"{person.username}: wrong tries are forgotten")

    def _reset_mfa(self, person, note):
        number, _rows = Authenticator.objects.filter(user=person).delete()
        throttle.unlock(person)
        ended = sessions.end(person)
        events.record(person, Kind.FACTOR_RESET, note=note)
        self.stdout.write(
            f"{person.username}: {number} authenticators removed, {ended} sessions ended; a new one is set up at the next sign-in"
        )

    def _end_sessions(self, person, note):
        ended = sessions.end(person)
        events.record(person, Kind.SESSION_ENDED, note=note)
        self.stdout.write(f"{person.username}: {ended} sessions ended")

    def _unlink_sso(self, person, note):
        number, _rows = SocialAccount.objects.filter(user=person).delete()
        events.record(person, Kind.SSO_UNLINKED, note=note)
        self.stdout.write(f"{person.username}: {number} links removed")

    def _show(self, person, note):
        factors = Authenticator.objects.filter(user=person).order_by("pk").values_list("type", flat=True)
        self.stdout.write(f"{person.username}: active={person.is_active} factors={', '.join(factors) or 'none'}")
        for row in events.latest(person, 20):
            self.stdout.write(f"{row.at:%Y-%m-%d %H:%M:%S}Z  {row.kind:<16} {row.ip or '-':<20} {row.note}".rstrip())


def _operator():
    """Who is at the command line."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "unknown"
