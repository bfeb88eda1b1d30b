"""Lists: sortable headings, page links and the filter bar. Everything stays in the URL."""

from django import template
from django.http import QueryDict

register = template.Library()


def query_with(request, **changes):
    """Return ``?…`` of the current address with keys replaced; a None value removes the key."""
    params = request.GET.copy() if request is not None else None
    if params is None:
        params = QueryDict(mutable=True)
    for key, value in changes.items():
        if value is None:
            params.pop(key, None)
        else:
            params[key] = value
    return "?" + params.urlencode()


def next_sort(key, current):
    """Return ``(next sort value, aria-sort)`` for a heading: ascending first, then descending."""
    if current == key:
        return f"-{key}", "ascending"
    if current == f"-{key}":
        return key, "descending"
    return key, ""


@register.inclusion_tag("ui/sort_th.html", takes_context=True)
def sort_th(context, key, label, num=False, target="", param="sort"):
    """Draw a ``<th>`` whose link sorts by ``key``; the present order is read from the URL.

    ``context["sort"]`` (for example ``"-due"``) wins over the URL, so a view can name its default.
    """
    request = context.get("request")
    current = context.get("sort") or (request.GET.get(param, "") if request else "")
    value, aria = next_sort(key, current)
    return {
        "label": label,
        "num": num,
        "aria": aria,
        "target": target,
        "url": query_with(request, **{param: value, "page": None}),
    }


@register.inclusion_tag("ui/pagination.html", takes_context=True)
def pagination(context, page, target="", param="page"):
    """Draw the foot of a list from a Django ``Page``; ``target`` is an htmx selector or empty."""
    request = context.get("request")
    links = [
        {"n": n, "url": query_with(request, **{param: n}), "here": n == page.number}
        if isinstance(n, int)
        else {"gap": True}
        for n in page.paginator.get_elided_page_range(page.number, on_each_side=1, on_ends=1)
    ]
    return {
        "page": page,
        "links": links,
        "target": target,
        "previous": query_with(request, **{param: page.number - 1}),
        "next": query_with(request, **{param: page.number + 1}),
    }


@register.inclusion_tag("ui/filter_bar.html", takes_context=True)
def filter_bar(context, form, target="", clear_url=""):
    """Draw a GET form of filters; ``target`` lets htmx swap only the list."""
    request = context.get("request")
    path = request.path if request else ""
    # What is hidden is the view, not a filter: tabs and months have links of their own.
    used = any(field.value() not in (None, "", []) for field in form.visible_fields())
    return {"form": form, "target": target, "path": path, "clear_url": clear_url or path, "used": used}
