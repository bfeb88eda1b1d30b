"""How the editor lays values out: which texts need room, which inputs show only beside a certain choice."""

# Texts that need room.
LONG = frozenset({
    "Document.body", "Agreement.text", "Certificate.paragraph", "Certificate.on_acceptance", "Notice.objection",
    "Recommendation.letter", "Section.help", "Criterion.guidance", "ChecklistItem.defect", "Rules.transition",
    "Confirm.reason", "Rules.basis", "Omitted.reason", "Words",
})  # fmt: skip
# Shown only where another key of the same table makes them mean something, or where they are written already.
_TYPES = {
    "max_length": ("text", "paragraph"), "minimum": ("integer", "decimal", "money", "percent"),
    "maximum": ("integer", "decimal", "money", "percent"), "choices": ("choice", "choices"), "columns": ("table",),
    "indicators": ("indicators",), "unit": ("text", "integer", "decimal", "money", "percent"),
}  # fmt: skip
ONLY_IF = {f"FieldSpec.{key}": ("type", types) for key, types in _TYPES.items()} | {
    "Cutoff.tie_criterion": ("tie", ("higher_criterion",)), "Quota.places": ("kind", ("absolute",)),
    "Quota.share_percent": ("kind", ("share",)), "Quota.by_place": ("kind", ("absolute", "share")),
    "Window.month_day": ("kind", ("batch", "standing")), "Applicants.most": ("per", ("project",)),
    "Term.first_day": ("style", ("stated",)), "Term.last_day": ("style", ("stated",)),
}  # fmt: skip
# Fixed when the draft begins, or never chosen.
FIXED = frozenset({"Rules.code"})


# Elements of one or two lines: shown open, one below the other.
SMALL = frozenset({"Words", "Choice", "Column", "Round", "AwardClass", "Grade", "Party", "Channel", "Omitted", "Confirm",
                    "ChecklistItem", "Band", "MidBand", "RenewalBand"})  # fmt: skip
