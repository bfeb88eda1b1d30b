"""Filing what became of a place: renamed, or merged into another (programmes.md §5, merger/rename of locality)."""

from django import forms
from django.contrib import messages
from django.db import transaction
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from accounts import clock
from accounts.access import seats
from accounts.authority import Authority
from accounts.days import DayField
from accounts.models import Place
from accounts.roles import Role
from notifications.models import Deadline
from pilots import places
from pilots.acts.term import FollowPlace
from pilots.models import Designation
from workflows import perform


class SuccessorForm(forms.Form):
    """What became of a place, since when, and by which decision."""

    what = forms.ChoiceField(
        label=_("事项"), choices=[("rename", _("更名")), ("merge", _("并入其他地区"))], widget=forms.RadioSelect
    )
    name = forms.CharField(label=_("新名称"), max_length=60, required=False, help_text=_("更名时填写全称，如 郫都区。"))
    short_name = forms.CharField(label=_("新简称"), max_length=20, required=False)
    kind = forms.ChoiceField(label=_("类别"), choices=[("", _("不变")), *Place.Kind.choices], required=False)
    into = forms.ModelChoiceField(
        label=_("并入"),
        queryset=Place.objects.none(),
        required=False,
        help_text=_("并入时选择；只列同一上级的现行地区。"),
    )
    valid_from = DayField(label=_("启用日期"))
    decision = forms.CharField(label=_("批准文件"), max_length=120, help_text=_("如 国函〔2016〕190号。"))
    use_required_attribute = False

    def __init__(self, *args, place, today, **kwargs):
        super().__init__(*args, **kwargs)
        self.place, self.today = place, today
        self.fields["into"].queryset = Place.objects.filter(parent=place.parent, valid_to__isnull=True).exclude(
            pk=place.pk
        )

    def clean_valid_from(self):
        day = self.cleaned_data["valid_from"]
        if day > self.today:
            raise forms.ValidationError(_t("启用日期不能晚于今天；到当日再登记。"))
        if self.place.valid_from and day <= self.place.valid_from:
            raise forms.ValidationError(_t("须晚于%(place)s的启用日期 %(day)s。") % {
                "place": self.place, "day": self.place.valid_from})  # fmt: skip
        return day

    def clean(self):
        data = super().clean()
        if data.get("what") == "rename":
            name = (data.get("name") or "").strip()
            if not name:
                self.add_error("name", _t("请填写新名称。"))
            elif Place.objects.filter(name=name, parent=self.place.parent, valid_to__isnull=True).exists():
                self.add_error("name", _t("已有同名的现行地区；请选“并入其他地区”。"))
        elif data.get("what") == "merge" and not data.get("into"):
            self.add_error("into", _t("请选择并入的地区。"))
        return data


@seats(Role.DOCUMENT_CLERK, Role.PROGRAMME_OFFICER)
@require_http_methods(["GET", "HEAD", "POST"])
def place_successor(request, pk):
    """Files the successor of a place; its titles follow, each with a ledger row of its own."""
    place = get_object_or_404(Place.objects.select_related("parent", "successor"), pk=pk)
    gone = place.valid_to is not None or place.successor is not None
    form = SuccessorForm(request.POST or None, place=place, today=clock.today(request.at))
    sites = list(Designation.objects.filter(place=place).select_related(*Designation.related).order_by("pk"))
    status = 422 if request.method == "POST" else 200
    if request.method == "POST" and not gone and form.is_valid() and _may_move_all(request, form, sites):
        new = _file(request, place, form.cleaned_data, sites)
        messages.success(request, _t("%(old)s已由%(new)s承接，%(n)s 个试点随之变更。") % {
            "old": place.name, "new": new.name, "n": len(sites)})  # fmt: skip
        return redirect("place", pk=new.pk)
    return render(
        request, "pilots/place_successor.html", {"place": place, "form": form, "gone": gone, "sites": sites},
        status=status,
    )  # fmt: skip


def _may_move_all(request, form, sites):
    """False, with the reason on the form, where a title belongs to a programme this person does not run."""
    authority = Authority.of(request.user, request.at)
    others = [site.number for site in sites if authority.seat(FollowPlace.roles, site.scope()) is None]
    if others:
        form.add_error(None, _t("%(numbers)s 不属于您负责的项目，请由文印人员登记。") % {
            "numbers": _t("、").join(others)})  # fmt: skip
    return not others


def _file(request, place, given, sites):
    with transaction.atomic():
        # Two officers, one place: the second one finds it filed.
        get_object_or_404(Place.objects.select_for_update(of=("self",)), pk=place.pk, successor=None, valid_to=None)
        below = place.path
        if given["what"] == "rename":
            name = given["name"].strip()
            new = places.rename(place, name, given["short_name"].strip() or name[:20], given["valid_from"],
                                kind=given["kind"])  # fmt: skip
        else:
            new = places.merge(place, given["into"], given["valid_from"])
        places.lend_reach(place, new, by=request.user, at=request.at)
        # Deadlines of cases below keep their place's path, which has moved.
        for row in Deadline.objects.open().filter(place_path__startswith=below).exclude(place_path=below):
            moved = new.path + row.place_path[len(below) :]
            Deadline.objects.filter(pk=row.pk).update(place_path=moved)
        for site in sites:
            perform(site, "follow_place", by=request.user, at=request.at, reason=given["decision"])
    return new
