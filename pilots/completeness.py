"""What is still missing in an application, by section and field."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from pilots.forms.build import section_form


@dataclass(frozen=True)
class Missing:
    section: str
    field: str
    text: str


def missing(application):
    """Every answer that is absent or wrong and every required file that is absent, in order of the form."""
    rules = application.rules
    found = []
    for section in rules.sections:
        found.extend(section_faults(rules, section, application.answers.get(section.code, {})))
    have = {upload.material for upload in application.uploads.all() if upload.replaced_at is None}
    found.extend(
        Missing("materials", material.code, _("缺少附件：%(name)s") % {"name": material.name})
        for material in rules.materials
        if material.required and material.code not in have
    )
    return found


def section_faults(rules, section, answers):
    """Faults of one section's answers, as the form itself would name them."""
    form = section_form(rules, section)(data=answers, initial=answers)
    if form.is_valid():
        return []
    return [
        Missing(section.code, name, f"{form.fields[name].label}：{errors[0]}" if name in form.fields else errors[0])
        for name, errors in form.errors.items()
    ]


def progress(application):
    """(done, total) answers and files that are required."""
    rules = application.rules
    total = sum(1 for section in rules.sections for spec in section.fields if spec.required)
    total += sum(1 for material in rules.materials if material.required)
    lacking = len(missing(application))
    return max(total - lacking, 0), total
