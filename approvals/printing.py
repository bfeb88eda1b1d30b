"""From a certificate row to its file: the words, the credential inside, the page, the signature."""

from dataclasses import replace
from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from approvals import published, runs, sealing, templating
from approvals.certificates import credential, offline
from approvals.certificates.attachments import Attachment
from approvals.certificates.errors import AddressRefused, DoesNotFit, MissingGlyphs, TooHeavy
from approvals.certificates.render import CertificateText, paragraph, render

CREDENTIAL = "credential.json"
# Certificates from before rules named their template.
DESIGN = "award_landscape"


def verify_url(certificate):
    """The address in the QR code, where anybody may ask how a certificate stands."""
    return f"{settings.SITE_URL}/v/{certificate.code}/"


def certificate_text(certificate):
    """The words of a certificate row as the renderer wants them; frozen when the row was made.

    The sample tag and the demonstration seal are left out only where the site signs with a key of its own.
    """
    words = certificate.words
    text = CertificateText(
        title=words["title"],
        programme=words["programme"],
        serial=f"证书编号：{certificate.serial}",
        holder=words["holder"],
        paragraphs=(paragraph(words["paragraph"]),),
        issuer=words["issuer"],
        issued_on=date.fromisoformat(words["issued_on"]),
        verify_url=verify_url(certificate),
        check_code=certificate.code,
        design=words.get("design", DESIGN),
        # One half of a term is no term to print; the paragraph says since when.
        valid_from=certificate.valid_from if certificate.valid_to else None,
        valid_to=certificate.valid_to,
        grade=words.get("grade", ""),
    )
    return text if sealing.is_demo() else replace(text, mark="")


def design_of(certificate):
    """The design a certificate is printed in. Raises CertificateError where its rules name one that does not exist."""
    return templating.design_of(certificate.template, certificate.words.get("design", DESIGN))


def facts(certificate):
    """What a certificate says as data (certificates.md §4)."""
    site, words = certificate.designation, certificate.words
    return credential.Facts(
        uuid=certificate.uuid, serial=certificate.serial, code=certificate.code, programme=words["programme"],
        title=site.title, holder=words["holder"], place=site.place.name, issuer=words["issuer"], issuer_url=settings.SITE_URL,
        document_number=site.batch.document_number, grade=site.grade, issued_on=date.fromisoformat(words["issued_on"]),
        valid_from=certificate.valid_from, valid_to=certificate.valid_to, verify_url=verify_url(certificate),
        status_list=published.address(), status_index=certificate.pk,
    )  # fmt: skip


def printed_text(certificate):
    """The text of a certificate as it is issued: with the signed fragment in its QR code where the site wants one."""
    text = certificate_text(certificate)
    if settings.OFFLINE_QR:
        # The fragment stays in the reader's browser: it is never sent to the server.
        fragment = offline.offline_token(facts(certificate), sealing.signer())
        text = replace(text, verify_url=text.verify_url + fragment)
    return text


def produce(certificate: Any, at: datetime) -> bytes:
    """The signed file of a certificate, as it is issued at the instant *at*.

    Large requests are cast and signed in one pass (`approvals.runs`); whatever that is not sure of is laid out by
    WeasyPrint and signed by pyHanko. Raises CertificateError for words that cannot be printed, SigningError where the
    signer fails.
    """
    data = credential.attachment(facts(certificate), sealing.signer())
    held = (Attachment(CREDENTIAL, data, "application/json", description="Open Badges 3.0"),)
    text, name = printed_text(certificate), certificate.words["issuer"]
    made = runs.cast(certificate, text, held, reason=certificate.serial, name=name, at=at)
    if made is not None:
        return made
    pdf = render(text, design_of(certificate), held, fonts=templating.fonts())
    return sealing.seal(pdf, at, reason=certificate.serial, name=name)


def preview(certificate):
    """A pending certificate as PDF, marked as a preview; nobody can take it for an issued one."""
    text = replace(certificate_text(certificate), mark="预览／未签发")
    return render(text, design_of(certificate), fonts=templating.fonts())


def words_of(fault):
    """Why a certificate cannot be drawn, to people."""
    match fault:
        case MissingGlyphs():
            return _("字体中没有这些字：%(characters)s") % {"characters": fault.characters}
        case DoesNotFit():
            return _("文字过多，最小字号也排不下。")
        case TooHeavy():
            return _("模板过于复杂，排版超出了时间或内存的限制，已停止。")
        case AddressRefused():
            return _("模板引用了不允许的地址。")
        case _other:
            return _("不能生成：%(why)s") % {"why": fault}


# Drawn from the same frozen words, for the workshop that casts the plaque and for the envelope beside the certificate.
ARTWORK = {"plaque": "plaque", "letter": "letter"}


def artwork(certificate, kind):
    """The plaque's artwork or the letter of award of an issued certificate as PDF; unsigned, made again at any time.

    Raises KeyError for another kind, CertificateError for words that cannot be printed.
    """
    code = ARTWORK[kind]
    text = replace(certificate_text(certificate), design=code, kind=kind)
    if kind == "plaque":
        # A plaque names the title and the place, nothing else (programmes.md §7.3).
        text = replace(text, paragraphs=(), title=certificate.words["programme"])
    else:
        text = replace(text, title="关于授予称号的函")
    return render(text, templating.design_of(templating.newest(code), code), fonts=templating.fonts())
