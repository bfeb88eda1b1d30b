"""Fonts an office brings for certificates: one file per face, prepared once, never the host's luck."""

from django import forms
from django.contrib import messages
from django.db import transaction
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.access import seats
from accounts.authority import Authority
from approvals.acts.template import AUTHORS
from approvals.certificates.coverage import known_characters
from approvals.certificates.errors import FontRefused
from approvals.certificates.fonts import DEFAULT, FACES
from approvals.certificates.fonts.bringing import bring
from approvals.certificates.fonts.prepare import BIGGEST_UPLOAD
from approvals.models import SiteFont
from approvals.models.template import TEMPLATE_READERS
from pilots import storage

LABELS = {
    "xiaobiaosong": _("小标宋（标题）"), "song": _("宋体"), "kai": _("楷体"), "fangsong": _("仿宋"), "hei": _("黑体"),
}  # fmt: skip


class FontForm(forms.Form):
    face = forms.ChoiceField(label=_("用作"), choices=[(face, LABELS[face]) for face in FACES])
    file = forms.FileField(label=_("字体文件"), help_text=_("TTF 或者 OTF。请确认本单位有权使用并嵌入该字体。"))

    def clean_file(self):
        file = self.cleaned_data["file"]
        if file.size > BIGGEST_UPLOAD:
            raise forms.ValidationError(FontRefused("too_large").message)
        return file


@seats(*TEMPLATE_READERS)
@require_http_methods(["GET", "HEAD", "POST"])
def template_fonts(request):
    """Which file answers each face; a new one takes the place of the one before."""
    may = Authority.of(request.user, request.at).has(*AUTHORS)
    form = FontForm(request.POST or None, request.FILES or None) if may else None
    if request.method == "POST" and form is not None and form.is_valid():
        try:
            row = _keep(form.cleaned_data["face"], form.cleaned_data["file"], request)
            messages.success(request, _t("%(name)s 已用作%(face)s。") % {"name": row.name, "face": LABELS[row.face]})
            return redirect("template_fonts")
        except FontRefused as fault:
            form.add_error("file", fault.message)
    used = {row.face: row for row in SiteFont.objects.filter(ended_at__isnull=True).select_related("by")}
    rows = [
        {"face": face, "label": LABELS[face], "own": used.get(face), "packaged": DEFAULT.face(face).family,
         "characters": used[face].characters if face in used else len(DEFAULT.face(face).characters)}
        for face in FACES
    ]  # fmt: skip
    context = {"rows": rows, "form": form, "may": may}
    status = 422 if form is not None and form.is_bound and form.errors else 200
    return render(request, "approvals/template_fonts.html", context, status=status)


def _keep(face, file, request):
    data = bring(file.read(), face)
    with transaction.atomic():
        SiteFont.objects.select_for_update().filter(face=face, ended_at__isnull=True).update(
            ended_at=request.at, ended_by=request.user
        )
        return SiteFont.objects.create(
            face=face, name=file.name[:120], sha256=storage.store(data), size=len(data),
            characters=len(known_characters(data)), at=request.at, by=request.user,
        )  # fmt: skip


@seats(*AUTHORS)
@require_POST
def template_font_end(request, pk):
    """Back to the packaged file."""
    row = get_object_or_404(SiteFont, pk=pk, ended_at__isnull=True)
    SiteFont.objects.filter(pk=row.pk).update(ended_at=request.at, ended_by=request.user)
    messages.success(request, _t("%(face)s改回系统自带字体。") % {"face": LABELS[row.face]})
    return redirect("template_fonts")
