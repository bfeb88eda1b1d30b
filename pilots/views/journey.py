"""Where a case stands on its programme's road: the strip of steps, and the whole flow as a picture."""

from itertools import pairwise

from django.utils.translation import gettext as _

from pilots.models import ApplicationState as A
from pilots.models import BatchState as B
from pilots.models import DesignationState as D

# Stations of the main line: code, label, the stage of the rules that must be in use (None: always).
_LINE = (
    ("draft", lambda: _("填报"), None),
    ("pref", lambda: _("市级审核"), "PREF"),
    ("prov", lambda: _("省级推荐"), "PROV"),
    ("form", lambda: _("形式审查"), "FORM"),
    ("exp", lambda: _("专家评审"), "EXP"),
    ("list", lambda: _("拟定名单"), None),
    ("sign", lambda: _("审签"), None),
    ("notice", lambda: _("公示"), "NOTC"),
    ("document", lambda: _("批复"), None),
    ("build", lambda: _("建设期"), None),
    ("acc", lambda: _("验收"), "ACC"),
    ("end", lambda: _("结项"), None),
)
_STATION = {
    A.DRAFT: "draft",
    A.PREFECTURE_CHECK: "pref",
    A.PROVINCE_REVIEW: "prov",
    A.FORMALITY_CHECK: "form",
    A.SUPPLEMENT: "form",
    A.PANEL_DRAW: "exp",
    A.EXPERT_REVIEW: "exp",
    A.HELD: "notice",
    A.NOT_RECOMMENDED: "prov",
    A.REJECTED: "form",
    A.NOT_SELECTED: "list",
    A.REMOVED: "notice",
}
_SITE_STATION = {
    D.PLAN_DUE: "build",
    D.BUILDING: "build",
    D.SELF_EVALUATION: "acc",
    D.ACCEPTANCE: "acc",
    D.RECTIFYING: "acc",
}
_FAILED = frozenset({A.NOT_RECOMMENDED, A.REJECTED, A.NOT_SELECTED, A.REMOVED, A.WITHDRAWN, A.DEEMED_WITHDRAWN})
_BROKEN_OFF = frozenset({D.REVOKED, D.EXITED, D.LAPSED})


def line_of(rules):
    """[(code, label)] of the stations this programme uses."""
    return [(code, label()) for code, label, stage in _LINE if stage is None or rules.uses(stage)]


def station_of(application, site=None, last_from=""):
    """The station where the application, or the site it became, stands now.

    `last_from` is the state an application was in when it was withdrawn.
    """
    state, batch = application.state, application.batch
    if site is not None:
        return _SITE_STATION.get(site.state, "end")
    if state in (A.WITHDRAWN, A.DEEMED_WITHDRAWN):
        return _STATION.get(last_from, "list" if last_from == A.READY else "draft")
    if state == A.READY:
        return "list" if batch.state in (B.OPEN, B.REVIEWING) else "sign"
    if state == A.LISTED:
        return "notice" if batch.state in (B.TO_PUBLISH, B.NOTICE) else "document"
    if state == A.APPROVED:
        return "document"
    return _STATION[state]


def _place(application, site, last_from):
    codes = [code for code, _label in line_of(application.rules)]
    here = station_of(application, site, last_from)
    # A station the programme does not use counts as the next one it does.
    order = [code for code, *_rest in _LINE]
    while here not in codes:
        here = order[order.index(here) + 1]
    return codes, codes.index(here)


def steps(application, site=None, last_from=""):
    """Items for {% steps %}."""
    _codes, here = _place(application, site, last_from)
    failed = application.state in _FAILED if site is None else site.state in _BROKEN_OFF
    finished = site is not None and site.state in (D.ACCEPTED, D.NEW_ROUND)
    done_here = application.state == A.APPROVED and site is None
    rows = []
    for index, (code, label) in enumerate(line_of(application.rules)):
        state, note = "done" if index < here or finished or (done_here and index == here) else "todo", ""
        if index == here and not finished and not done_here:
            state = "bad" if failed else "now"
            note = (site or application).get_state_display()
        if code == "prov" and application.own_recommender:
            state, note = "skipped", _("省级单位自行申报，不经推荐")
        rows.append({"label": label, "state": state, "note": "" if note == label else note})
    return rows


# Side tracks: code, label, station below (or above) which it hangs, lane, the state that is there.
_SIDE = (
    ("declined", lambda: _("未推荐"), "prov", 1, A.NOT_RECOMMENDED),
    ("supplement", lambda: _("补正"), "form", -1, A.SUPPLEMENT),
    ("rejected", lambda: _("不予受理"), "form", 1, A.REJECTED),
    ("unselected", lambda: _("未入选"), "list", 1, A.NOT_SELECTED),
    ("held", lambda: _("异议核查"), "notice", -1, A.HELD),
    ("removed", lambda: _("除名"), "notice", 1, A.REMOVED),
    ("rectify", lambda: _("限期整改"), "acc", -1, D.RECTIFYING),
    ("revoked", lambda: _("撤销"), "acc", 1, D.REVOKED),
)
_SIDE_EDGES = (
    ("prov", "declined", "", "todo"),
    ("form", "supplement", "", "back"),
    ("supplement", "form", lambda: _("重新提交"), "todo"),
    ("form", "rejected", "", "todo"),
    ("list", "unselected", lambda: _("线下"), "todo"),
    ("notice", "held", "", "back"),
    ("held", "notice", lambda: _("不成立"), "todo"),
    ("notice", "removed", lambda: _("成立"), "todo"),
    ("acc", "rectify", "", "back"),
    ("rectify", "acc", lambda: _("再次验收"), "todo"),
    ("acc", "revoked", "", "todo"),
)


def outline(rules):
    """{"states", "edges"} for {% flow %}: the road itself, with nobody on it."""
    made = _drawn(rules, [code for code, _label in line_of(rules)], here=-1)
    return {"states": made["states"], "edges": made["edges"]}


def picture(application, site=None, last_from=""):
    """{"states", "edges"} for {% flow %}: the programme's own stations with its side tracks."""
    codes, here = _place(application, site, last_from)
    return _drawn(application.rules, codes, here, application, site)


def _drawn(rules, codes, here, application=None, site=None):
    labels = dict(line_of(rules))
    state = site.state if site is not None else application.state if application is not None else ""
    side = [row for row in _SIDE if row[2] in codes and (row[0] != "supplement" or rules.uses("SUPP"))]
    aside = {code for code, _l, _s, _lane, at in side if at == state}
    over = site is not None and site.state in (D.ACCEPTED, D.NEW_ROUND)

    def kind(index):
        if index < here or (over and index == here):
            return "done"
        return "now" if index == here and not aside else "todo" if index > here else "done"

    states = [
        {"code": code, "label": labels[code], "col": index, "lane": 0, "kind": kind(index)}
        for index, code in enumerate(codes)
    ]
    states += [
        # Above the line a box stands half a step on, so that the ways there and back do not lie on each
        # other.
        {
            "code": code,
            "label": label(),
            "col": codes.index(station) + (0.5 if lane < 0 else 0),
            "lane": lane,
            "kind": ("bad" if at in _FAILED or at in _BROKEN_OFF else "now") if code in aside else "todo",
        }
        for code, label, station, lane, at in side
    ]
    drawn = {item["code"] for item in states}
    edges = [
        {"from": a, "to": b, "label": "", "kind": "done" if index < here else "todo"}
        for index, (a, b) in enumerate(pairwise(codes))
    ]
    if "prov" in drawn:
        edges.append({"from": "prov", "to": "draft", "label": _("退回修改"), "kind": "back"})
    edges += [
        {"from": a, "to": b, "label": word() if callable(word) else word, "kind": kind_}
        for a, b, word, kind_ in _SIDE_EDGES
        if a in drawn and b in drawn
    ]
    return {"states": states, "edges": edges}
