"""What can go wrong when a certificate is drawn."""


class CertificateError(ValueError):
    """The certificate cannot be drawn as asked; the message says what to change."""


class MissingGlyphs(CertificateError):
    """The prepared fonts lack characters of the text."""

    def __init__(self, characters: str) -> None:
        self.characters = characters
        super().__init__(f"the certificate fonts have no glyph for: {characters}")


class DoesNotFit(CertificateError):
    """The text needs more than one page even in the smallest size of the design."""


class AddressRefused(CertificateError):
    """A page or style sheet asked for something that is not packaged."""


class PdfLibraryMissing(RuntimeError):
    """WeasyPrint's system libraries are not installed."""
