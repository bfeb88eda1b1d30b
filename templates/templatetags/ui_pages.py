"""Parts of a page: steps, action panel, log, facts, tabs, alerts, tiles, empty states."""

from django import template
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from templates.templatetags.ui_marks import TONE_ICONS, tone_of

register = template.Library()

STEP_WORDS = {
    "done": gettext_lazy("已完成"),
    "now": gettext_lazy("当前步骤"),
    "todo": gettext_lazy("未开始"),
    "skipped": gettext_lazy("本项目不设此步骤"),
    "bad": gettext_lazy("未通过"),
}


def near_steps(states):
    """Return the three indexes a phone shows: before, now and after the current step.

    Without a current step the last finished one (or the first) takes its place.
    """
    if not states:
        return set()
    current = next((i for i, s in enumerate(states) if s in ("now", "bad")), None)
    if current is None:
        done = [i for i, s in enumerate(states) if s == "done"]
        current = done[-1] if done else 0
    start = max(0, min(current - 1, len(states) - 3))
    return set(range(start, min(start + 3, len(states))))


@register.inclusion_tag("ui/steps.html")
def steps(items, label=""):
    """Draw the strip of steps; ``items``: ``{"label", "state", "note"}`` in order."""
    items = list(items)
    near = near_steps([item.get("state", "todo") for item in items])
    rows = []
    for i, item in enumerate(items):
        state = item.get("state", "todo")
        rows.append(
            {
                **item,
                "state": state,
                "n": i + 1,
                "near": i in near,
                "first": bool(near) and i == min(near),
                "word": STEP_WORDS.get(state, STEP_WORDS["todo"]),
            }
        )
    return {"rows": rows, "label": label or _("办理进度"), "total": len(rows)}


@register.inclusion_tag("ui/actions.html")
def actions(offers, heading="", empty=""):
    """Draw the action panel from ``explain()``'s offers: buttons, then what is not possible yet."""
    offers = list(offers)
    return {
        "heading": heading or _("办理"),
        "allowed": [o for o in offers if o.get("allowed")],
        "blocked": [o for o in offers if not o.get("allowed")],
        "empty": empty or _("目前没有需要您办理的事项。"),
    }


@register.inclusion_tag("ui/timeline.html")
def timeline(rows):
    """Draw ledger rows ``{"title", "meta", "at", "tone", "text", "url"}``, newest first."""
    return {"rows": [{**row, "tone": tone_of(row.get("tone"))} for row in rows]}


@register.inclusion_tag("ui/facts.html")
def facts(rows):
    """Draw a description list from ``{"label", "value", "hint"}`` or ``(label, value)`` pairs."""
    return {"rows": [r if isinstance(r, dict) else {"label": r[0], "value": r[1]} for r in rows]}


@register.inclusion_tag("ui/tabs.html")
def tabs(items, label=""):
    """Draw server-side tabs from ``{"label", "url", "active", "count"}``."""
    return {"items": items, "label": label or _("分栏")}


@register.inclusion_tag("ui/alert.html")
def alert(tone, text, title="", url="", link=""):
    """Draw a notice (info, ok, warn, bad) with an optional heading and link."""
    tone = tone_of(tone) if tone != "neutral" else "info"
    return {"tone": tone, "text": text, "title": title, "url": url, "link": link, "icon": TONE_ICONS[tone]}


@register.inclusion_tag("ui/stat.html")
def stat(label, value, unit="", note="", icon="", url="", tone=""):
    """Draw one number with its unit and a line below it; the whole tile links when ``url``."""
    return {
        "label": label,
        "value": value,
        "unit": unit,
        "note": note,
        "icon": icon,
        "url": url,
        "tone": tone_of(tone) if tone else "",
    }


@register.inclusion_tag("ui/empty.html")
def empty(title, text="", icon="inbox", url="", label=""):
    """Draw an empty state: icon, sentence and, when possible, the next step."""
    return {"title": title, "text": text, "icon": icon, "url": url, "label": label}


@register.inclusion_tag("ui/crumbs.html")
def crumbs(*parts):
    """Draw the trail from alternating label, address, …, ending with the label of this page."""
    pairs = []
    for i in range(0, len(parts), 2):
        url = parts[i + 1] if i + 1 < len(parts) else ""
        pairs.append({"label": parts[i], "url": url})
    return {"pairs": pairs}


@register.inclusion_tag("ui/progress.html")
def progress_card(job):
    """Draw a polling card; see ui/progress.html for the shape of ``job``."""
    return {"job": job}


@register.inclusion_tag("ui/sections.html")
def sections(items, percent, heading=""):
    """Draw the side list of form sections ``{"label","url","state","note"}`` and the progress."""
    return {"items": items, "percent": int(percent), "heading": heading or _("填报进度")}


@register.inclusion_tag("ui/copy_link.html")
def copy_link(url, label=""):
    """Draw a read-only address with a copy button (selectable by hand without JavaScript)."""
    return {"url": url, "label": label or _("链接")}


@register.inclusion_tag("ui/quota.html")
def quota(used, total, label="", unit=""):
    """Draw how much of a quota is used; turns red above ``total``."""
    return {
        "used": used,
        "total": total,
        "label": label or _("推荐名额"),
        "unit": unit or _("个"),
        "left": total - used,
        "over": used - total if used > total else 0,
    }


@register.inclusion_tag("ui/keys.html")
def key_legend(*pairs):
    """Draw the list of shortcut keys from alternating key, meaning; with an off switch."""
    return {"keys": [{"key": pairs[i], "means": pairs[i + 1]} for i in range(0, len(pairs) - 1, 2)]}


@register.inclusion_tag("ui/hash_drop.html")
def hash_drop(sha256):
    """Draw the zone where a visitor compares an own PDF with the registered digest."""
    return {"sha256": sha256}
