"""Everything that touches WeasyPrint. Imported late, because importing WeasyPrint fails without pango.

The engine reaches nothing outside the package: its fetcher knows a handful of names and refuses every other
address, so neither a design nor a holder's name can make it read a file or call a host (trust.md §2).
"""

import warnings
from collections.abc import Mapping
from threading import Lock
from typing import Any

from weasyprint import CSS, HTML
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import FatalURLFetchingError, URLFetcher, URLFetcherResponse

from approvals.certificates.errors import AddressRefused
from approvals.certificates.fonts import ROLES

SCHEME = "certificate:/"
PDF_VARIANT = "pdf/a-3b"  # archival, and able to carry the signed data of a certificate as an attachment

# One font configuration is shared by all certificates: loading the fonts costs as much as several pages;
# Pango's font map must not be used by two threads at once.
_lock = Lock()
_fonts = FontConfiguration()
_sheets: dict[str, CSS] = {}


class ClosedFetcher(URLFetcher):
    """Serves the packaged fonts and the given art, and raises AddressRefused for everything else."""

    def __init__(self, art: Mapping[str, str] | None = None) -> None:
        # An address that is refused stops the rendering instead of leaving a hole in the page.
        super().__init__(allowed_protocols=(), allow_redirects=False, fail_on_errors=True)
        self._art = dict(art or {})

    def fetch(self, url: str, headers: Any = None) -> URLFetcherResponse:
        """The asset behind ``certificate:/NAME`` or ``certificate:/fonts/ROLE``."""
        name = url.removeprefix(SCHEME) if url.startswith(SCHEME) else ""
        if name in self._art:
            return URLFetcherResponse(url, self._art[name], {"Content-Type": "image/svg+xml"})
        role = name.removeprefix("fonts/") if name.startswith("fonts/") else ""
        if role in ROLES:
            return URLFetcherResponse(url, ROLES[role].read_bytes(), {"Content-Type": "font/otf"})
        raise AddressRefused(f"a certificate may not load {url}")

    def open(self, url: Any, data: Any = None, timeout: Any = None) -> URLFetcherResponse:
        """The same door for callers that use it as an opener of urllib."""
        return self.fetch(getattr(url, "full_url", url))


def lay_out(html: str, css: str, art: Mapping[str, str]) -> Any:
    """Lay *html* out and return WeasyPrint's document: it has ``pages`` and can be written as PDF.

    Raises AddressRefused; WeasyPrint's own error would be a BaseException and end a worker.
    """
    try:
        return _lay_out(html, css, art)
    except FatalURLFetchingError as error:
        raise AddressRefused(str(error)) from error


def _lay_out(html: str, css: str, art: Mapping[str, str]) -> Any:
    with _lock:
        if css not in _sheets:
            _sheets[css] = CSS(string=css, url_fetcher=ClosedFetcher(), font_config=_fonts)
        source = HTML(string=html, url_fetcher=ClosedFetcher(art), base_url=None)
        return source.render(stylesheets=[_sheets[css]], font_config=_fonts, pdf_variant=PDF_VARIANT)


def pdf_bytes(document: Any) -> bytes:
    """*document* as a PDF file."""
    with _lock, warnings.catch_warnings():
        # WeasyPrint leaves its colour profile to the garbage collector, which Python reports as unclosed.
        warnings.simplefilter("ignore", ResourceWarning)
        return document.write_pdf(pdf_variant=PDF_VARIANT)
