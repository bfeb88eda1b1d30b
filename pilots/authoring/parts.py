"""The pages of the editor: which keys of a document belong together, and where a path of it can be mended."""

from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from accounts.digits import whole
from pilots.authoring.slots import is_heavy, slot_at


@dataclass(frozen=True)
class Part:
    code: str
    label: object
    icon: str
    keys: tuple[str, ...]


PARTS = (
    Part("basics", _("基本信息"), "info",
         ("code", "version", "shape", "name", "short_name", "number_prefix", "division", "basis", "transition",
          "confidential", "sub_sites", "takes_over", "absorbs")),
    Part("applicants", _("申报主体与推荐"), "landmark", ("applicants", "recommendation", "window", "quota")),
    Part("form", _("申报表"), "file-text", ("section",)),
    Part("materials", _("材料"), "paperclip", ("upload_total_mb", "material")),
    Part("checklist", _("形式审查清单"), "clipboard-check", ("checklist",)),
    Part("stages", _("环节与时限"), "workflow", ("stage", "omitted")),
    Part("review", _("评审与名单"), "users", ("scoring", "cutoff", "class")),
    Part("papers", _("公示与发文"), "megaphone", ("signoff", "notice", "document", "agreement")),
    Part("certificate", _("证书"), "award", ("certificate",)),
    Part("term", _("期限与方案"), "calendar-range", ("term", "plan")),
    Part("reports", _("报告与指标"), "chart-column", ("report", "indicator")),
    Part("judging", _("中期、验收与复核"), "gavel", ("mid_term", "acceptance", "renewal")),
    Part("changes", _("变更、撤销与升级"), "refresh-cw", ("change", "revocation", "ban", "upgrade", "funding", "tranche")),
    Part("confirm", _("待确认事项"), "circle-question-mark", ("confirm",)),
)  # fmt: skip
# The reader checks it; nobody has to choose it.
HIDDEN = frozenset({"schema"})
BY_CODE = {part.code: part for part in PARTS}
_OF_KEY = {key: part for part in PARTS for key in part.keys}


def part_of(path):
    """The page a path of the document belongs to; the first one for the document as a whole."""
    return _OF_KEY.get(path[0] if path else "", PARTS[0])


def split(dotted):
    """「stage.3.due」 as ("stage", 3, "due")."""
    numbers = ((part, whole(part)) for part in dotted.split(".") if part)
    return tuple(part if number is None else number for part, number in numbers)


def joined(path):
    """("stage", 3, "due") as 「stage.3.due」."""
    return ".".join(str(part) for part in path)


def located(data, dotted):
    """The path of a value with numbers for its elements; findings name elements by their code (`stage.PLAN.due`).

    Stops where the document ends: a missing key is mended at what is around it.
    """
    path, here = (), data
    for part in dotted.split(".") if dotted else ():
        if isinstance(here, list):
            number = whole(part)
            index = _index(here, part) if number is None else number
            if index is None or index >= len(here):
                return path
            path, here = (*path, index), here[index]
        elif isinstance(here, dict):
            path, here = (*path, part), here.get(part)
        else:
            return path
    return path


def _index(rows, code):
    return next((index for index, row in enumerate(rows) if isinstance(row, dict) and row.get("code") == code), None)


def page_of(path):
    """(part, path of the element with a page of its own or ()) where a value can be mended."""
    part = part_of(path)
    for depth in range(1, len(path) + 1):
        if isinstance(path[depth - 1], int):
            slot = slot_at(path[: depth - 1])
            if slot is not None and is_heavy(slot):
                return part, path[:depth]
    return part, ()
