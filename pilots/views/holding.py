"""What the page of a site tells of its title: agreement, money, branches, yearly assessments, and whose place it took."""

from decimal import Decimal

from django.db.models import Exists, OuterRef, Prefetch, Q
from django.urls import reverse
from django.utils.translation import gettext as _

from pilots import agreements
from pilots.acts.holding import AddSubSite, CloseSubSite
from pilots.models import AgreementSignature, Designation, Filing, SubSite, Tranche
from pilots.models import DesignationState as D
from pilots.timing import end_of_title
from pilots.views.look import programme_name, state_of

_TONES = {
    Tranche.State.DUE: ("warn", "clock"),
    Tranche.State.RELEASED: ("ok", "circle-check"),
    Tranche.State.WITHHELD: ("bad", "ban"),
    Tranche.State.RECOVERED: ("bad", "undo-2"),
}
_GRADES = {"excellent": "ok", "none": "info", "restrict": "bad", "propose_revocation": "bad"}


def wanted(site):
    """What to read ahead for the cards the rules of a site draw: one statement each, however many rows."""
    rules, found = site.rules, []
    if rules.agreement is not None:
        found.append(Prefetch("signatures", AgreementSignature.objects.select_related("by")))
    if rules.funding is not None:
        found.append("tranches")
    if rules.sub_sites:
        found.append(Prefetch("sub_sites", SubSite.objects.select_related("place")))
    return found


def cards(site, authority, offers, log):
    """Context of the cards; empty values draw nothing. `log` holds the ledger rows of the site, newest first."""
    may = {offer["code"]: offer["url"] for offer in offers if offer["allowed"]}
    return {
        "agreement": agreement_of(site),
        "money": money_of(site),
        "branches": branches_of(site, may),
        "assessments": assessments_of(site),
        "holding": holding_of(site),
        "restricted": restricted_because(site, log),
        "relatives": relatives_of(site, authority),
    }


def agreement_of(site):
    """The parties in the order of the rules, who has signed, whose turn it is, and the text."""
    rules = site.rules.agreement
    if rules is None:
        return None
    signed = {row.party: row for row in site.signatures.all()}
    turn = agreements.next_party(site) if site.state == D.AGREEMENT_DUE else None
    title, _rest, text = agreements.text_of(site).partition("\n")
    return {
        "title": title,
        "text": text.strip(),
        "signed": len(signed),
        "of": len(rules.parties),
        "parties": [
            {"name": party.name, "row": signed.get(number), "turn": turn is not None and turn[0] == number}
            for number, party in enumerate(rules.parties)
        ],
    }


def money_of(site):
    """Tranches with their amounts in 万元, and the sums of what was planned, paid, withheld and recovered."""
    rules = site.rules
    if rules.funding is None:
        return None
    rows, sums = [], {"planned": Decimal(0), "paid": Decimal(0), "withheld": Decimal(0), "recovered": Decimal(0)}
    for row in site.tranches.all():
        tone, icon = _TONES.get(row.state, ("neutral", "hourglass"))
        cut = row.planned - row.amount if row.amount is not None and row.amount < row.planned else None
        rows.append(
            {
                "row": row,
                "name": rules.tranches[row.number - 1].name if row.number <= len(rules.tranches) else row.name,
                "tone": tone,
                "icon": icon,
                "cut": cut,
            }
        )
        sums["planned"] += row.planned
        sums["paid"] += row.amount if row.state in (Tranche.State.RELEASED, Tranche.State.RECOVERED) else 0
        sums["withheld"] += cut or 0
        sums["recovered"] += row.recovered or 0
    return {"rows": rows, "payer": rules.funding.payer, **sums}


def branches_of(site, may):
    """Branches and parks that stand, then those that were closed, and the ways to add or close one."""
    if not site.rules.sub_sites:
        return None
    rows = list(site.sub_sites.all())
    return {
        "standing": [row for row in rows if row.closed_on is None],
        "closed": [row for row in rows if row.closed_on is not None],
        "add": may.get(AddSubSite.code, ""),
        "close": may.get(CloseSubSite.code, ""),
    }


def assessments_of(site):
    """The grade of each yearly report, newest first, in the reader's language."""
    report = site.rules.report
    if report is None or not report.grades:
        return []
    grades = {grade.code: grade for grade in report.grades}
    rows = [row for row in site.filings.all() if row.kind == Filing.Kind.REPORT and row.grade in grades]
    rows.sort(key=lambda row: (row.period, row.revision), reverse=True)
    return [
        {"row": row, "grade": grades[row.grade].name, "tone": _GRADES[grades[row.grade].effect],
         "effect": grades[row.grade].effect}
        for row in rows
    ]  # fmt: skip


def holding_of(site):
    """What the title itself says: class, last day or none, in operation since."""
    return {
        "award": site.grade_shown if site.rules.classes else "",
        "open_ended": is_open_ended(site),
        "last": end_of_title(site),
        "operating_since": site.operating_since,
    }


def is_open_ended(site):
    """True for a title that no day ends: a prize, a listing, what runs."""
    return site.operating_since is not None or site.term_end is None


def restricted_because(site, log):
    """Why a site is restricted: the reason of the act, or the note under the report that led to it."""
    if site.state != D.RESTRICTED:
        return ""
    entry = next((row for row in log if row.act == "restrict"), None)
    if entry is not None and entry.reason:
        return entry.reason
    reports = [row for row in assessments_of(site) if row["effect"] == "restrict"]
    if not reports:
        return ""
    last = reports[0]
    words = _("%(period)s 年度考核：%(grade)s") % {"period": last["row"].period, "grade": last["grade"]}
    return _("%(what)s；%(note)s") % {"what": words, "note": last["row"].note} if last["row"].note else words


# How a site is related to another one, in the order of the card.
def relatives_of(site, authority):
    """[{"how", "case", "state", "programme", "url"}] of the titles before and after this one; one statement. Those the
    reader may not open have no address."""
    alone = site.predecessor_id is None and site.merged_into_id is None and site.state != D.SUCCEEDED
    if alone and not site.rules.absorbs and not site.batch.programme.absorbed_by:
        return None
    seen = Designation.objects.visible_to(authority).filter(pk=OuterRef("pk"))
    related = Q(predecessor=site) | Q(merged_into=site)
    related |= Q(pk__in=[pk for pk in (site.predecessor_id, site.merged_into_id) if pk])
    rows = (
        Designation.objects.filter(related)
        .annotate(seen=Exists(seen))
        .select_related("batch__programme", "place")
        .defer("batch__call_text")
        .order_by("pk")
    )
    found = {"predecessor": [], "successor": [], "into": [], "absorbed": []}
    for row in rows:
        how = (
            "predecessor" if row.pk == site.predecessor_id
            else "into" if row.pk == site.merged_into_id
            else "successor" if row.predecessor_id == site.pk else "absorbed"
        )  # fmt: skip
        found[how].append(
            {
                "case": row,
                "state": state_of(row),
                "programme": programme_name(row.batch.programme),
                "url": reverse("designation", args=[row.uuid]) if row.seen else "",
            }
        )
    return found if any(found.values()) else None
