"""Mail addresses that do not take mail. Three refusals in a row, and mail to the address pauses; the inbox goes on."""

from collections.abc import Iterable
from datetime import datetime

from django.db.models import F

from notifications.channels.base import Permanent, Undelivered
from notifications.models import Bounce, Message

ENOUGH = 3


def paused(addresses: Iterable[str]) -> set[str]:
    """Those of the addresses (lower case) that have refused mail too often."""
    wanted = {address.lower() for address in addresses if address}
    return set(Bounce.objects.filter(address__in=wanted, failures__gte=ENOUGH).values_list("address", flat=True))


def note(sent: list[Message], failed: dict[Undelivered, list[Message]], at: datetime) -> None:
    """Counts refusals of this batch by address; an address that took mail is in good standing again."""
    refused = {fault.address.lower(): fault for fault in failed if isinstance(fault, Permanent) and fault.address}
    for address, fault in refused.items():
        row, new = Bounce.objects.get_or_create(
            address=address, defaults={"failures": 1, "error": fault.zh[:500], "at": at}
        )
        if not new:
            Bounce.objects.filter(pk=row.pk).update(failures=F("failures") + 1, error=fault.zh[:500], at=at)
    forget(row.user.email for row in sent)


def forget(addresses: Iterable[str]) -> None:
    """These addresses begin with a clean sheet."""
    if Bounce.objects.exists():
        Bounce.objects.filter(address__in={address.lower() for address in addresses if address}).delete()
