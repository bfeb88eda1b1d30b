"""Many stored one-page files as one file for the printer."""

import tempfile
from pathlib import Path

import pikepdf

from pilots import storage

# Sources stay open until a part is saved; a part keeps far below the usual limit of open files.
PART = 200


def join(digests: list[str]) -> tuple[str, int]:
    """(SHA-256, size in bytes) of a new stored PDF with the pages of the stored files *digests*, in order.

    Signatures and attachments of the single files are left behind: a printout carries neither. The drawing that all pages
    share is kept once. Memory holds one part of the files, not all of them.
    """
    with tempfile.TemporaryDirectory() as folder:
        parts = []
        for start in range(0, len(digests), PART):
            part = Path(folder) / f"{start}.pdf"
            _save([storage.path_of(digest) for digest in digests[start : start + PART]], part)
            parts.append(part)
        whole = parts[0] if len(parts) == 1 else Path(folder) / "whole.pdf"
        if len(parts) > 1:
            _save(parts, whole)
        return storage.adopt(whole), whole.stat().st_size


def _save(sources, target):
    with pikepdf.new() as joined:
        kept, opened = {}, []
        for source in sources:
            pdf = pikepdf.open(source)
            opened.append(pdf)
            # A signature names bytes that are no longer there; a printout shows no field.
            if "/AcroForm" in pdf.Root:
                del pdf.Root.AcroForm
            for page in pdf.pages:
                if "/Annots" in page:
                    del page["/Annots"]
            first = len(joined.pages)
            joined.pages.extend(pdf.pages)
            for page in joined.pages[first:]:
                _share(page, kept)
        joined.save(target, deterministic_id=True, object_stream_mode=pikepdf.ObjectStreamMode.generate)
        for pdf in opened:
            pdf.close()


def _share(page, kept):
    """Makes equal drawings of different pages one object."""
    objects = page.get("/Resources", {}).get("/XObject", {})
    for name in list(objects.keys()):
        one = objects[name]
        key = (str(one.get("/BBox", "")), str(one.get("/Matrix", "")), one.read_raw_bytes())
        if key in kept:
            objects[name] = kept[key]
        else:
            kept[key] = one
