"""Programmes: all of them, and one with its rules, its versions and what differs between them."""

from django import forms
from django.db.models import Count, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce
from django.http import Http404
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from accounts import clock
from accounts.access import seats
from accounts.authority import Authority, Scope
from accounts.roles import Role
from pilots.authoring import differing, reading, words
from pilots.authoring.parts import located
from pilots.authoring.saving import WRITERS
from pilots.models import Batch, BatchState, Designation, Programme, RulesDraft, RulesVersion
from pilots.models.designation import RUNNING
from pilots.models.rules_draft import OPEN, READERS
from pilots.views.listing import dropped_filters
from pilots.views.look import period_words, programme_name, state_of

_OVER = (BatchState.ISSUED, BatchState.CANCELLED)
_SHAPES = ("I", "II", "III", "IV", "V", "VI", "VII", "VIII")


class ProgrammeFilter(forms.Form):
    q = forms.CharField(
        label=_("关键词"), required=False, max_length=60,
        widget=forms.TextInput(attrs={"type": "search", "placeholder": _("名称或代码")}),
    )  # fmt: skip
    shape = forms.ChoiceField(label=_("类型"), required=False)
    show = forms.ChoiceField(
        label=_("范围"), required=False,
        choices=[("", _("全部")), ("running", _("有在办批次")), ("sites", _("有在建试点")), ("drafts", _("有规则草案")),
                 ("confirm", _("有待确认事项"))],
    )  # fmt: skip

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["shape"].choices = [
            ("", _("全部类型")),
            *((one, words.value("Rules.shape", one)) for one in _SHAPES),
        ]


def _count(rows, by):
    counted = rows.order_by().values(by).annotate(n=Count("pk")).values("n")
    return Coalesce(Subquery(counted), 0)


def _annotated(authority):
    """Programmes with their current version and what runs under them; one statement."""
    newest = RulesVersion.objects.filter(programme=OuterRef("pk"), published_at__isnull=False)
    drafts = RulesDraft.objects.visible_to(authority).filter(state__in=OPEN, programme=OuterRef("pk"))
    return Programme.objects.annotate(
        newest=Subquery(newest.order_by("-published_at", "-pk").values("pk")[:1]),
        batches_running=_count(Batch.objects.filter(programme=OuterRef("pk")).exclude(state__in=_OVER), "programme"),
        sites_running=_count(
            Designation.objects.filter(batch__programme=OuterRef("pk"), state__in=RUNNING), "batch__programme"
        ),
        drafts_open=_count(drafts, "programme"),
    )


@seats(*READERS)
@require_safe
def programmes(request):
    """Every programme with its version, what runs under it, and what is still open."""
    authority = Authority.of(request.user, request.at)
    form = ProgrammeFilter(request.GET or None)
    chosen, dropped = dropped_filters(form)
    rows = _annotated(authority)
    if chosen.get("q"):
        q = chosen["q"].strip()
        rows = rows.filter(Q(name__icontains=q) | Q(name_en__icontains=q) | Q(code__icontains=q))
    if chosen.get("shape"):
        rows = rows.filter(shape=chosen["shape"])
    rows = list(rows.order_by("-sites_running", "-batches_running", "code"))
    versions = RulesVersion.objects.in_bulk([row.newest for row in rows if row.newest])
    shown = [_line(row, versions.get(row.newest)) for row in rows]
    keep = {
        "running": lambda row: row["programme"].batches_running, "sites": lambda row: row["programme"].sites_running,
        "drafts": lambda row: row["programme"].drafts_open, "confirm": lambda row: row["confirm"],
    }.get(chosen.get("show"))  # fmt: skip
    drafts = (
        RulesDraft.objects.visible_to(authority)
        .filter(programme=None, state__in=OPEN)
        .select_related("author", "base__programme")
    )
    return render(
        request,
        "rules/programmes.html",
        {
            "rows": [row for row in shown if keep is None or keep(row)],
            "filters": form,
            "dropped": dropped,
            "filtered": any(chosen.values()),
            "drafts": [{"case": draft, "state": state_of(draft)} for draft in drafts],
            "may_write": authority.has(*WRITERS),
        },
    )


def _line(programme, version):
    data = reading.data_of(version.text) if version else None
    return {
        "programme": programme,
        "name": programme_name(programme),
        "shape": words.value("Rules.shape", programme.shape),
        "version": version,
        "on": clock.today(version.published_at) if version else None,
        "confirm": len((data or {}).get("confirm", ())),
    }


def programme_or_404(code):
    """The programme of a code with its published versions, newest first."""
    row = get_object_or_404(Programme, code=code)
    rows = row.versions.filter(published_at__isnull=False).select_related("published_by", "draft")
    return row, list(rows.order_by("-published_at", "-pk"))


@seats(*READERS)
@require_safe
def programme(request, code):
    """One programme: facts, stages, versions and their differences, what is to be confirmed."""
    authority = Authority.of(request.user, request.at)
    row, versions = programme_or_404(code)
    if not versions:
        raise Http404
    rules = versions[0].rules
    tab = request.GET.get("tab", "facts")
    tab = tab if tab in ("facts", "versions", "confirm") else "facts"
    drafts = RulesDraft.objects.visible_to(authority).filter(programme=row).select_related("author").order_by("-pk")
    used = dict(Batch.objects.filter(programme=row).order_by().values_list("rules_version").annotate(n=Count("pk")))
    shown = [{"case": draft, "state": state_of(draft)} for draft in drafts if draft.state in OPEN or tab == "versions"]
    url = reverse("programme", args=[code])
    return render(
        request,
        "rules/programme.html",
        {
            "programme": row,
            "name": programme_name(row),
            "rules": rules,
            "current": versions[0],
            "tab": tab,
            "tabs": [
                {"label": label, "url": url if key == "facts" else f"{url}?tab={key}", "active": tab == key, "count": n}
                for key, label, n in (
                    ("facts", _t("概况与环节"), None), ("versions", _t("版本"), len(versions)),
                    ("confirm", _t("待确认"), len(rules.confirm)),
                )
            ],
            "facts": _facts(row, rules, versions[0]) if tab == "facts" else [],
            "stages": _stages(rules) if tab == "facts" else [],
            "versions": [{"row": one, "batches": used.get(one.pk, 0)} for one in versions],
            "drafts": shown,
            "compare": _compare(request, versions) if tab == "versions" else None,
            "confirm": _confirm(versions[0]) if tab == "confirm" else [],
            "may_write": authority.seat(WRITERS, Scope(programme=row.code)) is not None,
            "may_found": authority.seat(WRITERS, Scope(programme="*")) is not None,
        },
    )  # fmt: skip


def _facts(programme, rules, version):
    return [
        (_t("代码"), programme.code),
        (_t("类型"), words.value("Rules.shape", rules.shape)),
        (
            _t("当前版本"),
            _t("%(version)s，%(on)s 发布") % {"version": version.version, "on": clock.today(version.published_at)},
        ),
        (_t("主管司局"), rules.division),
        (_t("编号前缀"), rules.number_prefix),
        (_t("受理方式"), words.value("Window.kind", rules.window.kind)),
        (_t("推荐配额"), words.value("Quota.kind", rules.quota.kind)),
        (_t("期限"), _t("%(n)s 个月") % {"n": rules.term.months} if rules.term.months else _t("没有期限")),
        (_t("依据"), "\n".join(rules.basis)),
        (_t("过渡安排"), rules.transition),
    ]


# What each stage brings into being: papers, as the rules describe them.
def _papers(rules, code):
    return {
        "CALL": _t("申报通知"), "DRAFT": _t("申报表 %(n)s 部分，附件 %(m)s 份") % {"n": len(rules.sections), "m": len(rules.materials)},
        "PROV": _t("推荐函") if rules.recommendation.letter_required else "", "FORM": _t("清单 %(n)s 条") % {"n": len(rules.checklist)},
        "EXP": _t("评分表 %(n)s 项") % {"n": len(rules.scoring.criteria)} if rules.scoring else "", "CUT": _t("名单"),
        "NOTC": _t("公示"), "DOC": f"{words.value('Document.kind', rules.document.kind)}（{rules.document.series}）", "AGR": _t("协议"),
        "PLAQ": _t("证书"), "PLAN": _t("建设方案"), "ANN": _t("报告"), "MID": _t("中期报告"), "SELF": _t("自评总结"),
        "ACC": _t("验收意见、结论"), "RECT": _t("整改报告"),
    }.get(code, "")  # fmt: skip


def _stages(rules):
    return [
        {
            "label": words.value("Stage.code", stage.code), "owner": Role(stage.owner).label, "time": period_words(stage.due),
            "then": words.value("Stage.then", stage.then) if stage.then else "", "papers": _papers(rules, stage.code),
            "confirm": rules.to_confirm(f"stage.{stage.code}.due") or rules.to_confirm(f"stage.{stage.code}"),
        }
        for stage in rules.stages
    ]  # fmt: skip


def _confirm(version):
    """What the customer has to confirm: where, the value that stands there now, and why."""
    data = reading.data_of(version.text)
    found = []
    for item in version.rules.confirm:
        path = located(data, item.path)
        value = data
        for part in path:
            value = value.get(part) if isinstance(value, dict) else value[part]
        found.append({"where": differing.where(data, path) or item.path, "value": differing.text_of(path, value) if path else "",
                      "reason": item.reason, "path": item.path})  # fmt: skip
    return found


def _compare(request, versions):
    """Two versions side by side; by default the newest and the one before it."""
    known = {one.version: one for one in versions}
    new = known.get(request.GET.get("new", ""), versions[0])
    older = [one for one in versions if one is not new]
    if not older:
        return None
    index = versions.index(new)
    old = known.get(request.GET.get("old", "")) or (versions[index + 1] if index + 1 < len(versions) else older[0])
    return {
        "old": old, "new": new, "choices": versions, "same": old.text == new.text,
        "differences": differing.differences(old.text, new.text), "lines": differing.lines(old.text, new.text),
    }  # fmt: skip
