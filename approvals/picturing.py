"""Pages of certificates and documents as pictures, for people who look before they decide."""

import io
import threading

import pypdfium2

# Of the longer side; enough to read 12 pt on a screen, small enough to travel with every keystroke.
PIXELS = 1400
# PDFium must not be used by two threads at once.
_lock = threading.Lock()


def picture(pdf, pixels=PIXELS, page=0):
    """A page of *pdf* (the first is 0) as PNG, *pixels* on its longer side. Raises IndexError for a page there is none of."""
    with _lock:
        document = pypdfium2.PdfDocument(pdf)
        try:
            if not 0 <= page < len(document):
                raise IndexError(page)
            found = document[page]
            bitmap = found.render(scale=pixels / max(found.get_size()))
            out = io.BytesIO()
            bitmap.to_pil().convert("P", palette=1, colors=256).save(out, "PNG", optimize=False)
            return out.getvalue()
        finally:
            document.close()


def pages(pdf):
    """How many pages *pdf* has."""
    with _lock:
        document = pypdfium2.PdfDocument(pdf)
        try:
            return len(document)
        finally:
            document.close()
