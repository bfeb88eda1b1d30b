"""The list before it is signed: drawn by the rules, changed by a person with a reason, ties decided by the head."""

from django import forms
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from accounts.acts import Act, ActForm, Unmet, act_on
from accounts.roles import Role
from approvals import listing
from approvals.models import ListItem
from pilots.models import Application
from pilots.models import ApplicationState as A
from pilots.models import BatchState as B


@act_on("pilots.Batch")
class DrawList(Act):
    code = "draw_list"
    label = _("拟定名单上报")
    done = _("拟定名单上报")
    tone = "primary"
    icon = "list-ordered"
    roles = (Role.PROGRAMME_OFFICER,)
    transition = "draw_list"

    def unmet(self, question):
        waiting = listing.unsettled(question.obj).count()
        if waiting:
            yield Unmet("unsettled", _t("还有 %(n)s 份申报没有办结。") % {"n": waiting})
        for row in question.obj.reopenings.filter(ended_at__isnull=True).select_related("place"):
            yield Unmet("reopened", _t("%(place)s补报至 %(until)s，结束前不能拟定名单。") % {
                "place": row.place, "until": row.until})  # fmt: skip
        if not Application.objects.filter(batch=question.obj, state=A.READY).exists():
            yield Unmet("nobody", _t("没有可列入名单的申报。"))
        ahead = rounds_ahead(question.obj)
        if ahead:
            yield Unmet("rounds", _t("还有评审轮次没有进行：%(what)s之后的下一轮。") % {"what": ahead[0].name})
        yield from listing.judged_by(question)

    def carry_out(self, deed):
        items = listing.draw(deed.obj)
        _facts(deed, items)
        self.step(deed)


def rounds_ahead(batch):
    """Rounds of review whose result has not been drawn yet (rules: scoring.round); empty where there is only one."""
    scoring = batch.rules.scoring
    return scoring.rounds[batch.round - 1 :] if scoring else []


def split(batch):
    """(who goes on, who does not) of the round that is over, best first; equals at the line all go on."""
    ready = Application.objects.filter(batch=batch, state=A.READY, round=batch.round).defer("answers")
    rows = sorted(
        ready.select_related("place", "organisation"), key=lambda row: (-(row.score or 0), row.province_rank or 999, row.number)
    )  # fmt: skip
    vetoes = listing.vetoed({row.pk: row for row in rows})
    free = [row for row in rows if row.pk not in vetoes]
    most = rounds_ahead(batch)[0].go_on
    line = free[most - 1].score if len(free) > most else None
    on = [row for index, row in enumerate(free) if index < most or (line is not None and row.score == line)]
    keys = {row.pk for row in on}
    return on, [row for row in rows if row.pk not in keys]


@act_on("pilots.Batch")
class NextRound(Act):
    """A round of review is over: the best go before a new panel, the others are told (programmes.md card 37)."""

    code = "next_round"
    label = _("进入下一轮评审")
    done = _("进入下一轮评审")
    tone = "primary"
    icon = "list-filter"
    roles = (Role.PROGRAMME_OFFICER,)
    states = frozenset({B.REVIEWING})
    grave = True

    def applies(self, question):
        scoring = question.obj.rules.scoring
        return scoring is not None and bool(scoring.rounds)

    def unmet(self, question):
        batch = question.obj
        if not rounds_ahead(batch):
            yield Unmet("last", _t("已是最后一轮。"))
            return
        waiting = listing.unsettled(batch).count()
        if waiting:
            yield Unmet("unsettled", _t("还有 %(n)s 份申报没有办结。") % {"n": waiting})
        if not Application.objects.filter(batch=batch, state=A.READY).exists():
            yield Unmet("nobody", _t("本轮没有可以进入下一轮的申报。"))
        yield from listing.judged_by(question)

    def foretell(self, question):
        if rounds_ahead(question.obj):
            on, out = split(question.obj)
            yield _t("%(name)s结束：进入下一轮 %(on)s 项，不进入 %(out)s 项，并逐项通知。") % {
                "name": rounds_ahead(question.obj)[0].name, "on": len(on), "out": len(out)}  # fmt: skip

    def carry_out(self, deed):
        batch = deed.obj
        name = rounds_ahead(batch)[0].name
        on, out = split(batch)
        deed.facts |= {"round": batch.round, "on": [row.number for row in on], "out": [row.number for row in out]}
        batch.round += 1
        batch.save()
        for row in on:
            deed.perform(row, "go_on")
        for row in out:
            deed.perform(row, "not_select", reason=_t("%(name)s得分未进入下一轮。") % {"name": name})


@act_on("pilots.Application")
class GoOn(Act):
    code = "go_on"
    label = _("进入下一轮评审")
    done = _("进入下一轮评审")
    roles = (Role.SYSTEM,)
    transition = "go_on"
    offered = False

    def carry_out(self, deed):
        deed.facts["score"] = str(deed.obj.score)
        deed.obj.round += 1
        deed.obj.score = None
        self.step(deed)
        deed.obj.forget_reviewers()


@act_on("pilots.Batch")
class EndEmpty(Act):
    """Everything was withdrawn, declined or rejected: the batch ends without a list."""

    code = "end_empty"
    label = _("结束批次（无可列名单的申报）")
    done = _("结束批次：没有可列名单的申报")
    icon = "circle-minus"
    tone = "danger"
    roles = (Role.PROGRAMME_OFFICER,)
    transition = "end_empty"
    needs_reason = True

    def unmet(self, question):
        waiting = listing.unsettled(question.obj).count()
        if waiting:
            yield Unmet("unsettled", _t("还有 %(n)s 份申报没有办结。") % {"n": waiting})
        ready = Application.objects.filter(batch=question.obj, state=A.READY).count()
        if ready:
            yield Unmet("ready", _t("还有 %(n)s 份申报可以列入名单，请拟定名单。") % {"n": ready})
        if question.obj.reopenings.filter(ended_at__isnull=True).exists():
            yield Unmet("reopened", _t("还有补报没有结束。"))


def _facts(deed, items):
    deed.facts |= {
        "list_version": deed.obj.list_version, "list_hash": deed.obj.list_hash,
        "proposed": sum(item.proposed for item in items), "of": len(items),
    }  # fmt: skip


def _line(batch, number):
    return ListItem.objects.filter(
        batch=batch, version=batch.list_version, application__number__iexact=number
    ).select_related("application__place", "application__province").first()  # fmt: skip


class LineForm(ActForm):
    """One line of the list and where it should stand."""

    number = forms.CharField(label=_("申报编号"), max_length=30, help_text=_("名单中要调整的一项，如 JJQ-2018-003。"))
    proposed = forms.ChoiceField(label=_("调整为"), choices=[("in", _("拟批准")), ("out", _("不列入"))])

    def clean(self):
        data = super().clean()
        if data.get("number") and self.obj is not None:
            item = _line(self.obj, data["number"].strip())
            if item is None:
                self.add_error("number", _t("本版名单中没有编号 %(number)s。") % {"number": data["number"]})
            data["item"] = item
        return data


@act_on("pilots.Batch")
class EditList(Act):
    code = "edit_list"
    label = _("调整名单")
    done = _("调整名单")
    icon = "pencil"
    roles = (Role.PROGRAMME_OFFICER,)
    states = frozenset({B.LISTED})
    needs_reason = True
    form = LineForm

    def unmet(self, question):
        return listing.judged_by(question)

    def foretell(self, question):
        yield _t("形成新一版名单；前一版原样保留，已有的签署作废。")

    def faults(self, deed):
        item, cutoff = deed.data["item"], deed.obj.cutoff
        wanted = deed.data["proposed"] == "in"
        if item.proposed == wanted:
            yield Unmet("same", _t("%(place)s 已经是“%(now)s”。") % {
                "place": item.application.place, "now": _t("拟批准") if wanted else _t("不列入")}, "proposed")  # fmt: skip
        elif wanted:
            yield from self._against_the_rules(deed.obj, item, cutoff)

    def _against_the_rules(self, batch, item, cutoff):
        """A person may weigh; the lines that the rules draw stay where they are."""
        if cutoff.min_score is not None and (item.score is None or item.score < cutoff.min_score):
            yield Unmet("below", _t("低于规则的入选线 %(line)s 分，不能调入。") % {"line": cutoff.min_score}, "number")
        veto = listing.vetoed([item.application_id]).get(item.application_id)
        if veto:
            yield Unmet("veto", _t("%(veto)s，不能调入。") % {"veto": veto}, "number")
        yield from self._beyond_quota(batch, item.application)
        taken = ListItem.objects.filter(batch=batch, version=batch.list_version, proposed=True).count()
        if cutoff.max_places is not None and taken >= cutoff.max_places:
            yield Unmet("full", _t("规则的名额 %(n)s 个已满；请先调出一项。") % {"n": cutoff.max_places}, "proposed")

    def _beyond_quota(self, batch, application):
        free = listing.places_left(batch, application.province)
        if free is not None and free <= 0:
            yield Unmet("quota", _t("%(province)s的名额已满；请先调出该省一项。") % {
                "province": application.province}, "number")  # fmt: skip

    def carry_out(self, deed):
        item = deed.data["item"]
        items = listing.revise(
            deed.obj, {item.application_id: (deed.data["proposed"] == "in", deed.reason[:300])}
        )  # fmt: skip
        deed.facts |= {"application": item.application.number, "proposed_now": deed.data["proposed"] == "in"}
        _facts(deed, items)


class TieForm(ActForm):
    chosen = forms.MultipleChoiceField(label=_("列入拟批准的"), widget=forms.CheckboxSelectMultiple)

    def arrange(self):
        if self.obj is None:
            return
        self.lines = listing.tied(self.obj)
        field = self.fields["chosen"]
        field.choices = [
            (item.application.number,
             _t("%(place)s · %(score)s 分 · 第 %(rank)s 位") % {
                 "place": item.application.place, "score": "—" if item.score is None else item.score,
                 "rank": item.rank})
            for item in self.lines
        ]  # fmt: skip
        field.initial = [item.application.number for item in self.lines if item.proposed]
        field.help_text = _t("同分 %(n)s 项，仅余 %(places)s 个名额，请选定 %(places)s 项。") % {
            "n": len(self.lines), "places": len(field.initial)}  # fmt: skip


@act_on("pilots.Batch")
class DecideTie(Act):
    code = "decide_tie"
    label = _("裁定同分")
    done = _("裁定入选线同分")
    tone = "primary"
    icon = "scale"
    roles = (Role.DIVISION_HEAD,)
    states = frozenset({B.LISTED})
    separate_from = ("draw_list", "edit_list")
    needs_reason = True
    form = TieForm

    def applies(self, question):
        batch = question.obj
        return batch.state == B.LISTED and bool(listing.tied(batch))

    def unmet(self, question):
        return listing.judged_by(question)

    def foretell(self, question):
        yield _t("形成新一版名单，选定的列入拟批准，其余不列入；前一版原样保留。")

    def faults(self, deed):
        lines = listing.tied(deed.obj)
        places = sum(item.proposed for item in lines)
        if len(deed.data["chosen"]) != places:
            yield Unmet("count", _t("须选定 %(places)s 项，现选了 %(n)s 项。") % {
                "places": places, "n": len(deed.data["chosen"])}, "chosen")  # fmt: skip

    def carry_out(self, deed):
        chosen = set(deed.data["chosen"])
        lines = listing.tied(deed.obj)
        items = listing.revise(
            deed.obj,
            {item.application_id: (item.application.number in chosen, _t("同分裁定：%(why)s") % {
                "why": deed.reason[:280]}) for item in lines},
            settles_ties=True,
        )  # fmt: skip
        deed.facts |= {"tied": [item.application.number for item in lines], "chosen": sorted(chosen)}
        _facts(deed, items)
