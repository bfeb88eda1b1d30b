"""What a draft would look like: the form, the road, a year's days, the certificate. Nothing here is stored."""

from datetime import date

from django import forms
from django.conf import settings
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from accounts import clock
from accounts.access import seats
from accounts.days import DayField
from approvals import templating
from approvals.certificates.errors import CertificateError
from approvals.certificates.render import CertificateText, missing, paragraph
from approvals.certificates.render import render as make_pdf
from approvals.rules.numbering import certificate_serial
from notifications import calendars
from pilots import terms
from pilots.authoring import reading
from pilots.authoring.outlook import next_year_of, opening_of, outlook
from pilots.forms.build import section_form
from pilots.models.rules_draft import READERS
from pilots.views.journey import outline
from pilots.views.rules import draft_or_404, frame

KINDS = (("form", _("申报表")), ("flow", _("流程图")), ("calendar", _("全年日程")), ("certificate", _("证书样章")))
# Nobody's name and nobody's number: it can be verified nowhere.
_HOLDER, _PLACE, _CODE = "示例市示例区人民政府", "示例市示例区", "0000000000"


class OpeningForm(forms.Form):
    on = DayField(label=_("假定发布通知的日期"), required=False)


@seats(*READERS)
@require_safe
def rules_preview(request, uuid):
    """One of the four previews of a draft."""
    draft = draft_or_404(request, uuid)
    show = request.GET.get("show", "form")
    if show not in dict(KINDS):
        raise Http404
    rules = reading.rules_or_none(draft.text)
    address = reverse("rules_preview", args=[draft.uuid])
    context = {
        **frame(request, draft, "rules_preview"),
        "show": show,
        "kinds": [{"label": label, "url": f"{address}?show={kind}", "active": kind == show} for kind, label in KINDS],
        "rules": rules,
    }
    if rules is not None:
        context |= {"form": _form, "flow": _flow, "calendar": _calendar, "certificate": _certificate}[show](
            request, draft, rules
        )
    return render(request, "rules/preview.html", context)


def _form(request, draft, rules):
    """The very forms applicants would fill in, one part below the other; their buttons do nothing."""
    return {
        "parts": [
            {"section": section, "form": section_form(rules, section)(prefix=section.code)}
            for section in rules.sections
        ],
        "materials": rules.materials,
    }


def _flow(request, draft, rules):
    return {"picture": outline(rules)}


def _calendar(request, draft, rules):
    year = next_year_of(clock.today(request.at))
    form = OpeningForm(request.GET if "on" in request.GET else None, initial={"on": opening_of(rules, year)})
    opening = form.cleaned_data.get("on") if form.is_bound and form.is_valid() else None
    opening = opening or opening_of(rules, year)
    try:
        days = outlook(rules, opening, calendars.current())
    except (OverflowError, ValueError):
        days = []
    return {
        "opening": opening, "form": form, "days": days, "provisional": any(day.provisional for day in days),
        "years": sorted({day.on.year for day in days}),
    }  # fmt: skip


def sample_of(rules, day):
    """What a certificate under these rules would print, with nobody's name on it."""
    words = rules.certificate
    _start, _end, term = terms.of_designation(rules, day)
    fields = {"place": _PLACE, "title": f"{_PLACE}{rules.name.zh}", "term": term, "document": f"{rules.document.series}〔{day.year}〕0号",
              "grade": "优秀"}  # fmt: skip
    text = words.paragraph.zh
    for name, value in fields.items():
        text = text.replace("{" + name + "}", value)
    return CertificateText(
        title=words.title.zh, programme=rules.name.zh, serial=f"证书编号：{certificate_serial(rules.number_prefix, day.year, 0)}",
        holder=_HOLDER, paragraphs=(paragraph(text),), issuer=words.issuer.zh, issued_on=day,
        verify_url=f"{settings.SITE_URL}/v/{_CODE}/", check_code=_CODE, design=words.design,
        grade=rules.classes[0].name.zh if rules.classes else "",
    )  # fmt: skip


def _certificate(request, draft, rules):
    if rules.certificate is None:
        return {"sample": None}
    sample = sample_of(rules, _day(request))
    return {"sample": sample, "text": sample.paragraphs[0][0][0], "missing": missing(sample),
            "pdf_url": reverse("rules_sample", args=[draft.uuid])}  # fmt: skip


def _day(request):
    today = clock.today(request.at)
    return date(next_year_of(today), 6, 1)


@seats(*READERS)
@require_safe
def rules_sample(request, uuid):
    """The sample certificate as PDF, by the same engine as real ones; marked as a sample."""
    draft = draft_or_404(request, uuid)
    rules = reading.rules_or_none(draft.text)
    if rules is None or rules.certificate is None:
        raise Http404
    try:
        code = rules.certificate.design
        design = templating.design_of(templating.newest(code), code)
        pdf = make_pdf(sample_of(rules, _day(request)), design, fonts=templating.fonts())
    except CertificateError as error:
        return HttpResponse(
            _t("证书不能生成：%(why)s") % {"why": error}, status=422, content_type="text/plain; charset=utf-8"
        )
    answer = HttpResponse(pdf, content_type="application/pdf")
    answer["Content-Disposition"] = 'inline; filename="sample.pdf"'
    return answer
