"""My seats: lending one while away, taking it back, naming a new contact for my body."""

from datetime import datetime, time, timedelta

from django import forms
from django.contrib import messages
from django.db import transaction
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from accounts import clock, proof
from accounts import seats as moving
from accounts.access import signed_in
from accounts.authority import Authority
from accounts.days import DayField
from accounts.digits import whole
from accounts.models import Grant, User
from accounts.roles import Role

# No source gives a length (X).
LONGEST = timedelta(days=366)
GIVING = ("lend", "hand_over")


class LendForm(forms.Form):
    """A seat, a colleague, a last day."""

    grant = forms.ModelChoiceField(label=_("委托的席位"), queryset=Grant.objects.none())
    to = forms.ModelChoiceField(label=_("受托人"), queryset=User.objects.none(), help_text=_("只列本单位的同事。"))
    until = DayField(label=_("委托至（含当日）"))
    use_required_attribute = False

    def __init__(self, *args, user, at, **kwargs):
        super().__init__(*args, **kwargs)
        self.user, self.at = user, at
        own = moving.lendable(user, at)
        self.fields["grant"].queryset = Grant.objects.filter(pk__in=[row.pk for row in own]).select_related("place")
        self.fields["grant"].label_from_instance = seat_words
        self.fields["to"].queryset = moving.colleagues(user).order_by("name")
        self.fields["to"].label_from_instance = lambda person: person.name

    def clean_until(self):
        day = self.cleaned_data["until"]
        # Somebody who is away comes back; a seat for years is a grant of its own.
        if day > clock.today(self.at) + LONGEST:
            raise forms.ValidationError(_t("委托最长 %(n)s 天。") % {"n": LONGEST.days})
        return day

    def clean(self):
        data = super().clean()
        if not self.errors:
            data["ends"] = datetime.combine(data["until"] + timedelta(days=1), time(0), tzinfo=clock.SHANGHAI)
            for fault in moving.lending_faults(data["grant"], data["to"], data["ends"], by=self.user, at=self.at):
                self.add_error(fault.field, fault.text)
        return data


class HandOverForm(forms.Form):
    """A new contact for the body one leads."""

    contact = forms.ModelChoiceField(
        label=_("新经办人"), queryset=User.objects.none(),
        help_text=_("只列本单位在册人员。原经办人的权限即时终止，待办和提醒转给新经办人。"),
    )  # fmt: skip
    use_required_attribute = False

    def __init__(self, *args, organisation, at, **kwargs):
        super().__init__(*args, **kwargs)
        self.at = at
        self.fields["contact"].queryset = User.objects.filter(organisation=organisation, is_active=True)
        self.fields["contact"].label_from_instance = lambda person: person.name

    def clean_contact(self):
        person = self.cleaned_data["contact"]
        for fault in moving.contact_faults(person, self.at):
            raise forms.ValidationError(fault.text)
        return person


def seat_words(grant):
    """「司局负责人」 with the place or programme it is limited to."""
    where = str(grant.place) if grant.place_id else grant.programme
    return f"{grant.get_role_display()}{'（' + where + '）' if where else ''}"


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def my_seats(request):
    """What I may do, what I lent and to whom, what was lent to me."""
    user, at = request.user, request.at
    todo = request.POST.get("do", "") if request.method == "POST" else ""
    lend = LendForm(request.POST if todo == "lend" else None, user=user, at=at)
    leads = _leads(user, at)
    given = request.POST if todo == "hand_over" else None
    hand = HandOverForm(given, organisation=user.organisation, at=at) if leads else None
    refused, status = "", 200
    # Giving somebody a seat binds the office like a signature; taking it back does not wait for a password.
    if todo in GIVING and not proof.recently_proven(request):
        context = _context(user, at, lend, hand, "") | {"prove_url": proof.prove_url(request), "expired": True}
        return render(request, "accounts/seats.html", context, status=403)
    if todo == "lend" and lend.is_valid():
        return _lend(request, lend)
    if todo == "take_back":
        pk = whole(request.POST.get("grant", ""))
        if pk is not None and moving.take_back(user, pk, at):
            messages.success(request, _t("已收回委托。"))
            return redirect("my_seats")
        refused = _t("没有可以收回的委托：它可能已经到期，或不是您委托的。")
    if todo == "hand_over" and hand is None:
        refused = _t("只有申报单位负责人可以更换经办人。")
    elif todo == "hand_over" and hand.is_valid():
        with transaction.atomic():
            moving.hand_over(user.organisation, hand.cleaned_data["contact"], by=user, at=at)
        messages.success(request, _t("经办人已更换为%(name)s。") % {"name": hand.cleaned_data["contact"]})
        return redirect("my_seats")
    if request.method == "POST":
        status = 422
    context = _context(user, at, lend, hand, refused)
    if (context["lend_form"] or hand) and not proof.recently_proven(request):
        context["prove_url"] = proof.prove_url(request)
    return render(request, "accounts/seats.html", context, status=status)


def _leads(user, at):
    """True for the leader of the applicant this person works for."""
    held = Authority.of(user, at).held
    return any(
        one.role == Role.APPLICANT_LEADER and one.organisation_id == user.organisation_id and one.lender_id is None
        for one in held
    )


def _lend(request, form):
    given = form.cleaned_data
    with transaction.atomic():
        # Two windows, one seat: the second one finds it lent. The person first, as when a grant is confirmed.
        list(User.objects.select_for_update(no_key=True).filter(pk=given["to"].pk))
        list(Grant.objects.select_for_update().filter(pk=given["grant"].pk))
        faults = list(moving.lending_faults(given["grant"], given["to"], given["ends"], by=request.user, at=request.at))
        if faults:
            messages.error(request, faults[0].text)
            return redirect("my_seats")
        moving.lend(given["grant"], given["to"], given["ends"], by=request.user, at=request.at)
    messages.success(
        request,
        _t("已将“%(seat)s”委托给%(name)s，%(day)s 后自动终止。")
        % {"seat": given["grant"].get_role_display(), "name": given["to"], "day": given["until"]},
    )
    return redirect("my_seats")


def _context(user, at, lend, hand, refused):
    rows = list(
        Grant.objects.in_force(at)
        .filter(user=user)
        .select_related("place", "organisation", "source__user")
        .order_by("source_id", "pk")
    )
    lent = Grant.objects.in_force(at).filter(source__user=user).select_related("user", "place").order_by("valid_to")
    return {
        "own": [{"words": seat_words(row), "row": row} for row in rows if row.source_id is None],
        "received": [{"words": seat_words(row), "row": row} for row in rows if row.source_id],
        "lent": [{"words": seat_words(row), "row": row} for row in lent],
        "lend_form": lend if lend.fields["grant"].queryset.exists() else None,
        "hand_form": hand,
        "contacts": moving.contacts(user.organisation, at) if hand is not None else [],
        "refused": refused,
    }
