"""XMP of a certificate: PDF/A-3a and PDF/UA-1 declared in one packet."""

from typing import Any

_PDFA = "http://www.aiim.org/pdfa/ns"
#: PDF/A wants every property it does not define described; pdfuaid is such a one (ISO 19005-3, 6.6.2.3).
UA = (
    b'<rdf:Description xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" '
    b'xmlns:pdfuaid="http://www.aiim.org/pdfua/ns/id/" rdf:about="" pdfuaid:part="1" />'
    + f"""<rdf:Description xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"
 xmlns:pdfaExtension="{_PDFA}/extension/" xmlns:pdfaSchema="{_PDFA}/schema#" xmlns:pdfaProperty="{_PDFA}/property#"
 rdf:about=""><pdfaExtension:schemas><rdf:Bag><rdf:li rdf:parseType="Resource">
<pdfaSchema:schema>PDF/UA identification schema</pdfaSchema:schema>
<pdfaSchema:namespaceURI>http://www.aiim.org/pdfua/ns/id/</pdfaSchema:namespaceURI>
<pdfaSchema:prefix>pdfuaid</pdfaSchema:prefix><pdfaSchema:property><rdf:Seq><rdf:li rdf:parseType="Resource">
<pdfaProperty:name>part</pdfaProperty:name><pdfaProperty:valueType>Integer</pdfaProperty:valueType>
<pdfaProperty:category>internal</pdfaProperty:category>
<pdfaProperty:description>part of ISO 14289 the document conforms to</pdfaProperty:description>
</rdf:li></rdf:Seq></pdfaSchema:property></rdf:li></rdf:Bag></pdfaExtension:schemas></rdf:Description>""".encode()
)


def object_at(pdf: Any, reference: bytes) -> Any:
    """The object of the pydyf document *pdf* that ``b"12 0 R"`` refers to."""
    return pdf.objects[int(reference.split()[0])]


def declare_accessible(pdf: Any) -> None:
    """Adds PDF/UA-1 to the metadata WeasyPrint wrote for PDF/A. A second RDF root would be ignored by readers."""
    packet = object_at(pdf, pdf.catalog["Metadata"])
    whole = packet.stream[0]
    end = whole.rindex(b"</rdf:RDF>")
    packet.stream = [whole[:end] + UA + whole[end:]]
    packet.compress = False  # so that tools which scan files find it
