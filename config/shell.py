"""What surrounds every page: menu by role, unread messages, who one is, whether the scheduler lives."""

import logging

from django.conf import settings
from django.db.models import Count, Q
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts import clock, machine, wall
from accounts.access import rule_named
from accounts.authority import Authority
from accounts.models import User
from accounts.roles import ADMINISTRATORS, HOUSE, REACH, Reach, Role
from notifications import calendars, epoch
from notifications.beats import ANCHOR, beats, is_alive
from notifications.models import Message
from pilots import storage, uploads
from pilots.views import todo
from workflows import outside

log = logging.getLogger(__name__)

_APPLICANT = frozenset({Role.APPLICANT_CONTACT, Role.APPLICANT_LEADER})
_LOCAL = frozenset(role for role in Role if REACH[role] is Reach.PLACE)
_NATIONAL = frozenset(
    role for role in Role if REACH[role] is Reach.PROGRAMME and role not in (Role.SYSTEM, Role.PUBLIC)
)
_OFFICERS = _LOCAL | _NATIONAL
_AUTHORS = frozenset({Role.PROGRAMME_OFFICER, Role.DIVISION_HEAD, Role.AUDITOR})
_CASES = _APPLICANT | _OFFICERS

# (heading, [(URL name, words, icon, roles it is of use to; None: everybody signed in)]). Whether a page may
# be
# opened at all is said by the page itself (accounts.access); the roles here only keep the menu short.
MENU = (
    (
        "",
        (
            ("desk", gettext_lazy("工作台"), "layout-dashboard", None),
            ("tasks", gettext_lazy("待我办理"), "inbox", None),
        ),
    ),
    (
        gettext_lazy("办理"),
        (
            ("applications", gettext_lazy("申报"), "files", _CASES),
            ("reviews", gettext_lazy("评审"), "users", frozenset({Role.EXPERT})),
            ("expert_mine", gettext_lazy("专家资料"), "id-card", frozenset({Role.EXPERT})),
            ("experts", gettext_lazy("专家库"), "users-round", _NATIONAL),
            ("batches", gettext_lazy("批次与批复"), "file-pen", _OFFICERS),
            ("documents", gettext_lazy("发文登记簿"), "book-open-check", _NATIONAL),
            ("sites", gettext_lazy("试点与站点"), "map", _CASES),
            ("certificates", gettext_lazy("证书与公告"), "award", _CASES),
            ("seal_uses", gettext_lazy("用印审批"), "stamp", None),
            ("objections", gettext_lazy("异议"), "search-check", _NATIONAL),
        ),
    ),
    (
        gettext_lazy("管理"),
        (
            ("programmes", gettext_lazy("项目与规则"), "workflow", _AUTHORS),
            ("deadlines", gettext_lazy("期限台账"), "clock-alert", None),
            ("calendar", gettext_lazy("期限日历"), "calendar-clock", None),
            ("years", gettext_lazy("工作日历"), "calendar-range", _OFFICERS),
            ("week", gettext_lazy("本周将发出"), "send", _NATIONAL),
            ("templates", gettext_lazy("证书模板"), "layout-template", None),
            ("words", gettext_lazy("通知文字"), "message-square-text", _NATIONAL),
            ("ops", gettext_lazy("系统运行"), "activity", _NATIONAL),
        ),
    ),
    (
        gettext_lazy("账号与授权"),
        (
            ("people", gettext_lazy("人员"), "users", ADMINISTRATORS),
            ("grants", gettext_lazy("授权申请"), "shield-check", ADMINISTRATORS),
            ("organisations", gettext_lazy("单位"), "building-2", ADMINISTRATORS),
        ),
    ),
)


def shell(request):
    """The `shell` of docs/ui-kit.md. At most three statements; none for passers-by outside demo mode."""
    user = getattr(request, "user", None)
    found = {"source_url": settings.SOURCE_URL, "demo": _demo(request)}
    if user is None or not user.is_authenticated:
        return {"shell": found}
    try:
        at = getattr(request, "at", None) or clock.now()
        authority = Authority.of(user, at)
        count = getattr(request, "todo_count", None)
        if count is None:
            count = todo.todo(authority).order_by().count()
        organisation, unread = _person(user)
        found |= {
            "nav": _nav(request, user, authority, at, count),
            "unread": unread,
            "user_name": str(user),
            "role_line": _role_line(authority, organisation),
            "account_links": _links(),
            "banner": _banner(authority, request),
        }
    except Exception:
        # An error page still has to be drawn when the database is what failed.
        log.exception("the shell could not be filled")
        found["user_name"] = str(user)
    return {"shell": found}


@wall.lifted()
def _person(user):
    """(name of the user's body, unread messages); one statement. Also on public pages, which read as nobody."""
    unread = Count("messages", filter=Q(messages__channel=Message.Channel.INBOX, messages__read_at__isnull=True))
    found = list(User.objects.filter(pk=user.pk).order_by("pk").values_list("organisation__name").annotate(n=unread))
    return found[0] if found else ("", 0)


def _nav(request, user, authority, at, count):
    groups, best = [], None
    for heading, entries in MENU:
        items = []
        for name, label, icon, roles in entries:
            url = _open_to(name, user, at)
            if url is None or (roles is not None and not authority.has(*roles)):
                continue
            item = {
                "url": url,
                "label": label,
                "icon": icon,
                "active": False,
                "count": count if name == "tasks" else None,
            }
            items.append(item)
            if request.path.startswith(url) and (best is None or len(url) > len(best["url"])):
                best = item
        if items:
            groups.append({"label": heading, "items": items})
    if best is not None:
        best["active"] = True
    return groups


def _open_to(name, user, at):
    """The address of a page when it exists here and its own rule admits the user, else None."""
    rule = rule_named(name)
    return reverse(name) if rule is not None and rule.admits(user, at) else None


def _role_line(authority, organisation):
    """「规划发展司·项目主管」: the body and the first seat; more seats are counted."""
    roles = list(dict.fromkeys(held.role for held in authority.held))
    words = str(Role(roles[0]).label) if roles else _("没有角色")
    if len(roles) > 1:
        words = _("%(role)s等 %(n)s 个角色") % {"role": words, "n": len(roles)}
    return "·".join(part for part in (organisation, words) if part)


def _links():
    found = []
    for name, label, icon in (
        ("my_seats", _("席位与委托"), "user-check"),
        ("telling", _("通知设置"), "bell"),
        ("account_change_password", _("修改密码"), "key-round"),
        ("mfa_index", _("两步验证"), "shield"),
        ("usersessions_list", _("登录会话"), "monitor-smartphone"),
    ):
        try:
            found.append({"url": reverse(name), "label": label, "icon": icon})
        except NoReverseMatch:
            continue
    return found


def _demo(request):
    """The ribbon of the demonstration: its clock and its shortcuts; None elsewhere."""
    if not settings.DEMO:
        return None
    moment = getattr(request, "at", None) or clock.now()
    links = []
    for name, label, leap in (
        ("demo_clock", _("快进到下一期限"), "next"),
        ("demo_clock", _("+30 天"), "month"),
        ("demo", _("演示导览"), ""),
        ("demo_mail", _("演示邮箱"), ""),
    ):
        try:
            links.append({"url": reverse(name), "label": label, "post": bool(leap), "name": "leap", "value": leap})
        except NoReverseMatch:
            continue
    return {"now": moment.astimezone(clock.SHANGHAI).strftime("%Y-%m-%d %H:%M"), "links": links}


def _missing_year(request, row):
    """From 1 December, the alarm that nobody has loaded the next year's holidays (trust.md §5)."""
    if getattr(row, "year_loaded", True):
        return None
    year = calendars.year_wanted(clock.today(getattr(request, "at", None) or clock.now()))
    text = _("%(year)s 年的放假安排还没有装入，该年的期限都是暂定的。请负责全部项目的项目主管在“工作日历”中装入。")
    return {"level": "warning", "text": text % {"year": year}}


def _old_anchor(request, row):
    """The alarm that nothing outside the database vouches for the newest ledger rows (trust.md §3.4)."""
    if not outside.stale(row, getattr(request, "at", None) or clock.now()):
        return None
    text = _("办理记录自 %(at)s 起没有在数据库之外锚定，此后的记录若被改动将无法发现。请联系系统管理员。") % {
        "at": row.at.astimezone(clock.SHANGHAI).strftime("%Y-%m-%d %H:%M")
    }
    return {"level": "error", "text": text}


def _wrong_clock(ahead):
    """The alarm that this machine judges by a wrong hour, while the health page takes it out of service (trust.md F11)."""
    if ahead > machine.NONE:
        text = _("本机时钟比数据库快 %(seconds)s 秒，期限可能判断有误。请联系系统管理员校准时间。")
    else:
        text = _("本机时钟比数据库慢 %(seconds)s 秒，期限可能判断有误。请联系系统管理员校准时间。")
    return {"level": "error", "text": text % {"seconds": int(abs(ahead).total_seconds())}}


def _banner(authority, request):
    """A warning to officers when messages are held, or nothing that should happen by itself is happening."""
    if not authority.has(*_OFFICERS, *HOUSE):
        return None
    # The page about the queue has read them already; nothing else needs a look at the sent-log.
    found = getattr(request, "beats", None)
    if found is None:
        found = beats(getattr(request, "at", None) or clock.now())
    if epoch.MARK in found:
        return {"level": "error", "text": epoch.WORDS.get(found[epoch.MARK].note, "")}
    if storage.is_short():
        return {"level": "error", "text": uploads.no_room()}
    row = found.get("sweep")
    if off := next((row.ahead for row in found.values() if abs(row.ahead) > machine.TOLERATED), None):
        return _wrong_clock(off)
    beat = row.at if row is not None else None
    if is_alive(row):
        return _old_anchor(request, found.get(ANCHOR)) or _missing_year(request, row)
    if beat is None:
        text = _("定时任务还没有运行过：提醒、到期处理和证书生成都不会自动进行。请联系系统管理员。")
    else:
        text = _("定时任务自 %(at)s 起没有运行：提醒、到期处理和证书生成已停顿。请联系系统管理员。") % {
            "at": beat.astimezone(clock.SHANGHAI).strftime("%Y-%m-%d %H:%M")
        }
    return {"level": "error", "text": text}
