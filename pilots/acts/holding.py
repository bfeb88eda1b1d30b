"""What belongs to a title beside its papers: the agreement's signatures, branches and parks."""

from django import forms
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from accounts import clock
from accounts.acts import Act, ActForm, Unmet, act_on
from accounts.days import DayField
from accounts.models import Place
from accounts.roles import Role
from pilots import agreements, running
from pilots.acts.application import APPLICANT
from pilots.models import AgreementSignature, SubSite
from pilots.models.designation import COUNTING, ENTERING


class SignatureForm(ActForm):
    signer = forms.CharField(label=_("签署人"), max_length=60, help_text=_("法定代表人或授权签署人姓名。"))
    read = forms.BooleanField(label=_("已通读协议全文，同意签署"))

    def arrange(self):
        if self.by is not None:
            self.fields["signer"].initial = self.by.name


@act_on("pilots.Designation")
class SignAgreement(Act):
    """One party after the other signs the same text; the last signature puts it into force (programmes.md §3 AGR)."""

    code = "sign_agreement"
    label = _("签署协议")
    done = _("签署协议")
    icon = "pen-line"
    tone = "primary"
    # Whose turn it is narrows these to one.
    roles = (Role.APPLICANT_LEADER, Role.PROVINCE_LEADER, Role.PROVINCE_OFFICER, Role.DIVISION_HEAD, Role.LEADER)
    transition = "sign_agreement"
    # Nobody signs for both sides.
    separate_from = ("sign_agreement",)
    form = SignatureForm
    grave = True

    def seats(self, obj):
        turn = agreements.next_party(obj)
        return (Role(turn[1].role),) if turn else self.roles

    def applies(self, question):
        return question.obj.rules.agreement is not None

    def reading(self, question):
        return agreements.text_of(question.obj)

    def foretell(self, question):
        parties, turn = question.obj.rules.agreement.parties, agreements.next_party(question.obj)
        if turn is None:
            return
        number, party = turn
        yield _t("代表“%(party)s”签署，第 %(n)s 方，共 %(all)s 方。") % {
            "party": party.name, "n": number + 1, "all": len(parties)}  # fmt: skip
        if number + 1 == len(parties):
            yield _t("这是最后一方的签署，签署后协议生效。")

    def carry_out(self, deed):
        site = deed.obj
        number, party = agreements.next_party(site)
        text = agreements.text_of(site)
        AgreementSignature.objects.create(
            designation=site, party=number, name=party.name.zh, signer=deed.data["signer"],
            sha256=agreements.digest(text), at=deed.at, by=deed.by,
        )  # fmt: skip
        site.__dict__.get("_prefetched_objects_cache", {}).pop("signatures", None)
        deed.facts |= {"party": party.name.zh, "signer": deed.data["signer"], "sha256": agreements.digest(text)}
        if agreements.next_party(site) is None:
            self.step(deed)
            running.enter(deed, "agreement_date")


class SubSiteForm(ActForm):
    name = forms.CharField(label=_("名称"), max_length=120)
    kind = forms.CharField(label=_("类别"), max_length=30, help_text=_("如 分中心、工作站、园区。"))
    place = forms.ModelChoiceField(label=_("所在地区"), queryset=Place.objects.none(), required=False)
    opened_on = DayField(label=_("设立日期"))

    def arrange(self):
        if self.obj is not None:
            self.fields["place"].queryset = Place.objects.within(self.obj.place).filter(valid_to__isnull=True)
        if self.at is not None:
            self.fields["opened_on"].initial = clock.today(self.at)

    def clean_name(self):
        name = self.cleaned_data["name"].strip()
        if self.obj is not None and self.obj.sub_sites.filter(name=name, closed_on__isnull=True).exists():
            raise forms.ValidationError(_t("已有同名的下设点。"))
        return name

    def clean_opened_on(self):
        day = self.cleaned_data["opened_on"]
        if day > clock.today(self.at):
            raise forms.ValidationError(_t("设立日期不能晚于今天。"))
        return day


class _OnSubSites(Act):
    roles = APPLICANT
    states = COUNTING - ENTERING

    def applies(self, question):
        return question.obj.rules.sub_sites


@act_on("pilots.Designation")
class AddSubSite(_OnSubSites):
    code = "add_sub_site"
    label = _("登记下设点")
    done = _("登记下设点")
    icon = "map-pin"
    form = SubSiteForm

    def carry_out(self, deed):
        row = SubSite.objects.create(designation=deed.obj, **deed.data)
        deed.facts |= {"name": row.name, "kind": row.kind}


def standing_sub_sites(site):
    """Branches and parks that are still there."""
    return [row for row in site.sub_sites.all() if row.closed_on is None]


class CloseForm(ActForm):
    sub_site = forms.ChoiceField(label=_("下设点"))

    def arrange(self):
        if self.obj is not None:
            self.fields["sub_site"].choices = [
                (str(row.pk), f"{row.name}（{row.kind}）") for row in standing_sub_sites(self.obj)
            ]


@act_on("pilots.Designation")
class CloseSubSite(_OnSubSites):
    code = "close_sub_site"
    label = _("撤并下设点")
    done = _("撤并下设点")
    icon = "map-pin-off"
    form = CloseForm
    needs_reason = True

    def unmet(self, question):
        if not standing_sub_sites(question.obj):
            yield Unmet("none", _t("没有登记过下设点。"))

    def carry_out(self, deed):
        row = deed.obj.sub_sites.get(pk=deed.data["sub_site"])
        row.closed_on, row.why_closed = clock.today(deed.at), deed.reason[:300]
        row.save()
        deed.facts["name"] = row.name
