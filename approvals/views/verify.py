"""Anybody may ask whether a certificate counts. Unknown and wrong codes get one and the same answer."""

import json
import unicodedata
from urllib.parse import urlencode

from django.conf import settings
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts import clock
from accounts.access import public
from approvals import published
from approvals.certificates.codes import normalise, pretty
from approvals.models import Certificate
from approvals.standing import replaced, standing, validity
from approvals.views.throttle import too_many
from pilots import storage
from pilots.views.attachment import disposition

_RELATED = (
    "designation__batch__rules_version", "designation__rules_version", "designation__place", "superseded_by__designation",
)  # fmt: skip


@public
@require_safe
def verify(request):
    """The question: a code typed by hand, and the number beside it; or a file that stays where it is."""
    typed = request.GET.get("code", "").strip()
    if typed:
        address = reverse("verify_code", args=[normalise(typed) or typed[:40].replace("/", "-")])
        number = request.GET.get("number", "").strip()[:60]
        return redirect(f"{address}?{urlencode({'number': number})}" if number else address)
    return _answer(request, {"asked": False})


def same_number(typed, serial):
    """True when somebody typed this very number: full width, brackets and spaces of any kind, with or without its label."""
    return _bare(typed) == _bare(serial)


def _bare(text):
    plain = (
        unicodedata.normalize("NFKC", text).upper().partition("：")[2] or unicodedata.normalize("NFKC", text).upper()
    )
    plain = plain.partition(":")[2] or plain
    return "".join(char for char in plain if char.isalnum())


@public
@require_safe
def verify_code(request, code):
    """The answer, in one glance, without sign-in. A number that is given has to fit, too."""
    if too_many(request, "verify"):
        return render(request, "429.html", status=429)
    known = normalise(code)
    # Asked of the database whatever was typed: a wrong code costs what an unknown one costs (trust.md A10).
    certificate = Certificate.objects.filter(code=known or "").select_related(*_RELATED).first()
    number = request.GET.get("number", "")[:60]
    if certificate is not None and number and not same_number(number, certificate.serial):
        certificate = None
    at = clock.now()
    verdict = standing(certificate, clock.today(at))
    context = {
        "asked": True,
        "verdict": verdict or "unknown",
        "typed": pretty(known) if known else code[:40],
        "number": number,
        "asked_at": at.astimezone(clock.SHANGHAI),
        "same_file": verdict is not None and request.GET.get("file") == certificate.sha256,
    }
    if verdict:
        newer = getattr(certificate, "superseded_by", None)
        if newer is not None and not newer.sha256:
            newer = None
        site = certificate.designation
        context |= {
            "certificate": certificate,
            "site": site,
            "programme": site.rules.name,
            "newer": reverse("verify_code", args=[newer.code]) if newer else "",
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
    return _answer(request, context)


@public
@require_safe
def verify_file(request, sha256):
    """The hash of a file somebody holds: to its certificate, or the answer that no such file was issued here."""
    if too_many(request, "verify"):
        return render(request, "429.html", status=429)
    row = Certificate.objects.filter(sha256=sha256.lower()).exclude(sha256="").first()
    if row is not None:
        return redirect(f"{reverse('verify_code', args=[row.code])}?{urlencode({'file': row.sha256})}")
    context = {
        "asked": True,
        "verdict": "unknown_file",
        "asked_at": clock.now().astimezone(clock.SHANGHAI),
        "sha256": sha256,
    }
    return _answer(request, context)


def _answer(request, context):
    keys = {"keys_json": json.dumps(published.keys()["keys"])} if settings.OFFLINE_QR else {}
    response = render(request, "approvals/verify.html", context | keys)
    response["X-Robots-Tag"] = "noindex"
    return response


@public
@require_safe
def verified_pdf(request, code):
    """The issued bytes of a certificate whose code is known."""
    if too_many(request, "verify"):
        return render(request, "429.html", status=429)
    certificate = Certificate.objects.filter(code=normalise(code) or "").exclude(sha256="").first()
    if certificate is None:
        raise Http404
    return pdf_response(certificate)


@public
@require_safe
def verify_keys(request):
    """The public keys credentials and offline codes are checked by, as a JWK set (RFC 7517)."""
    response = HttpResponse(json.dumps(published.keys()), content_type="application/jwk-set+json")
    response["Cache-Control"] = "public, max-age=3600"
    return response


@public
@require_safe
def verify_status(request):
    """Which certificates do not count any more (purpose=revocation) or for the time being (purpose=suspension), signed."""
    purpose = request.GET.get("purpose", "")
    if purpose not in published.STATES:
        raise Http404
    response = HttpResponse(published.status_list(purpose, clock.now()), content_type="application/vc+jwt")
    response["Cache-Control"] = f"public, max-age={published.MINUTES * 60}"
    return response


def pdf_response(certificate):
    """The PDF as an attachment that no page can be made to run."""
    response = HttpResponse(storage.read(certificate.sha256), content_type="application/pdf")
    response["Content-Disposition"] = disposition(f"{certificate.serial}.pdf")
    response["X-Content-Type-Options"] = "nosniff"
    return response
