"""Several people fill in one application: the applicant asks them in, part by part, and sends them away."""

from django import forms
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from accounts.acts import Act, ActForm, Unmet, act_on
from accounts.authority import Authority
from accounts.models import User
from accounts.roles import ADMINISTRATORS, Role
from notifications import outbox
from pilots.acts.application import APPLICANT
from pilots.models import Collaborator
from pilots.models.application import EDITABLE


def parts_of(rules):
    """[(code, name)] of what can be given to somebody: the sections of the form, and the materials."""
    return [*((section.code, str(section.name)) for section in rules.sections), ("materials", _t("附件材料"))]


class InviteForm(ActForm):
    colleague = forms.ModelChoiceField(
        label=_("本单位人员"), queryset=User.objects.none(), required=False, empty_label=_("（不选）")
    )
    username = forms.CharField(
        label=_("其他单位人员的用户名"),
        max_length=150,
        required=False,
        help_text=_("须已在系统登记；向对方索取登录用户名。"),
    )
    sections = forms.MultipleChoiceField(label=_("可填写的部分"), widget=forms.CheckboxSelectMultiple)

    def arrange(self):
        if self.obj is None:
            return
        here = User.objects.filter(organisation_id=self.obj.organisation_id, is_active=True)
        already = self.obj.collaborators.filter(removed_at__isnull=True).values("user")
        self.fields["colleague"].queryset = here.exclude(pk__in=already).exclude(
            pk=self.by.pk if isinstance(self.by, User) else None
        ).order_by("name", "pk")  # fmt: skip
        self.fields["colleague"].label_from_instance = lambda user: user.name
        self.fields["sections"].choices = parts_of(self.obj.rules)

    def clean(self):
        data = super().clean()
        name = data.get("username", "").strip()
        if bool(name) == bool(data.get("colleague")):
            if "colleague" not in self.errors:
                self.add_error("colleague", _t("请选择一位本单位人员，或填写一个其他单位人员的用户名（只填一项）。"))
        elif name:
            data["invited"] = User.objects.filter(username=name, is_active=True).first()
            if data["invited"] is None:
                self.add_error("username", _t("没有用户名为“%(name)s”的在册人员。") % {"name": name})
        else:
            data["invited"] = data["colleague"]
        return data


@act_on("pilots.Application")
class Invite(Act):
    code = "invite"
    label = _("邀请协作人")
    done = _("已邀请协作人")
    icon = "user-plus"
    roles = APPLICANT
    states = frozenset(EDITABLE)
    form = InviteForm

    def faults(self, deed):
        user, case = deed.data["invited"], deed.obj
        field = "colleague" if deed.data.get("colleague") else "username"
        authority = Authority.of(user, deed.at)
        if authority.seat(APPLICANT, case.scope()) is not None:
            yield Unmet("applicant", _t("%(name)s已可填写本申报，不必邀请。") % {"name": user}, field)
        elif case.collaborators.filter(user=user, removed_at__isnull=True).exists():
            yield Unmet("already", _t("%(name)s已是协作人；如需改变范围，请先移除。") % {"name": user}, field)
        # Whoever will look at it, or judge it, must not have written it (programmes.md §4).
        others = [role for role in Role if role not in (*APPLICANT, Role.SYSTEM, Role.PUBLIC, Role.EXPERT)]
        if authority.has(Role.EXPERT, *ADMINISTRATORS) or authority.seat(others, case.scope()) is not None:
            yield Unmet("official", _t("%(name)s是本项目的办理人员或评审专家，不能参与填报。") % {"name": user}, field)

    def foretell(self, question):
        yield _t("对方在填报或补正期间可以查看和填写所选部分，不能提交或撤回。")

    def carry_out(self, deed):
        user, case = deed.data["invited"], deed.obj
        Collaborator.objects.create(
            application=case, user=user, sections=deed.data["sections"], invited_at=deed.at, invited_by=deed.by
        )
        deed.facts |= {"invited": user.name, "user": user.pk, "sections": deed.data["sections"]}
        names = dict(parts_of(case.rules))
        outbox.put(outbox.write(
            "invited", f"invited:{case.uuid}:{user.pk}:{deed.at.isoformat()}", [user], deed.at,
            url=case.get_absolute_url(), case=str(case), by=str(deed.by),
            parts=_t("、").join(names[code] for code in deed.data["sections"]),
        ))  # fmt: skip
        self.step(deed)


class UninviteForm(ActForm):
    collaborator = forms.ModelChoiceField(label=_("协作人"), queryset=Collaborator.objects.none(), empty_label=None)

    def arrange(self):
        if self.obj is not None:
            self.fields["collaborator"].queryset = self.obj.collaborators.filter(
                removed_at__isnull=True
            ).select_related("user")


@act_on("pilots.Application")
class Uninvite(Act):
    code = "uninvite"
    label = _("移除协作人")
    done = _("已移除协作人")
    icon = "user-minus"
    roles = APPLICANT
    states = frozenset(EDITABLE)
    form = UninviteForm

    def applies(self, question):
        return _anybody(question.obj)

    def carry_out(self, deed):
        row = deed.data["collaborator"]
        Collaborator.objects.filter(pk=row.pk).update(removed_at=deed.at)
        deed.facts |= {"removed": row.user.name, "user": row.user_id}
        self.step(deed)


def _anybody(application):
    """True when somebody helps; read once per object and version."""
    key = f"_helped:{application.version}"
    if key not in application.__dict__:
        application.__dict__[key] = application.collaborators.filter(removed_at__isnull=True).exists()
    return application.__dict__[key]
