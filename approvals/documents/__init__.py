"""Official documents (公文): a model of one sheet, laid out by GB/T 9704-2012 as PDF and written as an editable DOCX.

`kinds` makes a `model.Sheet` from a case; `pdf.pdf_bytes` and `docx.docx_bytes` put the same sheet on paper and into a
file. What stands where: docs/documents.md. The law of the layout: programmes.md §7.4.
"""
