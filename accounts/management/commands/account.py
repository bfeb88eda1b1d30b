"""`./manage.py account …`: what an administrator of the machine does for accounts.

`unlock`, `reset-mfa`, `end-sessions`, `unlink-sso`, `link` and `show` help one person; `first-admin` makes the first of the
separated administrators; `check` says which grants stand against the separation.
"""

import getpass

from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from accounts import activation, clock, events, sessions, throttle
from accounts.granting import Proposal, granting_faults, violations
from accounts.models import AccountEvent, Grant, User
from accounts.roles import Role

Kind = AccountEvent.Kind
FIRST = {"system": Role.SYSTEM_ADMIN, "security": Role.SECURITY_ADMIN}


class Command(BaseCommand):
    help = (
        "Helps people into their accounts: wrong tries, a lost second factor, sessions. Everything is kept on record."
    )

    def add_arguments(self, parser):
        whats = ["unlock", "reset-mfa", "end-sessions", "unlink-sso", "link", "show", "first-admin", "check"]
        parser.add_argument("what", choices=whats)
        parser.add_argument("user", metavar="USER", nargs="?", default="", help="name the person signs in with")
        parser.add_argument("--role", choices=sorted(FIRST), help="first-admin: which of the two")
        parser.add_argument("--name", default="", help="first-admin: the person's name, for a new account")
        parser.add_argument("--mail", default="", help="first-admin: the person's address, for a new account")
        parser.add_argument(
            "--reason", default="", help="kept with the record, for example how the person was recognised"
        )

    @transaction.atomic
    def handle(self, *args, what, user, reason, **options):
        note = f"{_operator()}: {reason}".rstrip(": ")
        if what == "check":
            return self._check()
        if not user:
            raise CommandError("which USER?")
        if what == "first-admin":
            return self._first_admin(user, note, options["role"], options["name"], options["mail"])
        person = User.objects.filter(username=user).first()
        if person is None:
            raise CommandError(f"no account {user}")
        return getattr(self, "_" + what.replace("-", "_"))(person, note)

    def _check(self):
        found = violations(clock.now())
        for one in found:
            self.stdout.write(str(one))
        if found:
            raise CommandError(f"{len(found)} against the separation of administrators; end one of each pair")
        self.stdout.write("administrators are apart from each other and from business")

    def _first_admin(self, username, note, role, name, mail):
        """Only while nobody sits there: afterwards administrators make each other, in pairs."""
        if role is None:
            raise CommandError("--role system or --role security?")
        at, seat = clock.now(), FIRST[role]
        there = Grant.objects.in_force(at).filter(role=seat).select_related("user").first()
        if there is not None:
            raise CommandError(f"there is one already: {there.user.username}; the next is proposed at /grants/new/")
        # Two of these at once: the second one waits and finds the first one's.
        person = User.objects.select_for_update(no_key=True).filter(username=username).first()
        if person is None:
            person = User(username=username, name=name or username, email=mail)
            person.set_unusable_password()
            person.save()
            events.record(person, Kind.OPENED, note=note)
        faults = [fault.text for fault in granting_faults(Proposal(person, seat, at), at)]
        if faults:
            raise CommandError(" ".join(faults))
        Grant.objects.create(user=person, role=seat, valid_from=at)
        self.stdout.write(f"{username} is {seat.value}")
        if activation.is_new(person):
            self._link(person, note)

    def _link(self, person, note):
        if not activation.is_new(person):
            raise CommandError(f"{person.username} has signed in before or has a password; see changepassword")
        self.stdout.write(f"for {person.username} only, once, within {activation.HOURS} hours:")
        self.stdout.write(activation.shown(person, None, note))

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
