"""Where a case stands on its programme's road: the strip of steps, and the whole flow as a picture."""

from itertools import pairwise

from django.utils.translation import gettext as _

from pilots.models import ApplicationState as A
from pilots.models import BatchState as B
from pilots.models import DesignationState as D
from pilots.models.designation import OVER, state_words
from pilots.views.siding import SIDE_EDGES, sidings

# What the field calls the judgement at the end of a term.
_JUDGED = {"V": lambda: _("绩效评价"), "VI": lambda: _("结题评审")}


def _uses(code):
    return lambda rules: rules.uses(code)


def _always(_rules):
    return True


def runs(rules):
    """True where what was built goes into operation."""
    return rules.acceptance is not None and any(band.consequence == "operate" for band in rules.acceptance.bands)


def _builds(rules):
    return rules.acceptance is not None


def _counts(rules):
    """A title that is held, or that goes on counting after its acceptance until it is re-examined."""
    return rules.acceptance is None or rules.renewal is not None


# Stations of the main line: code, label under some rules, whether the rules use it.
_LINE = (
    ("draft", lambda rules: _("填报"), _always),
    ("pref", lambda rules: _("市级审核"), _uses("PREF")),
    ("prov", lambda rules: _("省级推荐"), _uses("PROV")),
    ("form", lambda rules: _("形式审查"), _uses("FORM")),
    ("exp", lambda rules: _("专家评审"), _uses("EXP")),
    ("list", lambda rules: _("拟定名单"), _always),
    ("sign", lambda rules: _("审签"), _always),
    ("notice", lambda rules: _("公示"), _uses("NOTC")),
    ("document", lambda rules: _("批复"), _always),
    ("agr", lambda rules: _("签订协议"), _uses("AGR")),
    ("plan", lambda rules: _("建设方案"), _uses("PLAN")),
    ("build", lambda rules: {"V": _("实施期"), "VI": _("研究期")}.get(rules.shape) or _("建设期"), _builds),
    ("acc", lambda rules: _JUDGED.get(rules.shape, lambda: _("验收"))(), _builds),
    ("operate", lambda rules: _("运行"), runs),
    ("hold", lambda rules: state_words(rules.shape, D.HOLDING), _counts),
    ("rex", lambda rules: _("复核"), lambda rules: rules.renewal is not None),
    ("end", lambda rules: _("结项") if _builds(rules) and not runs(rules) else _("终止"), _always),
)
_ORDER = [code for code, *_rest in _LINE]
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
    D.AGREEMENT_DUE: "agr",
    D.PLAN_DUE: "plan",
    D.BUILDING: "build",
    D.SELF_EVALUATION: "acc",
    D.PRE_ACCEPTANCE: "acc",
    D.ACCEPTANCE: "acc",
    D.RECTIFYING: "acc",
    D.OPERATING: "operate",
    D.RESTRICTED: "operate",
}
_FAILED = frozenset({A.NOT_RECOMMENDED, A.REJECTED, A.NOT_SELECTED, A.REMOVED, A.WITHDRAWN, A.DEEMED_WITHDRAWN})
_BROKEN_OFF = frozenset({D.REVOKED, D.EXITED, D.LAPSED})
_PASSED_ON = frozenset({D.SUCCEEDED, D.MERGED})
_DONE_WELL = frozenset({D.ACCEPTED, D.NEW_ROUND})


def line_of(rules):
    """[(code, label)] of the stations this programme uses."""
    return [(code, label(rules)) for code, label, used in _LINE if used(rules)]


def station_of(application, site=None, last_from=""):
    """The station where the application, or the site it became, stands now, or left the road.

    `last_from` is the state an application was in when it was withdrawn.
    """
    state, batch = application.state, application.batch
    if site is not None:
        return _site_station(site)
    if state in (A.WITHDRAWN, A.DEEMED_WITHDRAWN):
        return _STATION.get(last_from, "list" if last_from == A.READY else "draft")
    if state == A.READY:
        return "list" if batch.state in (B.OPEN, B.REVIEWING) else "sign"
    if state == A.LISTED:
        return "notice" if batch.state in (B.TO_PUBLISH, B.NOTICE) else "document"
    if state == A.APPROVED:
        return "document"
    return _STATION[state]


def _site_station(site):
    state, rules = site.state, site.rules
    if state == D.HOLDING or (state == D.ACCEPTED and rules.renewal is not None):
        return "rex" if site.renewal_filed_at is not None else "hold"
    if state in _DONE_WELL:
        return "end"
    return _SITE_STATION.get(state) or _left_at(site)


def _left_at(site):
    """The farthest station a site that is over has reached, by what stands on its row."""
    rules = site.rules
    if site.operating_since is not None:
        return "operate"
    if rules.acceptance is None:
        # Only a waiver ends a held title before it counts.
        return ("agr" if rules.uses("AGR") else "plan") if site.state == D.EXITED else "hold"
    if site.valid_until is not None and rules.renewal is not None:
        return "hold"
    if site.score is not None:
        return "acc"
    if site.plan_filed_at is None and site.state == D.EXITED:
        return "plan" if rules.uses("PLAN") else "agr"
    return "build"


def _place(application, site, last_from):
    codes = [code for code, _label in line_of(application.rules)]
    here = station_of(application, site, last_from)
    # A station the programme does not use counts as the next one it does.
    while here not in codes:
        here = _ORDER[_ORDER.index(here) + 1]
    return codes, codes.index(here)


def _is_over(site):
    """Accepted, and nothing more to come."""
    return site is not None and site.state in _DONE_WELL and not (site.state == D.ACCEPTED and site.rules.renewal)


def steps(application, site=None, last_from=""):
    """Items for {% steps %}."""
    _codes, here = _place(application, site, last_from)
    failed = application.state in _FAILED if site is None else site.state in _BROKEN_OFF
    passed_on = site is not None and site.state in _PASSED_ON
    finished = _is_over(site)
    done_here = application.state == A.APPROVED and site is None
    rows = []
    for index, (code, label) in enumerate(line_of(application.rules)):
        state, note = "done" if index < here or finished or (done_here and index == here) else "todo", ""
        if index == here and not finished and not done_here:
            state = "bad" if failed else "done" if passed_on else "now"
            note = (site or application).get_state_display()
        elif site is not None and site.state in OVER and not finished and index > here:
            # The title was lost or passed on: what lay ahead will not come.
            state = "todo" if site.state in _DONE_WELL else "skipped"
        if code == "operate" and site is not None and site.state == D.RESTRICTED:
            state = "bad"
        if code == "prov" and application.own_recommender:
            state, note = "skipped", _("省级单位自行申报，不经推荐")
        rows.append({"label": label, "state": state, "note": "" if note == label else note})
    return rows


def outline(rules):
    """{"states", "edges"} for {% flow %}: the road itself, with nobody on it."""
    return _drawn(rules, [code for code, _label in line_of(rules)], here=-1)


def picture(application, site=None, last_from=""):
    """{"states", "edges"} for {% flow %}: the programme's own stations with its side tracks."""
    codes, here = _place(application, site, last_from)
    return _drawn(application.rules, codes, here, application, site)


def _drawn(rules, codes, here, application=None, site=None):
    labels = dict(line_of(rules))
    state = site.state if site is not None else application.state if application is not None else ""
    side = sidings(rules, codes, state, codes[here])
    aside = {row.code for row in side if row.state == state}
    over = _is_over(site)

    def kind(index):
        if index < here or (over and index == here):
            return "done"
        return "now" if index == here and not aside else "todo" if index > here else "done"

    states = [
        {"code": code, "label": labels[code], "col": index, "lane": 0, "kind": kind(index)}
        for index, code in enumerate(codes)
    ]
    states += [
        # Above the line a box stands half a step on, so that the ways there and back do not lie on each other.
        {
            "code": row.code,
            "label": row.label,
            "col": codes.index(row.station) + (0.5 if row.lane < 0 else 0),
            "lane": row.lane,
            "kind": ("bad" if row.ends else "now") if row.code in aside else "todo",
        }
        for row in side
    ]
    drawn = {item["code"] for item in states}
    edges = [
        {"from": a, "to": b, "label": "", "kind": "done" if index < here else "todo"}
        for index, (a, b) in enumerate(pairwise(codes))
    ]
    if "prov" in drawn:
        edges.append({"from": "prov", "to": "draft", "label": _("退回修改"), "kind": "back"})
    edges += [{"from": row.station, "to": row.code, "label": row.word, "kind": row.way} for row in side]
    edges += [
        {"from": a, "to": b, "label": word() if callable(word) else word, "kind": "todo"}
        for a, b, word in SIDE_EDGES
        if a in drawn and b in drawn
    ]
    if "rex" in drawn and "hold" in drawn:
        edges.append({"from": "rex", "to": "hold", "label": _("续期"), "kind": "back"})
    return {"states": states, "edges": edges}
