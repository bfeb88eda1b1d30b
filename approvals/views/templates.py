"""Templates of certificates in the browser: look at them, copy one, write with the page beside it, bring fonts."""

import base64

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import seats
from accounts.authority import Authority
from approvals import drafting_templates, templating
from approvals.acts.template import AUTHORS, faults_of
from approvals.certificates import design, sandbox
from approvals.certificates.errors import CertificateError
from approvals.certificates.preflight import preflight
from approvals.models import Certificate, CertificateState, CertificateTemplate, TemplateState
from approvals.models.template import TEMPLATE_READERS
from approvals.picturing import picture
from approvals.printing import certificate_text, words_of
from approvals.views.drawn import drawn
from pilots.views.look import state_of
from workflows.beginnings import begin_template
from workflows.offers import log, panel
from workflows.once import once
from workflows.refusals import Denied, NotNow

KINDS = {"certificate": _("证书"), "plaque": _("牌匾"), "letter": _("授予函")}
CASES = 20


def _label(made):
    english = (get_language() or "").startswith("en")
    return made.label.get("en" if english else "zh") or made.label["zh"]


@seats(*TEMPLATE_READERS)
@require_safe
def templates(request):
    """Packaged templates and the site's own, newest versions first."""
    own = list(
        CertificateTemplate.objects.visible_to(request.user).select_related("author").order_by("code", "-edition")
    )
    published = {row.code for row in own if row.state == TemplateState.PUBLISHED}
    for row in own:
        row.look, row.kind_word = state_of(row), KINDS.get(row.kind, "")
    packaged = [
        {"name": name, "label": _label(made), "kind": KINDS[made.kind], "size": made.size, "replaced": name in published}
        for name, made in ((name, design.load(name)) for name in design.designs())
    ]  # fmt: skip
    may = Authority.of(request.user, request.at).has(*AUTHORS)
    return render(request, "approvals/templates.html", {"packaged": packaged, "own": own, "may": may})


@seats(*TEMPLATE_READERS)
@require_safe
def template_sample(request, name):
    """A sample of a packaged template as a picture."""
    if name not in design.designs():
        raise Http404
    made = design.load(name)
    text = made.samples.get(request.GET.get("which", ""), made.samples["usual"])
    return _png(picture(templating.sample(made, text), 900))


def _png(data):
    response = HttpResponse(data, content_type="image/png")
    response["Cache-Control"] = "private, max-age=600"
    return response


class CopyForm(forms.Form):
    """What is copied, and the code rules will name it by."""

    base = forms.CharField(max_length=40, widget=forms.HiddenInput)
    code = forms.CharField(
        label=_("模板代码"), max_length=40,
        help_text=_("规则文件用代码指定模板。与现有模板同一代码的，发布后成为它的新版本。"),
    )  # fmt: skip


@seats(*AUTHORS)
@require_http_methods(["GET", "HEAD", "POST"])
@once
def template_new(request):
    """Copies a template under a code."""
    base = request.POST.get("base") or request.GET.get("base", "")
    try:
        _files, words = drafting_templates.source(base)
    except LookupError as error:
        raise Http404 from error
    initial = {"base": base, "code": base if base in design.designs() else words.partition(" ")[0]}
    form = CopyForm(request.POST if request.method == "POST" else None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            made = begin_template(base, form.cleaned_data["code"], by=request.user, at=request.at).obj
            return redirect(made)
        except (NotNow, Denied) as refusal:
            for reason in refusal.reasons:
                form.add_error(reason.field or None, reason.text)
    status = 422 if form.is_bound and form.errors else 200
    return render(request, "approvals/template_new.html", {"form": form, "base": words}, status=status)


class FilesForm(forms.Form):
    """The three files of a template, as typed."""

    page_html = forms.CharField(label="page.html", required=False, strip=False)
    page_css = forms.CharField(label="page.css", required=False, strip=False)
    design_toml = forms.CharField(label="design.toml", required=False, strip=False)
    rev = forms.IntegerField(min_value=0)

    def typed(self):
        """File name → text, with the line ends of files."""
        return {
            name: self.cleaned_data[field].replace("\r\n", "\n")
            for field, name in (("page_html", "page.html"), ("page_css", "page.css"), ("design_toml", "design.toml"))
        }


def _template(request, uuid):
    rows = CertificateTemplate.objects.visible_to(request.user).select_related(*CertificateTemplate.related)
    return get_object_or_404(rows, uuid=uuid)


@seats(*TEMPLATE_READERS)
@require_http_methods(["GET", "HEAD", "POST"])
def template(request, uuid):
    """One version: its files, what is wrong with them, how it looks, what can be done."""
    row = _template(request, uuid)
    may_write = drafting_templates.may_write(row, request.user, request.at)
    files, conflict, status = row.files, None, 200
    if request.method == "POST":
        if not may_write:
            raise Http404
        form = FilesForm(request.POST)
        if form.is_valid():
            files = form.typed()
            try:
                drafting_templates.save(row, files, rev=form.cleaned_data["rev"], by=request.user, at=request.at)
                messages.success(request, _t("模板已保存。"))
                return redirect(row)
            except drafting_templates.Conflict as error:
                conflict, row, status = error.template, error.template, 409
    return render(request, "approvals/template.html", _page(request, row, files, may_write, conflict), status=status)


def _page(request, row, files, may_write, conflict):
    shown = CertificateTemplate(files=files)
    found, made = faults_of(shown)
    return {
        "template": row, "look": state_of(row), "may_write": may_write, "conflict": conflict, "gate": row.gate,
        "inputs": [
            {"id": field, "name": name, "text": files.get(name, ""), "rows": rows, "faults": [fault for fault in found if fault.file == name]}
            for field, name, rows in (("page_html", "page.html", 18), ("page_css", "page.css", 18), ("design_toml", "design.toml", 14))
        ],
        "faults": found, "choices": _choices(request, made), "preview": _preview(request, files, request.GET.get("which", "usual")),
        "which": request.GET.get("which", "usual"),
        "offers": panel(row, request.user, request.at), "log": log(row), "kind": KINDS.get(row.kind, ""),
    }  # fmt: skip


def _choices(request, made):
    """[(value, words)]: the samples of the template, then certificates this person may see."""
    samples = [(name, templating.SAMPLES.get(name, name)) for name in (made.samples if made else ())]
    rows = (
        Certificate.objects.visible_to(request.user).exclude(state=CertificateState.REVOKED)
        .order_by("-pk").values_list("uuid", "serial", "words__holder")[:CASES]
    )  # fmt: skip
    return samples + [(str(uuid), f"{serial} {holder}") for uuid, serial, holder in rows]


@seats(*TEMPLATE_READERS)
@require_POST
def template_preview(request, uuid):
    """What was typed, not saved: the faults, and the page beside the text."""
    _template(request, uuid)
    form = FilesForm(request.POST)
    if not form.is_valid():
        return HttpResponse(status=422)
    files = form.typed()
    context = {"preview": _preview(request, files, request.POST.get("which", "usual"))}
    context["faults"], _made = faults_of(CertificateTemplate(files=files))
    return render(request, "approvals/_template_preview.html", context)


def _preview(request, files, which):
    """{"image", "findings", "error"} of the files with a sample or a real certificate in them."""
    found, made = faults_of(CertificateTemplate(files=files))
    if made is None:
        return {"error": _t("改正下列 %(n)s 处后显示预览。") % {"n": len(found)}}
    text = made.samples.get(which)
    if text is None:
        rows = Certificate.objects.visible_to(request.user).select_related(*Certificate.printed)
        row = rows.filter(uuid=which).first() if len(which) == 36 else None
        text = certificate_text(row) if row else made.samples.get("usual")
    if text is None:
        return {"error": _t("design.toml 中没有样例。")}
    findings = preflight(text, made, templating.fonts())
    try:
        # Nobody has read this template yet: it is drawn where it can hurt nobody.
        pdf = sandbox.render(text, made, own_fonts=templating.own_fonts())
    except CertificateError as fault:
        return {"error": words_of(fault), "findings": findings}
    image = "data:image/png;base64," + base64.b64encode(picture(pdf)).decode()
    return {"image": image, "findings": findings}


@seats(*TEMPLATE_READERS)
@require_safe
def template_pdf(request, uuid):
    """A sample of a version as PDF."""
    row = _template(request, uuid)
    _found, made = faults_of(row)
    if made is None or not made.samples:
        raise Http404
    text = made.samples.get(request.GET.get("which", ""), next(iter(made.samples.values())))
    return drawn(lambda: sandbox.render(text, made, own_fonts=templating.own_fonts()), "sample.pdf")
