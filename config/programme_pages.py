"""`docs/programmes/`: a page, a picture and a BPMN file per programme, the matrix, all made from the rules."""

from pathlib import Path

from django.conf import settings
from django.utils.translation import override

from config import rules_reference
from config.demo.paths import PATHS
from config.management.commands.messages import compile_catalogue
from pilots import catalogue
from pilots.rules.document import cached, read
from pilots.rules.stages import STAGE_LABELS
from workflows.charts import chart_of
from workflows.charts.bpmn import export
from workflows.charts.chart import seat_name
from workflows.charts.matrix import cell, differences, reference, stages
from workflows.charts.papers import papers_of
from workflows.charts.svg import draw

FOLDER = Path(settings.BASE_DIR) / "docs" / "programmes"
REFERENCE = FOLDER.parent / rules_reference.NAME
_SHAPES = {
    "I": "designate, run, accept", "II": "approve to build, accept, operate", "III": "cultivate, recognise, renew",
    "IV": "recognise for a term, assess yearly, re-examine", "V": "competitive funding", "VI": "contract project",
    "VII": "prize", "VIII": "filing and listing",
}  # fmt: skip
_UNITS = {"working": "working days", "calendar": "calendar days", "month": "months", "year": "years"}
_MADE = "Made by `./manage.py programmes pages` from the rules; do not edit.\n"


def write():
    """Writes what is not up to date, drops what has no programme any more; returns the names of what changed."""
    wanted, changed = build(), []
    FOLDER.mkdir(parents=True, exist_ok=True)
    reference = rules_reference.build()
    if _reference() != reference:
        REFERENCE.write_text(reference, encoding="utf-8")
        changed.append(rules_reference.NAME)
    for path in FOLDER.iterdir():
        if path.name not in wanted:
            path.unlink()
            changed.append(path.name)
    for name, content in wanted.items():
        path = FOLDER / name
        if not path.exists() or path.read_bytes() != content:
            path.write_bytes(content)
            changed.append(name)
    return changed


def stale():
    """Names of files that are not what the rules would make of them now, missing and left-over ones among them."""
    wanted = build()
    there = {path.name for path in FOLDER.iterdir()} if FOLDER.exists() else set()
    old = [name for name, content in wanted.items() if name in there and (FOLDER / name).read_bytes() != content]
    if _reference() != rules_reference.build():
        old.append(rules_reference.NAME)
    return sorted({*old, *(there ^ set(wanted))})


def _reference():
    return REFERENCE.read_text(encoding="utf-8") if REFERENCE.exists() else ""


def build():
    """{name: bytes} of everything in docs/programmes. The English names of seats come from the compiled catalogue."""
    compile_catalogue()
    rules = [cached(read(path)) for path in catalogue.files()]
    found = {}
    with override("en"):
        for one in rules:
            found[f"{one.code}.md"] = _page(one).encode()
            found[f"{one.code}.svg"] = draw(one).encode()
            found[f"{one.code}.bpmn"] = export(one)
        found["README.md"] = _index(rules).encode()
        found["matrix.md"] = _matrix(rules).encode()
    return found


def _period(period):
    return f"{period.n} {_UNITS[period.unit]}" if period else "—"


def _cells(*cells):
    return "| " + " | ".join(str(text).replace("|", "\\|").replace("\n", " ") for text in cells) + " |\n"


def _table(heads, rows):
    return _cells(*heads) + _cells(*("---" for _ in heads)) + "".join(_cells(*row) for row in rows) + "\n"


def _index(rules):
    rows = [
        (f"[`{one.code}`]({one.code}.md)", one.name.zh, one.name.en, f"{one.shape}: {_SHAPES[one.shape]}",
         len(one.confirm) or "") for one in rules
    ]  # fmt: skip
    return (
        f"# Programmes\n\n{_MADE}\n"
        f"The catalogue: {len(rules)} programmes, each a rules document under `pilots/catalogue/`. How one is written is "
        "told in [authoring.md](../authoring.md); which stages each uses beside the brief's table, and why, in "
        "[matrix.md](matrix.md). Card 19 of the brief (indicators of protection) and its §1.7 have no applicants and no "
        "life, so they are no programmes here.\n\n"
        + _table(("code", "中文", "English", "shape", "to be confirmed"), rows)
    )


def _matrix(rules):
    codes = stages()
    rows = [(f"[{one.code}]({one.code}.md)", one.shape, *(cell(one, code) for code in codes)) for one in rules]
    different = [item for one in rules for item in differences(one)]
    told = [
        (item.programme, item.stage, item.there, item.here, f"{item.reason.zh}<br>{item.reason.en}" if item.reason else "")
        for item in different
    ]  # fmt: skip
    beyond = [one.code for one in rules if one.code not in reference()]
    return (
        f"# Programme × stage\n\n{_MADE}\n"
        "R: used; O: used, may be passed over; -: not used. The reference is the table of the brief (programmes.md §3.1), "
        "kept as `pilots/catalogue/reference_matrix.csv`; there R and r are required (seen, or by practice), O and o "
        f"optional. Not in the reference: {', '.join(beyond) or 'none'}.\n\n"
        + _table(("programme", "shape", *codes), rows)
        + f"## Differences, with their reasons ({len(told)})\n\n"
        "Every cell the reference has as R is used. An optional stage (o) that is used is not skipped by the system: it is "
        "a decision of the rules, and the note says why.\n\n"
        + _table(("programme", "stage", "reference", "here", "reason"), told)
    )


def _page(one):
    chart = chart_of(one)
    facts = [
        ("Shape", f"{one.shape}: {_SHAPES[one.shape]}"),
        ("Version", one.version),
        ("Division", f"{one.division.zh} · {one.division.en}"),
        ("Who applies", f"{', '.join(one.applicants.kinds)}; one application per {one.applicants.per}"),
        ("Recommended by", ", ".join(f"{item.name.zh} · {item.name.en}" for item in one.recommendation.channels) or "nobody"),
        ("Window", f"{one.window.kind}" + (f", {_period(one.window.period)}" if one.window.period else "")
         + (f", until {one.window.month_day} every year" if one.window.month_day else "")),
        ("Quota", _quota(one.quota)),
        ("Public notice", _period(one.notice.period) if one.notice else "none"),
        ("Document", f"{one.document.kind}, series {one.document.series}, one per {one.document.per}"),
        ("Joint with", ", ".join(item.zh for item in one.signoff.joint_ministries) or "nobody"),
        ("Term", f"{one.term.months} months, {one.term.style}, from the {one.term.anchor.replace('_', ' ')}"
         if one.term.months else "no last day"),
        ("Leads to", f"[`{one.upgrade.target}`]({one.upgrade.target}.md), {one.upgrade.precondition.replace('_', ' ')}"
         if one.upgrade else "nothing higher"),
        ("Form", f"{sum(len(part.fields) for part in one.sections)} questions in {len(one.sections)} parts, "
                 f"{len(one.materials)} materials"),
    ]  # fmt: skip
    steps = [
        (stage.code, f"{STAGE_LABELS[stage.code][0]} · {STAGE_LABELS[stage.code][1]}", seat_name(str(stage.owner)),
         _period(stage.due), stage.then.replace("_", " ") or "", "; ".join(f"{item.zh}" for item in papers_of(one, stage.code)))
        for stage in one.stages
    ]  # fmt: skip
    ways = [
        (f"`{name}`", _end(path.end(one)), (path.live.__doc__ or "").split("\n")[0])
        for name, path in PATHS.items() if path.possible(one)
    ]  # fmt: skip
    parts = [
        f"# {one.name.zh} · {one.name.en}\n\n{_MADE}\n",
        f"Rules: [`pilots/catalogue/{one.code}.toml`](../../pilots/catalogue/{one.code}.toml). "
        f"{len(chart.nodes)} steps, drawn below; the same as BPMN 2.0: [{one.code}.bpmn]({one.code}.bpmn).\n\n",
        f"![Flow of {one.name.en}]({one.code}.svg)\n\n",
        _table(("", ""), facts),
        "Sources: " + "; ".join(one.basis) + "\n\n" if one.basis else "",
        "## Stages\n\n",
        _table(("code", "stage", "seat", "time", "by itself", "papers"), steps),
        _bands(one),
        "## Ways a life can go\n\n",
        f"`./manage.py play {one.code} --path NAME` lives each of them; they are tests.\n\n",
        _table(("path", "ends", "what happens"), ways),
        _confirm(one),
    ]
    return "".join(parts)


def _quota(quota):
    match quota.kind:
        case "absolute":
            return f"{quota.places} per province"
        case "share":
            return f"{quota.share_percent} % of the titles the province holds"
        case "rank_only":
            return "none; the order of the province counts"
        case _:
            return "none"


def _end(end):
    return ", ".join(f"{name} {state}" for name, state in (
        ("application", end.application), ("site", end.designation), ("certificate", end.certificate)) if state)  # fmt: skip


def _bands(one):
    tables = [("Acceptance", one.acceptance), ("Mid-term", one.mid_term), ("Re-examination", one.renewal)]
    found = ""
    for title, block in tables:
        bands = getattr(block, "bands", [])
        if bands:
            rows = [
                (band.floor, f"{band.name.zh} · {band.name.en}", band.consequence.replace("_", " ")) for band in bands
            ]
            found += f"### {title}: bands (points of 100)\n\n" + _table(("from", "grade", "consequence"), rows)
    return found


def _confirm(one):
    if not one.confirm:
        return ""
    rows = [(f"`{item.path}`", item.reason) for item in one.confirm]
    return (
        f"## To be confirmed by the customer ({len(rows)})\n\nNo source gives these values; they run as proposed.\n\n"
        + _table(("value", "why"), rows)
    )
