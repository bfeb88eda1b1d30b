"""Anybody may ask whether a certificate counts. Unknown and wrong codes get one and the same answer."""

from urllib.parse import urlencode

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts import clock
from accounts.access import public
from approvals.certificates.codes import normalise, pretty
from approvals.models import Certificate, CertificateState
from approvals.views.throttle import too_many
from pilots import storage


def valid_to(certificate):
    """The last day a certificate counts: the printed one, or a later one if the term was made longer or renewed; None
    for a title without a last day."""
    site = certificate.designation
    if certificate.valid_to is None:
        return None
    if certificate.kind == Certificate.Kind.DESIGNATION:
        return max(certificate.valid_to, site.term_end or certificate.valid_to)
    return max(certificate.valid_to, site.valid_until or certificate.valid_to)


def standing(certificate, today):
    """How a certificate stands on a day: valid, expired, suspended, revoked, superseded, or None where there is none to show."""
    if certificate is None or certificate.state == CertificateState.PENDING:
        return None
    if certificate.state == CertificateState.REVOKED:
        return "revoked"
    if certificate.state == CertificateState.SUPERSEDED:
        return "superseded"
    if certificate.state == CertificateState.SUSPENDED:
        return "suspended"
    last = valid_to(certificate)
    return "expired" if last is not None and today > last else "valid"


def validity(certificate):
    """「2018-03-06 — 2021-03-06」 or 「2018-03-06 起」."""
    last = valid_to(certificate)
    if last is None:
        return _("%(day)s 起长期有效") % {"day": certificate.valid_from}
    return f"{certificate.valid_from:%Y-%m-%d} — {last:%Y-%m-%d}"


def replaced(certificate):
    """Why a newer certificate stands in place of this one: another title, a renewal, or a new edition."""
    newer = certificate.superseded_by
    if newer.designation_id != certificate.designation_id:
        return _("本称号已由“%(title)s”承接，证书由新称号的证书替换。") % {"title": newer.designation.title}
    if newer.cause == Certificate.Cause.REISSUE:
        return _("原证已补发，本证书由新证替换。")
    if newer.cause == Certificate.Cause.CORRECTION:
        return _("原证文字有误，已更正换发，本证书由新证替换。")
    if newer.kind == Certificate.Kind.RENEWAL:
        return _("称号经复核续期，本证书已由续期证书替换。")
    return _("本证书已由新证替换。")


@public
@require_safe
def verify(request):
    """The question: a code typed by hand."""
    typed = request.GET.get("code", "").strip()
    if typed:
        code = normalise(typed)
        return redirect("verify_code", code=code or typed[:40].replace("/", "-"))
    return render(request, "approvals/verify.html", {"asked": False})


@public
@require_safe
def verify_code(request, code):
    """The answer, in one glance, without sign-in."""
    if too_many(request, "verify"):
        return render(request, "429.html", status=429)
    known = normalise(code)
    certificate = None
    if known:
        certificate = (
            Certificate.objects.filter(code=known)
            .select_related(
                "designation__batch__rules_version",
                "designation__rules_version",
                "designation__place",
                "superseded_by__designation",
            )
            .first()
        )
    at = clock.now()
    verdict = standing(certificate, clock.today(at))
    context = {
        "asked": True,
        "verdict": verdict or "unknown",
        "typed": pretty(known) if known else code,
        "asked_at": at.astimezone(clock.SHANGHAI),
    }
    if verdict:
        newer = getattr(certificate, "superseded_by", None)
        site = certificate.designation
        context |= {
            "certificate": certificate,
            "site": site,
            "programme": site.rules.name,
            "newer": reverse("verify_code", args=[newer.code])
            if newer and newer.state != CertificateState.PENDING
            else "",
            "replaced": replaced(certificate) if newer else "",
            "facts": [
                (_("项目"), site.rules.name),
                (_("承担单位"), certificate.words["holder"]),
                (_("证书类别"), certificate.get_kind_display()),
                (_("证书编号"), certificate.serial),
                (_("批复文号"), site.batch.document_number),
                *([(_("奖项等级"), site.grade_shown)] if site.rules.classes and site.grade else []),
                (_("有效期"), validity(certificate)),
                (_("当前状态"), site.get_state_display()),
                (_("发证日期"), certificate.words["issued_on"]),
            ],
        }
    response = render(request, "approvals/verify.html", context)
    response["X-Robots-Tag"] = "noindex"
    return response


@public
@require_safe
def verified_pdf(request, code):
    """The issued bytes of a certificate whose code is known."""
    if too_many(request, "verify"):
        return render(request, "429.html", status=429)
    known = normalise(code)
    certificate = (
        Certificate.objects.filter(code=known).exclude(state=CertificateState.PENDING).first() if known else None
    )
    if certificate is None:
        raise Http404
    return pdf_response(certificate)


def pdf_response(certificate):
    """The PDF as an attachment that no page can be made to run."""
    response = HttpResponse(storage.read(certificate.sha256), content_type="application/pdf")
    name = urlencode({"": f"{certificate.serial}.pdf"})[1:]
    response["Content-Disposition"] = (
        f"attachment; filename=\"certificate.pdf\"; filename*=UTF-8''{name.replace('+', '%20')}"
    )
    response["X-Content-Type-Options"] = "nosniff"
    return response
