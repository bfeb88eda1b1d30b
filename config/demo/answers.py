"""Believable answers for a form made from rules: the same place always gives the same ones."""

from decimal import Decimal

from django import forms

from pilots import storage
from pilots.models import Upload

_PARAGRAPH = (
    "以知识产权服务业集聚发展为主线，依托现有产业园区建设公共服务平台，三年内引进和培育专利代理、运营、咨询、"
    "质押评估等机构不少于60家，形成“一核两翼”空间布局；设立专项资金每年800万元，配套人才与办公场地政策；"
    "建立季度报告与年度评估机制，确保各项目标按期完成。"
)
_PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n" \
       b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"  # fmt: skip


def answers(rules, place, person):
    """{section: {field: value}} as the form would store it."""
    return {
        section.code: {spec.code: _answer(rules, spec, place, person) for spec in section.fields}
        for section in rules.sections
    }


def _answer(rules, spec, place, person):  # noqa: C901 - one line per kind of question
    seed = place.pk
    low = spec.minimum if spec.minimum is not None else Decimal(1)
    match spec.type:
        case "text":
            return _line(rules, spec, place, person)[: spec.max_length or 60]
        case "paragraph":
            return _PARAGRAPH[: spec.max_length or 2000]
        case "integer":
            return str(int(low) + seed % 40)
        case "decimal" | "money" | "percent":
            value = low + Decimal(seed % 50)
            if spec.maximum is not None:
                value = min(value, spec.maximum)
            return str(value)
        case "date":
            return "2015-06-01"
        case "choice":
            return spec.choices[seed % len(spec.choices)].code
        case "choices":
            return [spec.choices[0].code]
        case "phone":
            return f"010-6208{seed % 10000:04d}"
        case "email":
            return person.email
        case "yes_no":
            return "yes"
        case "table":
            row = {column.code: (f"{place.short_name}示例机构" if column.type == "text" else str(10 + seed % 9))
                   for column in spec.columns}  # fmt: skip
            return [row]
        case _:
            return {code: {"baseline": str(20 + seed % 30), "target": str(80 + seed % 40)} for code in spec.indicators}


def _line(rules, spec, place, person):
    if spec.code == "title":
        return f"{place.name}{rules.short_name.zh}建设项目"
    # A name stands only where the form says that it identifies the applicant.
    return person.name if spec.identifying else f"{place.short_name}核心区，东至示例路，西至示例河"


def attach(application, by, at):
    """One small file for every required material."""
    uploads = []
    for material in application.rules.materials:
        if not material.required:
            continue
        data = _PDF + f"% {application.number} {material.code}".encode()
        uploads.append(
            Upload(application=application, material=material.code, name=f"{material.name.zh}.pdf", format="pdf",
                   size=len(data), sha256=storage.store(data), at=at, by=by)
        )  # fmt: skip
    Upload.objects.bulk_create(uploads)


def filing(form_fields, rules):
    """Input for a paper a site files: words for words, numbers for numbers."""
    values = {}
    for name, field in form_fields.items():
        kind = type(field).__name__
        if kind in ("DecimalField", "IntegerField"):
            values[name] = "86"
        elif isinstance(field, forms.DateField):
            values[name] = "2018-03-15"
        elif kind in ("ChoiceField", "TypedChoiceField"):
            values[name] = field.choices[0][0]
        elif kind in ("MultipleChoiceField",):
            values[name] = [field.choices[0][0]]
        elif kind in ("RowTable", "IndicatorTable"):
            values[name] = _grid(field)
        elif name == "issued_number":
            values[name] = "政办发〔2018〕12号"
        else:
            values[name] = _PARAGRAPH[: field.max_length or 200]
    return values


def _grid(field):
    if hasattr(field, "indicators"):
        return {indicator.code: {"baseline": "20", "target": "80"} for indicator in field.indicators}
    return [{column.code: ("示例" if column.type == "text" else "12") for column in field.columns}]
