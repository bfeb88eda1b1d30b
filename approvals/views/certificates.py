"""Certificates for those inside."""

from django import forms
from django.core.paginator import Paginator
from django.db.models import Q
from django.http import Http404
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from accounts import clock
from accounts.access import signed_in
from accounts.authority import Authority
from approvals import printing
from approvals.certificates.codes import pretty
from approvals.models import Certificate, CertificateState
from approvals.models.seal_use import SEAL_READERS
from approvals.standing import replaced, standing, validity
from approvals.views.drawn import drawn
from approvals.views.verify import pdf_response
from pilots.views import history
from pilots.views.offers import told
from pilots.views.viewer import is_inside
from workflows.offers import panel

PAGE = 20
TONES = {"valid": "ok", "expired": "warn", "suspended": "warn", "superseded": "warn", "revoked": "bad", None: "info"}


class CertificateFilter(forms.Form):
    q = forms.CharField(label=_("关键词"), required=False, max_length=60)
    state = forms.ChoiceField(label=_("状态"), required=False, choices=[("", _("全部状态")), *CertificateState.choices])
    batch = forms.CharField(label=_("批次编号"), required=False, max_length=30)


@signed_in
@require_safe
def certificates(request):
    """Certificates of the sites this person may see, newest first."""
    rows = Certificate.objects.visible_to(request.user).select_related(
        "designation__place", "designation__batch__programme"
    )
    form = CertificateFilter(request.GET)
    form.is_valid()
    chosen = form.cleaned_data
    if chosen.get("q"):
        word = chosen["q"]
        rows = rows.filter(
            Q(serial__icontains=word) | Q(designation__holder_name__icontains=word)
            | Q(designation__place__initials__startswith=word.lower()) | Q(code=word.upper().replace(" ", ""))
        )  # fmt: skip
    if chosen.get("state"):
        rows = rows.filter(state=chosen["state"])
    if chosen.get("batch"):
        rows = rows.filter(designation__batch__number=chosen["batch"])
    page = Paginator(rows.order_by("-pk"), PAGE).get_page(request.GET.get("page"))
    day = clock.today(request.at)
    for row in page:
        row.tone, row.validity = TONES[standing(row, day)], validity(row)
    return render(request, "approvals/certificates.html", {"page": page, "form": form, "ignored": bool(form.errors)})


@signed_in
@require_safe
def certificate(request, uuid):
    """One certificate: its words, its standing, its history."""
    row = get_object_or_404(
        Certificate.objects.visible_to(request.user).select_related(*Certificate.related, "superseded_by__designation"),
        uuid=uuid,
    )
    verdict = standing(row, clock.today(request.at))
    inside = is_inside(row, Authority.of(request.user, request.at))
    context = {
        "certificate": row,
        "verdict": verdict,
        "replaced": replaced(row) if hasattr(row, "superseded_by") else "",
        "tone": TONES[verdict],
        "offers": told(panel(row, request.user, request.at), inside),
        "log": history.timeline(row, history.entries(row), inside=inside, own={request.user.pk}),
        "code": pretty(row.code),
        "sees_seals": Authority.of(request.user, request.at).has(*SEAL_READERS),
        "facts": [
            (_t("证书编号"), row.serial),
            (_t("承担单位"), row.words["holder"]),
            (_t("证书正文"), row.words["paragraph"]),
            *([(_t("奖项等级"), row.designation.grade_shown)] if row.rules.classes and row.designation.grade else []),
            (_t("有效期"), validity(row)),
            (_t("发证机关"), row.words["issuer"]),
            (_t("核验码"), pretty(row.code)),
            (_t("文件摘要"), row.sha256 or _t("尚未生成")),
            *([(_t("存档副本摘要"), row.archive_sha256)] if row.archive_sha256 else []),
        ],
    }
    return render(request, "approvals/certificate.html", context)


@signed_in
@require_safe
def pdf(request, uuid):
    """The issued bytes."""
    row = get_object_or_404(Certificate.objects.visible_to(request.user).exclude(sha256=""), uuid=uuid)
    return pdf_response(row)


@signed_in
@require_safe
def artwork(request, uuid, kind):
    """The plaque's artwork, or the letter of award, of a certificate that counts."""
    rows = Certificate.objects.visible_to(request.user).select_related(*Certificate.printed)
    row = get_object_or_404(rows, uuid=uuid, state=CertificateState.ISSUED)
    if kind not in printing.ARTWORK:
        raise Http404
    return drawn(lambda: printing.artwork(row, kind), f"{kind}.pdf", attachment=True)
