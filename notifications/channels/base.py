"""What a channel is: it says what it is called, how it is configured, and hands letters over.

A channel never touches the database and never decides whether something goes: that is done before (notifications.sending).
It answers for every letter, in any order, as each one is handed over.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar
from uuid import NAMESPACE_URL, UUID, uuid5

from django.utils.translation import get_language

if TYPE_CHECKING:
    from django import forms

    from notifications.models import Endpoint, Message


class Undelivered(Exception):
    """A letter did not arrive. `zh` and `en` say why, in words for the dead-letter page."""

    def __init__(self, zh: str, en: str = "") -> None:
        super().__init__(zh)
        self.zh, self.en = zh, en or zh

    def words(self) -> str:
        """The reason in the language of whoever reads."""
        return self.en if (get_language() or "").startswith("en") else self.zh


class Temporary(Undelivered):
    """It may arrive later: tried again with growing pauses, for seven days.

    `unsent`: the other side has certainly not taken it. What was to leave may then leave together with what is due by
    then, instead of as the very letter that perhaps arrived.
    """

    def __init__(self, zh: str, en: str = "", *, unsent: bool = False) -> None:
        super().__init__(zh, en)
        self.unsent = unsent


class Permanent(Undelivered):
    """It will never arrive as it is: laid aside at once, where people see it.

    `address` is given where the other side says that it does not know the address.
    """

    def __init__(self, zh: str, en: str = "", *, address: str = "") -> None:
        super().__init__(zh, en)
        self.address = address


@dataclass
class Letter:
    """What goes to one addressee at one time. A second try of it has the same `id`."""

    messages: list["Message"]

    @cached_property
    def id(self) -> UUID:
        """Made of the bundle and the addressee, so that a bundle can be given to many rows in one statement."""
        first = self.messages[0]
        return uuid5(NAMESPACE_URL, f"{first.bundle}:{first.channel}:{first.user_id}:{first.endpoint_id}")

    @property
    def user(self) -> Any:
        return self.messages[0].user

    @property
    def endpoint(self) -> "Endpoint | None":
        return self.messages[0].endpoint

    @property
    def language(self) -> str:
        return (self.user or self.endpoint).language


Answer = tuple[Letter, Undelivered | None]


class Channel:
    """One way of reaching somebody. Subclasses live in `notifications/channels/<code>/transport.py`."""

    code: ClassVar[str]
    label: ClassVar[Any]
    icon: ClassVar[str]
    # True: letters go to a person. False: to an `Endpoint` of this channel.
    personal: ClassVar[bool] = False
    # True where a person hears it ring: quiet hours and office hours hold.
    rings: ClassVar[bool] = True
    # Personal channels: what a person may choose per kind of message, and the key under which that is kept.
    modes: ClassVar[tuple[str, ...]] = ()
    stored_as: ClassVar[str] = ""
    # How an endpoint of this channel is described; None where there is nothing to describe.
    form: "ClassVar[type[forms.Form] | None]" = None
    # Settings of the form that are kept and never shown again.
    secrets: ClassVar[tuple[str, ...]] = ()

    def default(self, kind: str, usual: str) -> str:
        """The mode of a kind of message for whoever chose nothing; `usual` is the kind's own (notifications.preferences)."""
        return usual if usual in self.modes else "off"

    def reaches(self, user: Any) -> bool:
        """True when a person can be reached at all: a personal channel looks for its address."""
        return False

    def missing(self) -> str:
        """In words what is not installed that this channel needs; empty when nothing is."""
        return ""

    def deliver(self, letters: Iterable[Letter], at: datetime) -> Iterator[Answer]:
        """Hands the letters over, and says of each that it arrived (None) or why not."""
        raise NotImplementedError

    def test(self, endpoint: "Endpoint", at: datetime) -> str:
        """Sends a test message to an endpoint; returns the other side's answer. Raises Undelivered."""
        raise NotImplementedError
