"""What can go wrong when a certificate is drawn."""

from approvals.certificates.findings import FONT_REFUSALS


class CertificateError(ValueError):
    """The certificate cannot be drawn as asked; the message says what to change."""


class MissingGlyphs(CertificateError):
    """The prepared fonts lack characters of the text."""

    def __init__(self, characters: str) -> None:
        self.characters = characters
        super().__init__(f"the certificate fonts have no glyph for: {characters}")


class DoesNotFit(CertificateError):
    """The text needs more than one page even in the smallest size of the design."""


class TooHeavy(CertificateError):
    """The design took more time or memory than a page may; the child process was ended."""


class AddressRefused(CertificateError):
    """A page or style sheet asked for something that is not packaged."""


class FontRefused(ValueError):
    """A font file a site uploaded cannot be used; ``why`` is a short word, ``message`` says it to people."""

    def __init__(self, why: str) -> None:
        self.why = why
        super().__init__(why)

    @property
    def message(self) -> str:
        """The reason in the reader's language."""
        return str(FONT_REFUSALS[self.why])


class PdfLibraryMissing(RuntimeError):
    """WeasyPrint's system libraries are not installed."""
