"""A running case goes over to another published version of its programme's rules, and can go back."""

from copy import deepcopy

from django import forms
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from accounts.acts import Act, ActForm, Unmet, act_on
from accounts.roles import Role
from pilots import inflight
from pilots.inflight import DROP, NEXT
from pilots.models import Application, ApplicationState, Batch, BatchState, Designation, RulesVersion
from pilots.models.application import ENDED
from pilots.models.designation import RUNNING


class _PlanField(forms.JSONField):
    """What the page of adoptions has worked out; numbers and depths Python itself refuses are an input error, too."""

    def to_python(self, value):
        try:
            return super().to_python(value)
        except (ValueError, RecursionError):
            raise forms.ValidationError(self.error_messages["invalid"], code="invalid") from None


class AdoptForm(ActForm):
    version = forms.ModelChoiceField(label=_("版本"), queryset=RulesVersion.objects.filter(published_at__isnull=False))
    mapping = _PlanField(label=_("对应关系"), required=False)
    # What an earlier adoption changed and this one puts back.
    undo = _PlanField(label=_("恢复内容"), required=False)


class _Adopt(Act):
    """The pin changes, what the new rules call otherwise is renamed, deadlines are planned again by the door."""

    code = "adopt_rules"
    label = _("转入另一版规则")
    done = _("转入另一版规则")
    icon = "git-branch"
    roles = (Role.DIVISION_HEAD,)
    needs_reason = True
    grave = True
    # Done from the page that shows what it means for every case.
    offered = False
    form = AdoptForm

    def faults(self, deed):
        case, version = deed.obj, deed.data["version"]
        own = case.programme if isinstance(case, Batch) else case.batch.programme
        if version.programme_id != own.pk:
            yield Unmet("other_programme", _t("该版本不属于本项目。"), "version")
            return
        if inflight.pinned(case).pk == version.pk:
            yield Unmet("same", _t("已按 %(version)s 办理。") % {"version": version.version}, "version")
            return
        row = inflight.judge(case, version, deed.at)
        yield from (Unmet("stranded", text) for text in row.strands)
        for need in row.open_needs(deed.data["mapping"] or {}):
            yield Unmet("mapping", _t("%(what)s：请选择怎样对应。") % {"what": need.text}, "mapping")

    def carry_out(self, deed):
        case, version = deed.obj, deed.data["version"]
        before, mapping = inflight.pinned(case), deed.data["mapping"] or {}
        # What goes back to its old place first needs no new one.
        self.put_back(deed, deed.data["undo"] or {})
        needs = {need.key for need in inflight.judge(case, version, deed.at).needs}
        used = {key: mapping[key] for key in sorted(needs)}
        undo = self.rename(deed, used)
        case.rules_version = version
        deed.facts |= {"from_rules": before.version, "to_rules": version.version, "mapping": used, "undo": undo}
        if used.get(f"stage:{inflight.STATIONS.get(case.state)}") == NEXT:
            # The road goes on under the new rules (workflows.flows).
            case.pass_over()

    def rename(self, deed, mapping):
        """Carries on what has another name now; returns what has to be known to go back."""
        return {}

    def put_back(self, deed, undo):
        """Restores what an earlier adoption took out."""


@act_on("pilots.Batch")
class AdoptForBatch(_Adopt):
    states = frozenset(state for state in BatchState if state not in (BatchState.ISSUED, BatchState.CANCELLED))

    def carry_out(self, deed):
        batch = deed.obj
        # What is under way goes on by its own version; it goes over by an act of its own.
        for model in (Application, Designation):
            model.objects.filter(batch=batch, rules_version=None).update(rules_version=batch.rules_version)
        super().carry_out(deed)


@act_on("pilots.Application")
class AdoptForApplication(_Adopt):
    states = frozenset(state for state in ApplicationState if state not in ENDED)

    def rename(self, deed, mapping):
        case, undo = deed.obj, {}
        answers = deepcopy(case.answers)
        for key, target in mapping.items():
            kind, _colon, what = key.partition(":")
            if kind == "answer":
                section, name = what.split(".")
                given = answers[section].pop(name)
                undo[what] = {"to": target, "value": given}
                if target != DROP:
                    there, other = target.split(".")
                    answers.setdefault(there, {})[other] = given
            elif kind == "option":
                section, name, code = what.split(".")
                given = answers[section][name]
                undo.setdefault(f"{section}.{name}", {"to": f"{section}.{name}", "value": given})
                answers[section][name] = _replaced(given, code, target)
            elif kind == "channel":
                undo["channel"], case.channel = case.channel, target
        if answers != case.answers:
            case.answers, case.rev = answers, case.rev + 1
        return undo

    def put_back(self, deed, undo):
        case, answers = deed.obj, deepcopy(deed.obj.answers)
        for what, given in undo.items():
            if what == "channel":
                case.channel = given
                continue
            section, name = what.split(".")
            value = given["value"]
            if given["to"] not in (DROP, what):
                # What was written there meanwhile goes back with it.
                there, other = given["to"].split(".")
                value = answers.get(there, {}).pop(other, value)
            answers.setdefault(section, {})[name] = value
        if answers != case.answers:
            case.answers, case.rev = answers, case.rev + 1


def _replaced(given, code, target):
    if isinstance(given, list):
        kept = [target if one == code else one for one in given]
        return [one for index, one in enumerate(kept) if one != DROP and one not in kept[:index]]
    return "" if target == DROP else target


@act_on("pilots.Designation")
class AdoptForSite(_Adopt):
    states = RUNNING

    def rename(self, deed, mapping):
        site, undo = deed.obj, {}
        for key, target in mapping.items():
            kind, _colon, code = key.partition(":")
            if kind == "indicator" and target != DROP:
                site.indicator_values.filter(code=code).update(code=target)
                undo[f"indicator:{target}"] = code
            elif kind == "band":
                site.mid_term.band = target
                site.mid_term.save(update_fields=["band"])
                undo["band"] = code
        return undo

    def put_back(self, deed, undo):
        site = deed.obj
        for key, code in undo.items():
            if key == "band":
                site.mid_term.band = code
                site.mid_term.save(update_fields=["band"])
            else:
                site.indicator_values.filter(code=key.partition(":")[2]).update(code=code)
