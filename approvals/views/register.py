"""发文登记簿: every number of every series in order, void ones among them, and whether any is missing."""

from collections import defaultdict
from functools import partial
from typing import get_args

from django import forms
from django.core.paginator import Paginator
from django.db.models import Q
from django.shortcuts import render
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from accounts.access import seats
from approvals.models import Document
from approvals.rules import register
from approvals.views.lists import INSIDE
from pilots.models import Batch, Counter
from pilots.rules.schema import Document as DocumentRule
from pilots.views.listing import MOST_ROWS, PAGE, dropped_filters
from pilots.views.taking_away import take_away

# The kinds a rules document may name.
KINDS = get_args(DocumentRule.model_fields["kind"].annotation)
STATES = (("", _("全部状态")), ("counts", _("有效")), ("void", _("作废")), ("corrected", _("已更正")))


class RegisterFilter(forms.Form):
    q = forms.CharField(
        label=_("关键词"), required=False, max_length=60,
        widget=forms.TextInput(attrs={"type": "search", "placeholder": _("文号、标题、批次")}),
    )  # fmt: skip
    series = forms.ChoiceField(label=_("机关代字"), required=False)
    year = forms.ChoiceField(label=_("年份"), required=False)
    kind = forms.ChoiceField(label=_("文种"), required=False, choices=[("", _("全部文种")), *((k, k) for k in KINDS)])
    state = forms.ChoiceField(label=_("状态"), required=False, choices=STATES)

    def __init__(self, *args, series, years, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["series"].choices = [("", _("全部代字")), *((one, one) for one in series)]
        self.fields["year"].choices = [("", _("全部年份")), *((str(one), str(one)) for one in years)]


@seats(*INSIDE)
@require_safe
def documents(request):
    """The register. Lines are those of batches the person may see; whether numbers are missing is said of whole series."""
    books = _books()
    form = RegisterFilter(
        request.GET or None, series=sorted({one["series"] for one in books}),
        years=sorted({one["year"] for one in books}, reverse=True),
    )  # fmt: skip
    chosen, dropped = dropped_filters(form)
    rows = _narrowed(Document.objects.filter(batch__in=Batch.objects.visible_to(request.user)), chosen)
    keys = _in_order(rows, chosen)
    export = request.GET.get("export")
    if export in ("xlsx", "csv"):
        cells = partial(_lines, keys[:MOST_ROWS])
        return take_away(request, export, "documents", _headings(), cells, total=len(keys), title=_t("发文登记簿"))
    page = Paginator(keys, PAGE).get_page(request.GET.get("page"))
    query = request.GET.copy()
    query.pop("page", None)
    query["export"] = "xlsx"
    wanted = {name: chosen.get(name) for name in ("series", "year") if chosen.get(name)}
    return render(
        request,
        "approvals/register.html",
        {
            "page": page, "rows": _full(page.object_list), "filters": form, "dropped": dropped,
            "filtered": any(chosen.values()), "export_url": "?" + query.urlencode(),
            "csv_url": "?" + query.urlencode().replace("export=xlsx", "export=csv"),
            "books": [one for one in books if all(str(one[name]) == value for name, value in wanted.items())],
        },
    )  # fmt: skip


def _books():
    """Every series and year with how many numbers, how many of them void, and which are missing. Two statements.

    A number is missing when the series has given it and no document has it, so the counters are asked, too.
    """
    have, void = defaultdict(set), defaultdict(int)
    for number, is_void in Document.objects.values_list("number", "void").order_by("pk"):
        found = register.parts(number)
        if found:
            have[found.series, found.year].add(found.number)
            void[found.series, found.year] += is_void
    given = {
        (row.series, row.year): row.last
        for row in Counter.objects.filter(last__gt=0).order_by("series", "year")
        if register.is_series(row.series)
    }
    books = []
    for key in sorted({*have, *given}, key=lambda one: (-one[1], one[0])):
        missing = register.gaps(have[key], given.get(key, 0))
        books.append({
            "series": key[0], "year": key[1], "count": len(have[key]), "void": void[key],
            "last": max([given.get(key, 0), *have[key]]), "missing": register.spoken(missing), "gaps": len(missing),
        })  # fmt: skip
    return books


def _narrowed(rows, chosen):
    if chosen.get("q"):
        word = chosen["q"].strip()
        rows = rows.filter(Q(number__icontains=word) | Q(title__icontains=word) | Q(batch__title__icontains=word))
    if chosen.get("series"):
        rows = rows.filter(number__startswith=f"{chosen['series']}〔")
    if chosen.get("year"):
        rows = rows.filter(number__contains=f"〔{chosen['year']}〕")
    if chosen.get("kind"):
        rows = rows.filter(kind=chosen["kind"])
    if chosen.get("state"):
        wanted = {
            "void": Q(void=True), "counts": Q(void=False), "corrected": Q(pk__in=Document.objects.filter(corrects__isnull=False).values("corrects")),
        }  # fmt: skip
        rows = rows.filter(wanted[chosen["state"]])
    return rows


def _in_order(rows, chosen):
    """Keys of the rows: the newest year first, in it series by series, in each by number. Numbers are text in the
    database, where 10 comes before 9; one statement that reads nothing else."""
    first = register.Numbered("", 0, 0)
    found = [(register.parts(number) or first, pk) for pk, number in rows.values_list("pk", "number").order_by("pk")]
    return [pk for _parts, pk in sorted(found, key=lambda one: (-one[0].year, one[0].series, one[0].number, one[1]))]


def _full(keys):
    rows = Document.objects.select_related("batch", "replaced_by", "corrects", "by").prefetch_related("corrections")
    found = {row.pk: row for row in rows.filter(pk__in=list(keys))}
    return [found[pk] for pk in keys]


def _headings():
    return [_t("文号"), _t("文种"), _t("标题"), _t("成文日期"), _t("批次"), _t("状态"), _t("联合文号"), _t("登记人")]


def _lines(keys):
    for row in _full(keys):
        joint = "；".join(f"{one['by']} {one['number']}" for one in row.joint_numbers)
        yield [row.number, row.kind, row.title, row.dated, row.batch.title, _state(row), joint, row.by.name]


def _state(row):
    if row.void:
        return _t("作废，换号为 %(number)s") % {"number": row.replaced_by.number if row.replaced_by else "—"}
    fixes = [one.number for one in row.corrections.all()]
    if fixes:
        return _t("已由 %(number)s 更正") % {"number": "、".join(fixes)}
    if row.corrects:
        return _t("更正 %(number)s") % {"number": row.corrects.number}
    return _t("有效")
