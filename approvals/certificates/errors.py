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


class TooHeavy(CertificateError):
    """The design took more time or memory than a page may; the child process was ended."""


class AddressRefused(CertificateError):
    """A page or style sheet asked for something that is not packaged."""


class FontRefused(ValueError):
    """A font file a site uploaded cannot be used; ``why`` is a short word, `words` says it to people."""

    def __init__(self, why: str) -> None:
        self.why = why
        super().__init__(why)


class PdfLibraryMissing(RuntimeError):
    """WeasyPrint's system libraries are not installed."""
