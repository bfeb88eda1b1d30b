"""Files inside the certificate (PDF/A-3): the signed data a machine reads travels with the page people read."""

import hashlib
from dataclasses import dataclass
from datetime import date
from typing import Any

import pydyf


@dataclass(frozen=True)
class Attachment:
    """A file to embed. ``relationship`` is how it relates to the page: Data, Source, Supplement (ISO 32000-2, 7.11.3)."""

    name: str
    data: bytes
    mime: str
    relationship: str = "Data"
    description: str = ""


def pdf_date(day: date) -> str:
    """Midnight in China of *day* as a PDF date."""
    return f"D:{day:%Y%m%d}000000+08'00"


def objects(attachment: Attachment, day: date) -> tuple[pydyf.Stream, pydyf.Dictionary]:
    """The embedded file and its specification; ``EF`` of the latter is set once the former has a number."""
    checksum = hashlib.md5(attachment.data, usedforsecurity=False).hexdigest()
    subtype = "".join(c if c.isalnum() or c in "+-." else f"#{ord(c):02x}" for c in attachment.mime)
    stream = pydyf.Stream(
        [attachment.data],
        pydyf.Dictionary({
            "Type": "/EmbeddedFile", "Subtype": f"/{subtype}",
            "Params": pydyf.Dictionary({
                "CheckSum": f"<{checksum}>", "Size": len(attachment.data),
                "CreationDate": pydyf.String(pdf_date(day)), "ModDate": pydyf.String(pdf_date(day)),
            }),
        }),
        compress=True,
    )  # fmt: skip
    specification = pydyf.Dictionary({
        "Type": "/Filespec", "F": pydyf.String(attachment.name), "UF": pydyf.String(attachment.name),
        "Desc": pydyf.String(attachment.description or attachment.name),
        "AFRelationship": f"/{attachment.relationship}",
    })  # fmt: skip
    return stream, specification


def embed(pdf: Any, attachments: tuple[Attachment, ...], day: date) -> None:
    """Adds *attachments* to the pydyf document *pdf*, dated *day*, as files associated with the document."""
    if not attachments:
        return
    names, associated = pydyf.Array(), pydyf.Array()
    # The keys of a name tree have to be sorted (ISO 32000-1, 7.9.6).
    for attachment in sorted(attachments, key=lambda one: one.name):
        stream, specification = objects(attachment, day)
        pdf.add_object(stream)
        specification["EF"] = pydyf.Dictionary({"F": stream.reference, "UF": stream.reference})
        pdf.add_object(specification)
        names.extend((pydyf.String(attachment.name), specification.reference))
        associated.append(specification.reference)
    pdf.catalog["Names"] = pydyf.Dictionary({"EmbeddedFiles": pydyf.Dictionary({"Names": names})})
    pdf.catalog["AF"] = associated
