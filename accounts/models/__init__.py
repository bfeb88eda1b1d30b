"""Who: places, organisations, people, and the roles they hold."""

from .clock import ClockShift
from .event import AccountEvent
from .grant import Grant
from .organisation import Organisation
from .place import Place
from .user import User

__all__ = ["AccountEvent", "ClockShift", "Grant", "Organisation", "Place", "User"]
