"""Boxes beside the main line of the flow picture: where a case waits, is sent back, or leaves the road."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from pilots.models import ApplicationState as A
from pilots.models import DesignationState as D


@dataclass(frozen=True)
class Siding:
    """One box: the station it belongs to, its lane (below the line 1, 2, …; above it -1), the state that is there."""

    code: str
    label: str
    station: str
    lane: int
    state: str
    # An end that is no success.
    ends: bool
    word: str = ""
    way: str = "todo"


def _band(consequence):
    return lambda rules: (
        rules.acceptance is not None and any(band.consequence == consequence for band in rules.acceptance.bands)
    )


def _then(code, then):
    return lambda rules: (stage := rules.stage(code)) is not None and stage.then == then


def _lapses(rules):
    return rules.renewal is not None or (rules.acceptance is None and not rules.open_ended)


def _upgrades(rules):
    return rules.upgrade is not None and rules.upgrade.replaces


def _never(_rules):
    """Drawn only where a case stands on it: other programmes' rules decide."""
    return False


# code, label, stations it may hang on (the first the programme uses), above the line, state, whether the rules know it,
# an end, the word on the way there.
_SIDE = (
    ("declined", lambda: _("未推荐"), ("prov",), False, A.NOT_RECOMMENDED, lambda rules: True, True, ""),
    ("supplement", lambda: _("补正"), ("form",), True, A.SUPPLEMENT, lambda rules: rules.uses("SUPP"), False, ""),
    ("rejected", lambda: _("不予受理"), ("form",), False, A.REJECTED, lambda rules: True, True, ""),
    ("unselected", lambda: _("未入选"), ("list",), False, A.NOT_SELECTED, lambda rules: True, True, lambda: _("线下")),
    ("held", lambda: _("异议核查"), ("notice",), True, A.HELD, lambda rules: True, False, ""),
    ("removed", lambda: _("除名"), ("notice",), False, A.REMOVED, lambda rules: True, True, lambda: _("成立")),
    ("unsigned", lambda: _("视为放弃"), ("agr", "plan"), False, "", _then("AGR", "deemed_waived"), True, ""),
    ("rectify", lambda: _("限期整改"), ("acc",), True, D.RECTIFYING, _band("rectify"), False, ""),
    ("new_round", lambda: _("转入新一轮"), ("acc",), False, D.NEW_ROUND, _band("new_round"), False, ""),
    ("restricted", lambda: _("限制运行"), ("operate",), True, D.RESTRICTED, _band("operate"), False, ""),
    ("exited", lambda: _("已退出"), ("acc", "plan", "agr"), False, D.EXITED, _then("SELF", "deemed_exit"), True, ""),
    ("lapsed", lambda: _("期满失效"), ("rex", "hold", "acc"), False, D.LAPSED, _lapses, True, ""),
    ("succeeded", lambda: _("新称号承接"), ("hold", "operate", "end"), False, D.SUCCEEDED, _upgrades, False, ""),
    ("merged", lambda: _("并入"), ("hold", "operate", "end"), False, D.MERGED, _never, False, ""),
    ("revoked", lambda: _("撤销"), ("operate", "hold", "acc"), False, D.REVOKED, lambda rules: True, True, ""),
)
# From a siding back to the line.
SIDE_EDGES = (
    ("supplement", "form", lambda: _("重新提交")),
    ("held", "notice", lambda: _("不成立")),
    ("rectify", "acc", lambda: _("再次验收")),
    ("restricted", "operate", lambda: _("解除")),
)
_LEFT = frozenset({D.EXITED, D.LAPSED, D.SUCCEEDED, D.MERGED, D.REVOKED, D.RESTRICTED, D.RECTIFYING})


def sidings(rules, codes, state, here):
    """The sidings of a programme whose line has the stations `codes`; the one a case is on hangs where it left."""
    found, below = [], {}
    for code, label, stations, above, at, known, ends, word in _SIDE:
        on_it = at != "" and at == state
        used = [station for station in stations if station in codes]
        if not on_it and not (used and known(rules)):
            continue
        if at == D.NEW_ROUND and on_it:
            # A good end: the line itself says so.
            on_it = False
            if not used:
                continue
        station = here if on_it and at in _LEFT else used[0] if used else here
        lane = -1 if above else below.get(station, 0) + 1
        if not above:
            below[station] = lane
        way = "back" if above else "todo"
        found.append(Siding(code, label(), station, lane, at, ends, word() if callable(word) else word, way))
    return found
