"""Finding people, places and bodies by what somebody types: a name or a code, and what it may have meant."""

from collections.abc import Iterable
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _

from accounts.models import Organisation, Place, User

MOST_HINTS = 3


class NotNamed(ValueError):
    """Nothing, or more than one thing, is called so; the message says what near it there is."""


def person(name: str) -> User:
    """The account with this user name. Raises NotNamed."""
    found = User.objects.filter(username=name.strip()).select_related("organisation").first()
    if found is None:
        near = User.objects.filter(Q(name=name.strip()) | Q(username__icontains=name.strip())).order_by("username")
        raise NotNamed(_("没有账号“%(name)s”。") % {"name": name} + _hint(near.values_list("username", flat=True)))
    return found


def organisation(name: str) -> Organisation:
    """The body of this name. Raises NotNamed."""
    found = Organisation.objects.filter(name=name.strip()).first()
    if found is None:
        near = Organisation.objects.filter(name__icontains=name.strip()).order_by("name")
        raise NotNamed(_("系统中没有单位“%(name)s”。") % {"name": name} + _hint(near.values_list("name", flat=True)))
    return found


def place(name: str) -> Place:
    """The place in force of this name or code; names that several have (鼓楼区) need the code. Raises NotNamed."""
    name = name.strip()
    found = list(Place.objects.filter(Q(name=name) | Q(code=name), valid_to__isnull=True).select_related("parent")[:9])
    if not found:
        near = Place.objects.filter(name__icontains=name, valid_to__isnull=True).order_by("path")
        raise NotNamed(_("没有地区“%(name)s”。") % {"name": name} + _hint(near.values_list("name", flat=True)))
    if len(found) > 1:
        raise NotNamed(_("有 %(n)s 个“%(name)s”，请填写区划代码。") % {"n": len(found), "name": name} + _codes(found))
    return found[0]


def _hint(names: Any) -> str:
    near = list(names[:MOST_HINTS])
    return _("您是否指：%(names)s？") % {"names": _("、").join(near)} if near else ""


def _codes(places: Iterable[Place]) -> str:
    return _("、").join(f"{row.parent}{row.name} {row.code or ''}".strip() for row in list(places)[:MOST_HINTS])
