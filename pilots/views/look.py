"""How states, names and periods look on a page: tone, icon, words."""

from django.conf import settings
from django.urls import NoReverseMatch, reverse
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from accounts.models import Place
from pilots.models import ApplicationState as A
from pilots.models import BatchState as B
from pilots.models import ChangeState
from pilots.models import DesignationState as D
from pilots.models import RulesDraftState as R

# Tone and icon of each state; a state that is not named is plain information.
_LOOKS = {
    A.DRAFT: ("neutral", "pencil"),
    A.PREFECTURE_CHECK: ("info", "stamp"),
    A.PROVINCE_REVIEW: ("info", "stamp"),
    A.FORMALITY_CHECK: ("info", "clipboard-check"),
    A.SUPPLEMENT: ("bad", "undo-2"),
    A.PANEL_DRAW: ("warn", "users"),
    A.EXPERT_REVIEW: ("warn", "users"),
    A.READY: ("info", "list-ordered"),
    A.LISTED: ("ok", "list-checks"),
    A.HELD: ("warn", "search-check"),
    A.APPROVED: ("ok", "circle-check"),
    A.NOT_SELECTED: ("neutral", "circle-minus"),
    A.NOT_RECOMMENDED: ("bad", "x"),
    A.REJECTED: ("bad", "x"),
    A.WITHDRAWN: ("neutral", "undo-2"),
    A.DEEMED_WITHDRAWN: ("bad", "clock-alert"),
    A.REMOVED: ("bad", "shield-x"),
}
_BATCH_LOOKS = {
    B.DRAFT: ("neutral", "pencil"),
    B.OPEN: ("ok", "door-open"),
    B.REVIEWING: ("warn", "users"),
    B.NOTICE: ("warn", "megaphone"),
    B.ISSUED: ("ok", "circle-check"),
    B.CANCELLED: ("neutral", "x"),
}
_SITE_LOOKS = {
    D.AGREEMENT_DUE: ("warn", "pen-line"),
    D.PLAN_DUE: ("warn", "file-up"),
    D.BUILDING: ("ok", "hammer"),
    D.SELF_EVALUATION: ("warn", "file-pen-line"),
    D.PRE_ACCEPTANCE: ("info", "stamp"),
    D.ACCEPTANCE: ("info", "gavel"),
    D.RECTIFYING: ("bad", "wrench"),
    D.HOLDING: ("ok", "award"),
    D.OPERATING: ("ok", "activity"),
    D.RESTRICTED: ("bad", "shield-alert"),
    D.ACCEPTED: ("ok", "circle-check"),
    D.NEW_ROUND: ("info", "refresh-cw"),
    D.REVOKED: ("bad", "shield-x"),
    D.EXITED: ("bad", "log-out"),
    D.LAPSED: ("neutral", "clock"),
    D.SUCCEEDED: ("neutral", "arrow-up-right"),
    D.MERGED: ("neutral", "merge"),
}
_CHANGE_LOOKS = {
    ChangeState.FILED: ("info", "stamp"),
    ChangeState.CONFIRMED: ("info", "file-pen-line"),
    ChangeState.DECIDED: ("ok", "circle-check"),
    ChangeState.REFUSED: ("bad", "x"),
    ChangeState.WITHDRAWN: ("neutral", "undo-2"),
}
_DRAFT_LOOKS = {
    R.EDITING: ("neutral", "pencil"),
    R.SUBMITTED: ("warn", "file-search"),
    R.PUBLISHED: ("ok", "badge-check"),
    R.DISCARDED: ("neutral", "trash-2"),
}
_BY_MODEL = {
    "rulesdraft": _DRAFT_LOOKS,
    "certificatetemplate": {
        "editing": ("neutral", "pencil"),
        "published": ("ok", "badge-check"),
        "discarded": ("neutral", "trash-2"),
    },
    "sealuse": {
        "waiting": ("warn", "stamp"),
        "approved": ("ok", "circle-check"),
        "returned": ("bad", "undo-2"),
        "withdrawn": ("neutral", "undo-2"),
    },
    "grantrequest": {
        "waiting": ("warn", "shield-question-mark"),
        "confirmed": ("ok", "circle-check"),
        "refused": ("bad", "x"),
        "withdrawn": ("neutral", "undo-2"),
    },
    "application": _LOOKS,
    "batch": _BATCH_LOOKS,
    "designation": _SITE_LOOKS,
    "change": _CHANGE_LOOKS,
}


def state_of(case):
    """{"label", "tone", "icon"} of a case's present state, for {% state_tag %}."""
    tone, icon = _BY_MODEL.get(case._meta.model_name, {}).get(case.state, ("info", ""))
    return {"label": case.get_state_display(), "tone": tone, "icon": icon}


def round_words(rules, number):
    """「第 1 轮／共 2 轮 初评」; empty where a programme is reviewed in one round."""
    rounds = rules.scoring.rounds if rules.scoring else []
    if not rounds:
        return ""
    name = rounds[number - 1].name if number <= len(rounds) else _("末轮")
    return _("第 %(n)s 轮／共 %(of)s 轮（%(name)s）") % {"n": number, "of": len(rounds) + 1, "name": name}


def programme_name(programme):
    """The programme's name in the language of the page, without reading its rules."""
    return programme.name_en if programme.name_en and (get_language() or "").startswith("en") else programme.name


def deadline_label(row):
    """What a deadline asks for, in the language of the page."""
    return row.label_en if row.label_en and (get_language() or "").startswith("en") else row.label


def period_words(period):
    """「10 个工作日」 of a period of the rules."""
    n = period.n
    words = {
        "working": ngettext("%(n)d 个工作日", "%(n)d 个工作日", n),
        "calendar": ngettext("%(n)d 日", "%(n)d 日", n),
        "month": ngettext("%(n)d 个月", "%(n)d 个月", n),
        "year": ngettext("%(n)d 年", "%(n)d 年", n),
    }
    return words[period.unit] % {"n": n}


def tile_code(code, kind):
    """The code of a recommending place on the tile map: two digits, four for a plan-listed city."""
    return (code or "")[: 4 if kind == Place.Kind.PLAN_LISTED_CITY else 2]


def url_or_none(name, *args):
    """The address of a named page, or None where this installation does not have it."""
    try:
        return reverse(name, args=args)
    except NoReverseMatch:
        return None


def site_url(path):
    """An absolute address for letters and copies."""
    return f"{settings.SITE_URL}{path}"


def greeting(moment):
    """Good morning, noon, afternoon or evening, by the hour of a local datetime."""
    hour = moment.hour
    if hour < 6:
        return _("夜深了")
    if hour < 11:
        return _("上午好")
    if hour < 13:
        return _("中午好")
    return _("下午好") if hour < 18 else _("晚上好")
