"""A file given with an act: the same checks as for materials of an application."""

from django import forms

from pilots import uploads
from pilots.rules.forms import Material

# Papers and photographs that go with acts. No source says more: the formats and the size are those of materials.
EVIDENCE = Material(code="evidence", name="evidence", formats=["pdf", "jpg", "png", "docx"], max_mb=20)


class FileInput(forms.FileField):
    """Refuses what is not what it says it is. The cleaned value is a `CheckedFile`, or None."""

    max_bytes = EVIDENCE.max_mb * 1024 * 1024
    accept = ",".join(f".{form}" for form in EVIDENCE.formats)

    def clean(self, data, initial=None):
        file = super().clean(data, initial)
        return uploads.read(file, EVIDENCE) if file else None
