"""A sheet as DOCX: the same document as an editable file, laid out by Word's own grid (programmes.md §7.4).

Word breaks lines and pages itself, with the fonts of the office; where the imprint goes is taken from our own layout.
"""

import io

import docx
from django.utils import timezone

from approvals.documents.docx import parts, styles
from approvals.documents.docx.ooxml import repacked
from approvals.documents.model import Sheet, cleaned


def docx_bytes(sheet: Sheet) -> bytes:
    """The DOCX of a sheet; the same sheet is the same bytes. Raises PdfLibraryMissing where pango is not installed and
    the sheet has an imprint, whose page only the layout knows."""
    sheet = cleaned(sheet)
    document = docx.Document()
    styles.set_up(document)
    core = document.core_properties
    core.title, core.author, core.language = sheet.title, "、".join(sheet.mark), "zh-CN"
    core.comments = "样章／示例" if sheet.specimen else ""
    # Word stores UTC without a zone.
    core.created = core.modified = timezone.make_naive(sheet.at, timezone.get_fixed_timezone(0))
    core.last_modified_by, core.revision = "", 1
    parts.write(document, sheet)
    out = io.BytesIO()
    document.save(out)
    return repacked(out.getvalue())
