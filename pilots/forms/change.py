"""What is asked of somebody who files a change, by kind. The evidence is kept when it is first sent."""

from django import forms
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from accounts.models import Organisation, User
from accounts.seats import contact_faults, contacts
from pilots import changes
from pilots.forms.fields import FileInput
from pilots.models import Change

K = Change.Kind
# Changes that need a paper: a licence, a government's letter, the reason for a longer term (programmes.md §5).
DOCUMENTED = (K.NAME, K.OPERATOR, K.EXTENSION, K.EARLY)


class ChangeForm(forms.Form):
    """Base: grounds and paper. `site`, `at` and what was uploaded before come from the page."""

    grounds = forms.CharField(
        label=_("变更理由"), max_length=2000, widget=forms.Textarea(attrs={"rows": 5}), help_text=_("不超过 2000 字。")
    )
    letter_number = forms.CharField(label=_("证明文件文号"), max_length=60, required=False)
    evidence = FileInput(label=_("证明文件"), required=False, help_text=_("批文、证照或政府函件的扫描件。"))
    use_required_attribute = False
    kind = ""

    def __init__(self, *args, site, at, kept=None, **kwargs):
        super().__init__(*args, **kwargs)
        self.site, self.at, self.kept = site, at, kept
        self.arrange()
        self.order_fields([name for name in self.fields if name not in ChangeForm.base_fields])

    def arrange(self):
        """Hook: what this kind asks for."""

    def clean(self):
        data = super().clean()
        if self.kind in DOCUMENTED and not data.get("evidence") and not self.kept and "evidence" not in self.errors:
            self.add_error("evidence", _t("请上传证明文件。"))
        return data


class NameForm(ChangeForm):
    kind = K.NAME
    name = forms.CharField(label=_("新名称"), max_length=80)

    def clean_name(self):
        name = self.cleaned_data["name"].strip()
        if name == self.site.holder_name:
            raise forms.ValidationError(_t("与现名称相同。"))
        if Organisation.objects.filter(name=name).exclude(pk=self.site.organisation_id).exists():
            raise forms.ValidationError(_t("已有同名单位；承担单位换成另一单位的，请选“变更承担单位”。"))
        return name


class OperatorForm(ChangeForm):
    kind = K.OPERATOR
    organisation = forms.ModelChoiceField(label=_("新的承担单位"), queryset=Organisation.objects.none())

    def arrange(self):
        self.fields["organisation"].queryset = (
            Organisation.objects.filter(
                kind__in=self.site.rules.applicants.kinds, place__path__startswith=self.site.place.path
            )
            .exclude(pk=self.site.organisation_id)
            .order_by("name")
        )
        self.fields["organisation"].help_text = _t("只列本地区已登记的单位；没有列出的，请先联系项目主管登记。")


class ScopeForm(ChangeForm):
    kind = K.SCOPE
    area = forms.CharField(label=_("新的范围"), max_length=300, widget=forms.Textarea(attrs={"rows": 3}))

    def arrange(self):
        self.fields["area"].help_text = _t("现范围：%(area)s") % {"area": changes.area_of(self.site)}


class ContactForm(ChangeForm):
    kind = K.CONTACT
    contact = forms.ModelChoiceField(label=_("新经办人"), queryset=User.objects.none())

    def arrange(self):
        now = [user.pk for user in contacts(self.site.organisation, self.at)]
        field = self.fields["contact"]
        field.queryset = User.objects.filter(organisation=self.site.organisation, is_active=True).exclude(
            pk__in=now if len(now) == 1 else []
        )
        field.label_from_instance = lambda user: user.name
        field.help_text = _t("只列本单位在册人员。备案后即时生效。")

    def clean_contact(self):
        person = self.cleaned_data["contact"]
        for fault in contact_faults(person, self.at):
            raise forms.ValidationError(fault.text)
        return person


class ExtensionForm(ChangeForm):
    kind = K.EXTENSION
    months = forms.TypedChoiceField(label=_("延长"), coerce=int, widget=forms.RadioSelect)

    def arrange(self):
        most = changes.allowed(self.site).extension.months
        self.fields["months"].choices = [(n, _t("%(n)s 个月") % {"n": n}) for n in range(1, most + 1)]
        self.fields["months"].initial = most
        self.fields["letter_number"].required = True


class EarlyForm(ChangeForm):
    kind = K.EARLY


FORMS = {form.kind: form for form in (NameForm, OperatorForm, ScopeForm, ContactForm, ExtensionForm, EarlyForm)}
