"""A draft of rules: begun as a copy, put before the division head, published by somebody who did not write it."""

from django import forms
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from accounts.acts import Act, ActForm, Unmet, act_on
from accounts.roles import Role
from pilots.authoring import numbers, reading
from pilots.catalogue.publishing import store
from pilots.models import RulesDraftState as S

# Named one by one; more than these are counted.
MOST_NAMED = 10


@act_on("pilots.RulesDraft")
class BeginDraft(Act):
    code = "begin"
    label = _("复制为草案")
    done = _("复制为草案")
    roles = (Role.PROGRAMME_OFFICER,)
    states = frozenset({S.EDITING})
    offered = False

    def carry_out(self, deed):
        draft = deed.obj
        deed.facts |= {"code": draft.code, "copied_from": str(draft.base or ""), "new": draft.programme_id is None}


class SubmitForm(ActForm):
    note = forms.CharField(
        label=_("修改说明"), max_length=2000, widget=forms.Textarea(attrs={"rows": 5}),
        help_text=_("写明改了什么、为什么改。审核人和以后查阅的人都看这段话。"),
    )  # fmt: skip

    def arrange(self):
        if self.obj is not None:
            self.fields["note"].initial = self.obj.note


def _obstacles(draft):
    """Everything that keeps the text from being published, each with its line."""
    found = reading.errors(reading.findings(draft.text, own=draft.code))
    for item in found[:MOST_NAMED]:
        yield Unmet("lint", _t("第 %(line)s 行 %(path)s：%(text)s") % {
            "line": item.line, "path": item.path, "text": item.text})  # fmt: skip
    if len(found) > MOST_NAMED:
        yield Unmet("lint", _t("还有 %(n)s 处错误，见“检查”页。") % {"n": len(found) - MOST_NAMED})
    if not found:
        yield from numbers.obstacles(draft, reading.read(draft.text))


def _unproven(draft):
    """What the provers say against it. Asked when the act is done, not when its button is drawn: it takes seconds."""
    for item in reading.errors(reading.proof(draft.text))[:MOST_NAMED]:
        yield Unmet("proof", _t("推演：%(text)s") % {"text": item.text})


class _Proved(Act):
    """An act that is refused while the provers find something; they are asked before anything is locked."""

    def prepare(self, obj):
        if reading.rules_or_none(obj.text) is not None:
            reading.proof(obj.text)

    def faults(self, deed):
        yield from _unproven(deed.obj)


@act_on("pilots.RulesDraft")
class SubmitRules(_Proved):
    code = "submit_rules"
    label = _("提交审核")
    done = _("提交规则审核")
    tone = "primary"
    icon = "send"
    roles = (Role.PROGRAMME_OFFICER,)
    transition = "submit"
    form = SubmitForm

    def unmet(self, question):
        yield from _obstacles(question.obj)

    def carry_out(self, deed):
        draft = deed.obj
        draft.note, draft.submitted_at = deed.data["note"], deed.at
        deed.facts |= {"sha256": numbers.digest(draft.text), "version": reading.read(draft.text).version,
                       "note": draft.note}  # fmt: skip
        self.step(deed)


@act_on("pilots.RulesDraft")
class ReturnRules(Act):
    code = "return_rules"
    label = _("退回修改")
    done = _("退回修改规则")
    icon = "undo-2"
    roles = (Role.DIVISION_HEAD,)
    transition = "return_to_author"
    needs_reason = True


@act_on("pilots.RulesDraft")
class PublishRules(_Proved):
    code = "publish_rules"
    label = _("发布规则")
    done = _("发布规则版本")
    tone = "primary"
    icon = "badge-check"
    roles = (Role.DIVISION_HEAD,)
    transition = "publish"
    separate_from = ("begin", "submit_rules")
    grave = True

    def lock_first(self, obj):
        # Two drafts of one programme published at once would take one number.
        if obj.programme_id is not None:
            type(obj.programme).objects.select_for_update().get(pk=obj.programme_id)

    def unmet(self, question):
        draft = question.obj
        if {person.pk for person in question.people} & draft.hands():
            yield Unmet("own_text", _t("您编写或修改过这份规则，须由未经手的负责人发布。"))
        yield from _obstacles(draft)

    def foretell(self, question):
        draft = question.obj
        rules = reading.rules_or_none(draft.text)
        if rules is None:
            return
        if draft.programme_id is None:
            yield _t("新增项目“%(name)s”，可以开始新建批次。") % {"name": rules.name}
        else:
            yield _t("此后新建的批次使用 %(version)s；正在办理的批次仍按原来的版本，除非另行转入。") % {
                "version": rules.version
            }
        yield _t("发布后的版本不能修改。")

    def carry_out(self, deed):
        draft = deed.obj
        draft.published = store(draft.text, deed.at, deed.by)
        draft.programme = draft.published.programme
        deed.facts |= {"sha256": draft.published.sha256, "version": draft.published.version, "code": draft.code,
                       "copied_from": str(draft.base or ""), "note": draft.note}  # fmt: skip
        self.step(deed)


@act_on("pilots.RulesDraft")
class DiscardRules(Act):
    code = "discard_rules"
    label = _("弃用草案")
    done = _("弃用规则草案")
    tone = "danger"
    icon = "trash-2"
    roles = (Role.PROGRAMME_OFFICER, Role.DIVISION_HEAD)
    transition = "discard"
    needs_reason = True
