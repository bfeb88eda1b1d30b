"""The ranked list of a batch on a page of its own: searched, filtered, taken away as a table."""

from django import forms
from django.core.paginator import Paginator
from django.http import Http404
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from accounts.access import seats
from accounts.authority import Authority
from accounts.roles import Role
from approvals.listing import give_awards, items_of, preview
from pilots.models import Batch, BatchState
from pilots.views.listing import MOST_ROWS, dropped_filters
from pilots.views.taking_away import take_away

PAGE = 100
# Who watches a batch from inside: sees its list, its signatures, its counts.
INSIDE = (
    Role.PROGRAMME_OFFICER, Role.DIVISION_HEAD, Role.COUNTERSIGNER, Role.LEADER, Role.PUBLICITY_OFFICER,
    Role.DOCUMENT_CLERK, Role.EXPERT_SECRETARY, Role.AUDITOR,
)  # fmt: skip


def inside(batch, authority):
    """True for those who watch this very batch: seats of another programme see what everybody sees."""
    return authority.seat(INSIDE, batch.scope()) is not None


def lines_of(batch):
    """(lines, True when they have been put before the division head): the list as drawn, or as it would be drawn."""
    if batch.state == BatchState.REVIEWING:
        lines = preview(batch)
        give_awards(batch.rules.classes, lines)
        return faced(batch, lines), False
    return (faced(batch, items_of(batch)), True) if batch.list_version else ([], False)


def faced(batch, lines):
    """The lines with the name of their class, and whom each stands for: the place, or the body or project where a place
    may have several."""
    rules = batch.rules
    names = {item.code: item.name for item in rules.classes}
    for line in lines:
        application = line.application
        line.award_name = names.get(line.award, "")
        line.by_place = rules.applicants.per == "place"
        line.subject = subject_words(application, rules)
    return lines


def subject_words(application, rules):
    """What an application is for, as a list calls it."""
    if rules.applicants.per == "place":
        return str(application.place)
    if rules.applicants.per == "project":
        return str(application)
    return str(application.organisation)


class LineFilter(forms.Form):
    q = forms.CharField(label=_("关键词"), required=False, max_length=60)
    province = forms.ChoiceField(label=_("省份"), required=False)
    result = forms.ChoiceField(
        label=_("结果"), required=False,
        choices=[("", _("全部结果")), ("in", _("拟批准")), ("out", _("未入选")), ("tied", _("与入选线同分")), ("edited", _("人工调整"))],
    )  # fmt: skip

    def __init__(self, *args, lines=(), **kwargs):
        super().__init__(*args, **kwargs)
        provinces = {line.application.province_id: line.application.province.name for line in lines}
        self.fields["province"].choices = [("", _t("全部省份")), *((str(pk), name) for pk, name in provinces.items())]


def _kept(lines, chosen):
    """Lines that match; the list is in memory, ranked, and at most a few thousand long."""
    words, province, result = (chosen.get(name) or "" for name in ("q", "province", "result"))
    tests = {
        "in": lambda line: line.proposed, "out": lambda line: not line.proposed,
        "tied": lambda line: line.tied, "edited": lambda line: line.edited,
    }  # fmt: skip
    for line in lines:
        application = line.application
        said = f"{application.place} {application.organisation} {application.number} {application.title}"
        if (
            (not words or words.lower() in said.lower())
            and (not province or str(application.province_id) == province)
            and (not result or tests[result](line))
        ):
            yield line


@seats(*INSIDE)
@require_safe
def batch_list(request, uuid):
    """Every line with rank, score, result and reason."""
    batch = get_object_or_404(
        Batch.objects.visible_to(request.user).select_related("programme", "rules_version"), uuid=uuid
    )
    authority = Authority.of(request.user, request.at)
    if not inside(batch, authority):
        raise Http404
    lines, drawn = lines_of(batch)
    form = LineFilter(request.GET, lines=lines)
    chosen, notes = dropped_filters(form)
    kept = list(_kept(lines, chosen))
    if request.GET.get("format") == "xlsx":
        return _table(request, batch, kept)
    context = {
        "batch": batch,
        "drawn": drawn,
        "form": form,
        "notes": notes,
        "page": Paginator(kept, PAGE).get_page(request.GET.get("page")),
        "total": len(lines),
        "proposed": sum(line.proposed for line in lines),
        "may_edit": batch.state == BatchState.LISTED
        and authority.seat((Role.PROGRAMME_OFFICER,), batch.scope()) is not None,
    }
    return render(request, "approvals/list.html", context)


def _table(request, batch, lines):
    headings = [
        _t("位次"), _t("申报编号"), _t("申报地方"), _t("承担单位"), _t("省份"), _t("得分"), _t("结果"), _t("奖项等级"), _t("说明"),
    ]  # fmt: skip
    return take_away(
        request,
        "xlsx",
        f"{batch.number}-v{batch.list_version}",
        headings,
        lambda: (
            [line.rank, line.application.number, str(line.application.place), str(line.application.organisation),
             str(line.application.province), line.score, _t("拟批准") if line.proposed else _t("未入选"),
             str(line.award_name), line.reason]
            for line in lines[:MOST_ROWS]
        ),
        total=len(lines),
        title=_t("%(batch)s名单") % {"batch": batch.title},
    )  # fmt: skip
