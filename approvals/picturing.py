"""Pages of certificates as pictures, for people who look before they decide."""

import io

import pypdfium2

# Of the longer side; enough to read 12 pt on a screen, small enough to travel with every keystroke.
PIXELS = 1400


def picture(pdf, pixels=PIXELS):
    """The first page of *pdf* as PNG, *pixels* on its longer side."""
    document = pypdfium2.PdfDocument(pdf)
    try:
        page = document[0]
        scale = pixels / max(page.get_size())
        bitmap = page.render(scale=scale)
        out = io.BytesIO()
        bitmap.to_pil().convert("P", palette=1, colors=256).save(out, "PNG", optimize=False)
        return out.getvalue()
    finally:
        document.close()
