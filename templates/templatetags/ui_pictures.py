"""Tags that draw the pictures computed in ``templates.pictures``."""

import datetime

from django import template
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _

from templates import pictures

register = template.Library()


@register.inclusion_tag("ui/flow.html")
def flow(states, edges, label=""):
    """Draw the flow picture; see ``pictures.flow`` for the shapes."""
    drawn = pictures.flow(list(states), list(edges))
    # rem, so that the picture grows with large type instead of shrinking on a phone
    return {
        **drawn,
        "rem_width": drawn["width"] / 16,
        "rem_height": drawn["height"] / 16,
        "kinds": ("done", "todo", "back"),
        "label": label or _("流程图"),
    }


@register.inclusion_tag("ui/tile_map.html")
def tile_map(counts, url="", unit="", label=""):
    """Draw the province map. ``url`` contains ``%s`` where the place code goes, or is empty."""
    drawn = pictures.tile_map(counts)

    def with_url(tiles):
        return [{"t": t, "url": url.replace("%s", t.code) if url and not t.outside else ""} for t in tiles]

    return {
        "tiles": with_url(drawn["tiles"]),
        "cities": with_url(drawn["cities"]),
        "unit": unit or _("项"),
        "label": label or _("各省分布"),
    }


@register.simple_tag
def tile_ranking(counts, limit=10):
    """Return the places with the largest counts, for the table beside the map."""
    return pictures.tile_map(counts)["ranked"][: int(limit)]


@register.inclusion_tag("ui/funnel.html")
def funnel(rows):
    """Draw the funnel; ``rows``: ``{"label", "value", "note"?, "url"?}``."""
    return {"rows": pictures.funnel(list(rows))}


@register.inclusion_tag("ui/terms.html")
def term_chart(sites, today):
    """Draw the term of every site with its dates; see ``pictures.term_chart``."""
    return pictures.term_chart(list(sites), today)


@register.inclusion_tag("ui/month.html")
def month(year, month, items=(), today=None, off=None, work=None, previous="", next=""):  # noqa: A002
    """Draw one month as a table; ``previous`` and ``next`` are addresses of the months beside it."""
    year, month = int(year), int(month)
    return {
        "weeks": pictures.month_grid(year, month, items, today=today, off=off, work=work),
        "first": datetime.date(year, month, 1),
        "previous": previous,
        "next": next,
        "weekdays": [_("一"), _("二"), _("三"), _("四"), _("五"), _("六"), _("日")],
    }


@register.simple_tag
def path_to(name, fallback=""):
    """Return ``reverse(name)``, or ``fallback`` where this installation has no such page."""
    try:
        return reverse(name)
    except NoReverseMatch:
        return fallback
