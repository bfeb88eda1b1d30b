"""`./manage.py certificate`: a specimen, the verdict on a file somebody sent, and a copy as OFD. Needs no network."""

from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import translation

from accounts import clock
from approvals import sealing
from approvals.certificates import ofd, render
from approvals.certificates.codes import pretty
from approvals.certificates.errors import CertificateError
from approvals.certificates.signing import authority, pades
from approvals.certificates.signing.base import SigningError
from approvals.standing import standing, validity

# The specimen's code checks (codes.normalise) and is nobody's: codes are random, so this one is as likely as any other.
CODE = "0000000000"


def specimen(template: str, at) -> bytes:
    """A certificate of nobody, marked 样章, drawn with *template* and signed by the demonstration's authority.

    Raises CertificateError and SigningError.
    """
    day = clock.today(at)
    text = render.CertificateText(
        title="证书",
        programme="示例试点项目",
        serial=f"证书编号：样章〔{day.year}〕第00000号",
        holder="示例单位",
        paragraphs=(render.paragraph("本件为样章，仅供查看版式和验证电子签名，不证明任何事实。"),),
        issuer="示例发证机关",
        issued_on=day,
        verify_url=f"{settings.SITE_URL}/v/{CODE}/",
        check_code=CODE,
        **({"design": template} if template else {}),
    )
    signer = authority.ensure(settings.SIGNER_DIR).signer()
    return pades.sign(render.render(text), signer, at, reason="样章／示例", name="示例发证机关")


class Command(BaseCommand):
    help = "A specimen certificate, the verdict on a file, and a copy as OFD."

    def add_arguments(self, parser):
        acts = parser.add_subparsers(dest="act", required=True)
        sample = acts.add_parser("sample", help="write a signed specimen")
        sample.add_argument("--template", default="", choices=["", *render.designs()])
        sample.add_argument("--out", type=Path, required=True)
        verify = acts.add_parser("verify", help="say what a file is; exit code 1 unless it is valid here and now")
        verify.add_argument("file", type=Path)
        copy = acts.add_parser("export-ofd", help="write an unsigned copy as OFD (GB/T 33190)")
        copy.add_argument("file", type=Path)
        copy.add_argument("--out", type=Path, required=True)

    def handle(self, *args, **options):
        try:
            getattr(self, options["act"].replace("-", "_"))(options)
        except (SigningError, CertificateError, ofd.OfdRefused, OSError) as error:
            raise CommandError(str(error)) from error

    def sample(self, options):
        pdf = specimen(options["template"], clock.now())
        options["out"].write_bytes(pdf)
        self.stdout.write(f"{options['out']}: {len(pdf)} bytes, signed by the demonstration's authority, worth nothing")

    def export_ofd(self, options):
        copy = ofd.convert(options["file"].read_bytes())
        options["out"].write_bytes(copy)
        self.stdout.write(f"{options['out']}: {len(copy)} bytes, not signed; the signed PDF is what counts")

    def verify(self, options):
        found = sealing.examine(options["file"].read_bytes())
        sign = found.verdict
        if not found.genuine:
            raise CommandError(self._unknown(sign))
        row = found.certificate
        if sign.signed and not sign.ok:
            # The issued bytes, but of a signer this installation no longer trusts: a matter of settings, not of the file.
            self.stdout.write(f"signature: {', '.join(sign.reasons)} {sign.detail}".rstrip())
        stands = standing(row, clock.today())
        for name, value in self._facts(row, sign):
            self.stdout.write(f"{name:<12} {value}")
        if stands != "valid":
            raise CommandError(f"{stands}{': ' + row.revoked_reason if row.revoked_reason else ''}")
        self.stdout.write(self.style.SUCCESS("valid"))

    def _unknown(self, sign) -> str:
        if sign.signed and not sign.ok:
            return f"altered or not ours: {', '.join(sign.reasons)}. {sign.detail}".rstrip(" .") + "."
        if sign.ok:
            return f"unknown: a sound signature of {sign.signer}, but no certificate of this installation"
        return f"unknown: {', '.join(sign.reasons)}, and no certificate of this installation"

    def _facts(self, row, sign):
        with translation.override("zh-hans"):
            yield "serial", row.serial
            yield "code", pretty(row.code)
            yield "holder", row.words["holder"]
            yield "title", row.designation.title
            yield "validity", validity(row)
        if sign.ok:
            yield "signed by", sign.signer
            yield "signed at", sign.signed_at.astimezone(clock.SHANGHAI).isoformat(sep=" ")
            yield "copy", "archival" if sign.archival else "as issued"
        else:
            yield "signed by", "nobody; known by its hash"
