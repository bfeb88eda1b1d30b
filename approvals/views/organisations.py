"""Bodies in the browser: the list, and a new one."""

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count, Q
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.access import seats
from accounts.authority import Authority
from accounts.models import Organisation, Place
from accounts.roles import ADMINISTRATORS, Role
from approvals import named
from approvals.views.people import NamedField
from pilots.views.listing import PAGE, dropped_filters, ordering
from workflows.once import once

SORTS = {"name": ("name",), "people": ("n",)}


class BodyFilter(forms.Form):
    q = forms.CharField(
        label=_("关键词"), required=False, max_length=80,
        widget=forms.TextInput(attrs={"type": "search", "placeholder": _("单位名称或信用代码")}),
    )  # fmt: skip
    kind = forms.ChoiceField(label=_("类别"), required=False, choices=[("", _("全部类别")), *Organisation.Kind.choices])
    place = forms.ModelChoiceField(
        label=_("地区"), required=False, queryset=Place.objects.none(), empty_label=_("全国")
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["place"].queryset = Place.objects.provinces().filter(valid_to=None)


@seats(*ADMINISTRATORS)
@require_safe
def organisations(request):
    """Every body people work for or act for."""
    form = BodyFilter(request.GET or None)
    chosen, dropped = dropped_filters(form)
    rows = Organisation.objects.select_related("place").annotate(n=Count("people", filter=Q(people__is_active=True)))
    if q := (chosen.get("q") or "").strip():
        rows = rows.filter(Q(name__icontains=q) | Q(credit_code__iexact=q))
    if chosen.get("kind"):
        rows = rows.filter(kind=chosen["kind"])
    if chosen.get("place"):
        rows = rows.filter(place__path__startswith=chosen["place"].path)
    sort, order = ordering(request, SORTS, "name")
    page = Paginator(rows.order_by(*order), PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page, "filters": form, "dropped": dropped, "filtered": any(chosen.values()), "sort": sort,
        "may_open": Authority.of(request.user).has(Role.SYSTEM_ADMIN),
    }  # fmt: skip
    return render(request, "people/organisations.html", context)


class BodyForm(forms.ModelForm):
    """A new body."""

    place = NamedField(label=_("所在地区"), max_length=60, find=named.place, help_text=_("填写名称或六位区划代码。"))
    use_required_attribute = False

    class Meta:
        model = Organisation
        fields = ("name", "kind", "place", "credit_code", "name_en")

    def clean_credit_code(self):
        code = self.cleaned_data["credit_code"].strip().upper()
        if code and Organisation.objects.filter(credit_code=code).exists():
            raise forms.ValidationError(_t("这个信用代码已经属于另一个单位。"))
        return code


@seats(Role.SYSTEM_ADMIN)
@require_http_methods(["GET", "HEAD", "POST"])
@once
def organisation_new(request):
    """Registers a body."""
    form = BodyForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        row = form.save()
        messages.success(request, _t("已登记单位“%(name)s”。") % {"name": row})
        return redirect("organisations")
    return render(request, "people/organisation_form.html", {"form": form}, status=422 if form.errors else 200)
