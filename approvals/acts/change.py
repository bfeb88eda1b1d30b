"""Judging a change: the province confirms, the division decides."""

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.acts import Act, ActForm, act_on
from accounts.roles import Role
from pilots import changes
from pilots.acts.change import lock_site, settle

FILING = ("begin",)


def division(change):
    """Who decides a change: the owner of stage CHG."""
    stage = change.rules.stage("CHG")
    return stage.owner if stage else Role.DIVISION_HEAD


class CommentForm(ActForm):
    comment = forms.CharField(
        label=_("意见"), max_length=2000, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )


@act_on("pilots.Change")
class ConfirmChange(Act):
    code = "confirm"
    label = _("确认变更")
    done = _("省局确认变更")
    tone = "primary"
    icon = "stamp"
    roles = (Role.PROVINCE_OFFICER, Role.PROVINCE_LEADER)
    transition = "confirm"
    separate_from = FILING
    form = CommentForm

    def carry_out(self, deed):
        deed.facts["comment"] = deed.data["comment"]
        self.step(deed)


@act_on("pilots.Change")
class DecideChange(Act):
    code = "decide"
    label = _("同意变更")
    done = _("同意变更，即时生效")
    tone = "primary"
    icon = "circle-check"
    roles = (Role.DIVISION_HEAD, Role.PROGRAMME_OFFICER)
    transition = "decide"
    separate_from = (*FILING, "confirm")
    form = CommentForm

    def seats(self, obj):
        return (division(obj),)

    def lock_first(self, obj):
        lock_site(obj)

    def unmet(self, question):
        # The site has lived on since it was filed.
        change = question.obj
        yield from changes.obstacles(change.designation, change.kind, question.at, besides=change)

    def carry_out(self, deed):
        deed.facts |= {"comment": deed.data["comment"], "before": deed.obj.before, "after": deed.obj.after}
        self.step(deed)
        settle(deed)


@act_on("pilots.Change")
class RefuseChange(Act):
    code = "refuse"
    label = _("不同意变更")
    done = _("不同意变更")
    tone = "danger"
    icon = "x"
    roles = (Role.PROVINCE_OFFICER, Role.DIVISION_HEAD)
    transition = "refuse"
    needs_reason = True
    separate_from = FILING

    def seats(self, obj):
        return (Role.PROVINCE_OFFICER, Role.PROVINCE_LEADER) if obj.state == "filed" else (division(obj),)

    def carry_out(self, deed):
        deed.obj.decided_at = deed.at
        self.step(deed)
