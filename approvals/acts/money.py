"""The money that comes with a title: paid when it falls due, withheld by the mid-term band, recovered when the title is
lost (programmes.md card 31 and §5, funding clawback). Amounts are in 万元."""

from decimal import Decimal

from django import forms
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from accounts.acts import Act, ActForm, Unmet, act_on
from accounts.roles import Role
from pilots.models import Tranche
from pilots.models.designation import COUNTING, OVER

T = Tranche.State


def tranches(site, *states):
    """Tranches of a site in one of `states`, in order."""
    return [row for row in site.tranches.all() if row.state in states]


def amount_words(amount):
    """「10500 万元」."""
    return _t("%(n)s 万元") % {"n": f"{amount.normalize():f}"}


class _TrancheForm(ActForm):
    states: tuple[str, ...] = ()
    tranche = forms.ChoiceField(label=_("期次"))

    def arrange(self):
        if self.obj is not None:
            self.fields["tranche"].choices = [
                (str(row.number), f"{row.name}（{amount_words(row.amount)}）")
                for row in tranches(self.obj, *self.states)
            ]


class ReleaseForm(_TrancheForm):
    states = (T.DUE,)
    voucher = forms.CharField(label=_("拨付凭证号"), max_length=60)


class RecoverForm(_TrancheForm):
    states = (T.RELEASED,)
    recovered = forms.DecimalField(
        label=_("收回金额（万元）"), min_value=Decimal("0.01"), max_digits=14, decimal_places=2
    )
    voucher = forms.CharField(label=_("收回凭证号"), max_length=60)


class _OnMoney(Act):
    roles = (Role.DIVISION_HEAD,)
    grave = True

    def applies(self, question):
        return question.obj.rules.funding is not None

    def chosen(self, deed):
        return next(row for row in deed.obj.tranches.all() if str(row.number) == deed.data["tranche"])

    def settle(self, deed, row):
        row.settled_at, row.voucher = deed.at, deed.data["voucher"]
        row.save()
        deed.obj.__dict__.get("_prefetched_objects_cache", {}).pop("tranches", None)
        deed.facts |= {"tranche": row.number, "amount": str(row.amount), "voucher": row.voucher}


@act_on("pilots.Designation")
class ReleaseTranche(_OnMoney):
    code = "release_tranche"
    label = _("拨付资金")
    done = _("拨付资金")
    icon = "banknote"
    tone = "primary"
    states = COUNTING
    form = ReleaseForm

    def unmet(self, question):
        if not tranches(question.obj, T.DUE):
            yield Unmet("none_due", _t("没有到拨付条件的资金。"))

    def carry_out(self, deed):
        row = self.chosen(deed)
        row.state = T.RELEASED
        self.settle(deed, row)


@act_on("pilots.Designation")
class RecoverTranche(_OnMoney):
    code = "recover_tranche"
    label = _("收回资金")
    done = _("收回资金")
    icon = "undo-2"
    tone = "danger"
    states = OVER
    form = RecoverForm
    needs_reason = True

    def unmet(self, question):
        if not tranches(question.obj, T.RELEASED):
            yield Unmet("none_paid", _t("没有已拨付的资金。"))

    def faults(self, deed):
        row = self.chosen(deed)
        if deed.data["recovered"] > row.amount:
            yield Unmet(
                "too_much", _t("收回金额不能超过已拨付的 %(paid)s。") % {"paid": amount_words(row.amount)}, "recovered"
            )

    def carry_out(self, deed):
        row = self.chosen(deed)
        row.state, row.recovered = T.RECOVERED, deed.data["recovered"]
        deed.facts["recovered"] = str(row.recovered)
        self.settle(deed, row)
