"""Beginning a draft: a new version of a programme, or a new programme made from it."""

import re

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from accounts import clock
from accounts.access import seats
from accounts.authority import Authority, Scope
from pilots.authoring import copying, numbers
from pilots.authoring.saving import WRITERS
from pilots.models import Programme, RulesDraft
from pilots.models.rules_draft import OPEN
from pilots.views.look import programme_name
from pilots.views.programmes import programme_or_404
from workflows.beginnings import begin_rules_draft
from workflows.once import once
from workflows.refusals import Refused

_CODE = re.compile(r"[a-z][a-z0-9_]{0,59}")
_PREFIX = re.compile(r"[A-Z]{2,6}")


class NewProgrammeForm(forms.Form):
    """What a programme may not share with the one it is copied from."""

    name = forms.CharField(label=_("项目名称"), max_length=80, help_text=_("公文和证书上的全称。"))
    short_name = forms.CharField(label=_("简称"), max_length=20, help_text=_("列表和图表中使用。"))
    name_en = forms.CharField(label=_("英文名称"), max_length=160, required=False)
    code = forms.CharField(
        label=_("项目代码"),
        max_length=60,
        required=False,
        help_text=_("小写字母、数字和下划线；不填按名称的拼音首字母取。以后不能改。"),
    )
    prefix = forms.CharField(
        label=_("编号前缀"), max_length=6, required=False,
        help_text=_("二至六个大写字母，申报和证书编号以它开头；不填按拼音首字母取。"),
    )  # fmt: skip

    def clean(self):
        data = super().clean()
        code, prefix = copying.proposed_code(data.get("name", ""))
        data["code"] = (data.get("code") or code).strip().lower()
        data["prefix"] = (data.get("prefix") or prefix).strip().upper()
        if not _CODE.fullmatch(data["code"]):
            self.add_error("code", _t("代码以小写字母开头，只含小写字母、数字和下划线。"))
        elif Programme.objects.filter(code=data["code"]).exists():
            self.add_error("code", _t("已有代码为 %(code)s 的项目，请另取一个。") % {"code": data["code"]})
        other = numbers.prefixes().get(data["prefix"])
        if not _PREFIX.fullmatch(data["prefix"]):
            self.add_error("prefix", _t("编号前缀为二至六个大写字母。"))
        elif other is not None:
            self.add_error(
                "prefix",
                _t("前缀 %(prefix)s 已用于“%(name)s”，请另取一个。") % {"prefix": data["prefix"], "name": other},
            )
        return data


@seats(*WRITERS)
@require_http_methods(["GET", "HEAD", "POST"])
@once
def programme_copy(request, code):
    """`?as=programme` asks for new names first; without it the copy is the next version of the same programme."""
    authority = Authority.of(request.user, request.at)
    row, versions = programme_or_404(code)
    if not versions:
        raise Http404
    new = (request.POST if request.method == "POST" else request.GET).get("as") == "programme"
    if authority.seat(WRITERS, Scope(programme="*" if new else row.code)) is None:
        raise PermissionDenied
    year = clock.today(request.at).year
    form = NewProgrammeForm(request.POST if request.method == "POST" and new else None)
    refused, status = [], 200
    if request.method == "POST" and (not new or form.is_valid()):
        try:
            draft = _begin(request, versions[0], year, form.cleaned_data if new else None)
        except Refused as refusal:
            refused, status = [item.text for item in refusal.reasons], 422
        else:
            messages.success(request, _t("草案已建立。逐页修改，随时可以离开；改好后提交审核。"))
            return redirect("rules_draft", draft.uuid)
    elif request.method == "POST":
        status = 422
    waiting = RulesDraft.objects.visible_to(authority).filter(programme=row, state__in=OPEN).select_related("author")
    return render(
        request,
        "rules/copy.html",
        {
            "programme": row, "name": programme_name(row), "version": versions[0], "new": new, "form": form, "refused": refused,
            "proposed": numbers.next_version(row, year), "waiting": [] if new else list(waiting),
        },
        status=status,
    )  # fmt: skip


def _begin(request, version, year, data):
    if data is None:
        text, _number = copying.new_version(version, year)
        given = {"code": version.programme.code, "title": version.programme.name, "new": False}
    else:
        text = copying.new_programme(version, year, code=data["code"], name=data["name"], name_en=data["name_en"],
                                     short_name=data["short_name"], prefix=data["prefix"])  # fmt: skip
        given = {"code": data["code"], "title": data["name"], "new": True}
    return begin_rules_draft(version, by=request.user, at=request.at, text=text, **given).obj
