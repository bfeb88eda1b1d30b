"""The years of a site as a strip of steps, in the shape of its programme."""

from django.utils.translation import gettext as _

from pilots.agreements import next_party
from pilots.models import DesignationState as D
from pilots.models import Filing
from pilots.models.designation import HELD, OVER, RUNNING
from pilots.timing import end_of_title

_DONE_WELL = frozenset({D.ACCEPTED, D.NEW_ROUND})
# A title that ends this way was not lost: it goes on under another name.
PASSED_ON = frozenset({D.SUCCEEDED, D.MERGED})
# Of the reports of a title without a last day only the latest are drawn.
_LATEST = 3
_MOST = 8


def track(site, filings):
    """Items for {% steps %}: approval, agreement, plan, reports, then acceptance and operation, or the title itself."""
    rows = [_step(_("批复设立"), "done", (site.batch.document_date or site.term_start).isoformat())]
    rows += _entry(site, filings)
    since = site.operating_since
    reports = [row for row in filings if row.kind == Filing.Kind.REPORT and row.returned_at is None]
    if site.rules.acceptance:
        # The reports of its operation stand behind its acceptance.
        rows += _reports(site, [row for row in reports if since is None or (row.due_on and row.due_on <= since)])
        rows += _built(site, filings)
        rows += _reports(site, [row for row in reports if since is not None and row.due_on and row.due_on > since])
    else:
        rows += _reports(site, [row for row in reports if row.filed_at])
        rows += [_held(site)]
        rows += _reports(site, [row for row in reports if not row.filed_at])
        rows += _renewals(site, ahead=site.state == D.HOLDING) if site.rules.renewal is not None else []
    rows += _ended(site)
    if not any(row["state"] == "now" for row in rows) and site.state in RUNNING - {D.RESTRICTED}:
        # Between two papers the site is simply building.
        waiting = next((row for row in rows if row["state"] == "todo"), None)
        if waiting is not None:
            waiting["state"] = "now"
    return rows


def _step(label, state, note=""):
    return {"label": label, "state": state, "note": note}


def _later(site):
    """How a step looks that was not reached: still ahead, or left out because the title is over."""
    return "skipped" if site.state in OVER and site.state not in _DONE_WELL else "todo"


def _missed(site, row):
    """How a report looks that was not filed: a fault where its day came while the title stood."""
    late = site.ended_on is not None and row.due_on is not None and row.due_on <= site.ended_on
    return "bad" if late and site.state not in _DONE_WELL else _later(site)


def _unmet(site):
    """What was owed before the title began: whoever exited without it has missed it."""
    return "bad" if site.state == D.EXITED else _later(site)


def _entry(site, filings):
    """Agreement and plan, where they are used."""
    rows, rules = [], site.rules
    if rules.agreement is not None:
        signed, of = len(site.signatures.all()), len(rules.agreement.parties)
        done = next_party(site) is None
        state = "done" if done else "now" if site.state == D.AGREEMENT_DUE else _unmet(site)
        note = "" if done else _("%(n)s／%(of)s 方已签") % {"n": signed, "of": of}
        rows.append(_step(_("签订协议"), state, note))
    if rules.uses("PLAN"):
        filed = any(row.kind == Filing.Kind.PLAN and row.filed_at for row in filings)
        state = "done" if filed else "now" if site.state == D.PLAN_DUE else _unmet(site)
        rows.append(_step(_("建设方案"), state))
    return rows


def _reports(site, reports):
    """Every report; of a title that goes on and on the latest ones and the next."""
    waiting = next((row for row in reports if not row.filed_at), None)
    if len(reports) > _MOST:
        filed = [row for row in reports if row.filed_at]
        reports = filed[-_LATEST:] + [row for row in reports if not row.filed_at][:_LATEST]
    rows = []
    for row in reports:
        current = row is waiting and site.state == D.BUILDING
        state = "done" if row.filed_at else "now" if current else _missed(site, row)
        note = "" if row.filed_at or not row.due_on else row.due_on.isoformat()
        rows.append(_step(_("%(period)s 报告") % {"period": row.period}, state, note))
    return rows


def _built(site, filings):
    """Self-evaluation, acceptance, and what follows a good one."""
    rules, state, rows = site.rules, site.state, []
    runs = any(band.consequence == "operate" for band in rules.acceptance.bands)
    # A title that was lost after its acceptance was accepted all the same.
    well = state in _DONE_WELL or site.operating_since is not None or (site.valid_until is not None and state in OVER)
    if rules.uses("SELF"):
        done = well or any(row.kind == Filing.Kind.SELF_EVALUATION and row.filed_at for row in filings)
        owed = "bad" if state == D.EXITED and site.plan_filed_at is not None else _later(site)
        now = state == D.SELF_EVALUATION
        rows.append(_step(site.words_of(D.SELF_EVALUATION), "done" if done else "now" if now else owed))
    now = state in (D.PRE_ACCEPTANCE, D.ACCEPTANCE, D.RECTIFYING)
    note = site.get_state_display() if now else site.grade_shown if site.score is not None else ""
    label = site.words_of(D.ACCEPTANCE) if rules.shape == "VI" else _("绩效评价") if rules.shape == "V" else _("验收")
    rows.append(_step(label, "done" if well else "now" if now else _later(site), note))
    if runs:
        rows.append(_running(site))
    if rules.renewal is not None:
        rows += _renewals(site, ahead=state == D.ACCEPTED)
    return rows


def _running(site):
    """What was built and runs; restricted is a fault, not an end."""
    note = site.operating_since.isoformat() if site.operating_since else ""
    if site.state == D.RESTRICTED:
        return _step(_("运行"), "bad", site.get_state_display())
    if site.state == D.OPERATING:
        return _step(_("运行"), "now", note)
    return _step(_("运行"), "done" if site.operating_since else _later(site), note)


def _held(site):
    """A title without a day of acceptance: it counts until its last day, or until it is taken away."""
    entered = site.state in HELD or (site.state in OVER and site.state != D.EXITED)
    last = end_of_title(site)
    note = last.isoformat() if last else _("长期")
    asked = site.renewal_filed_at is not None and site.state == D.HOLDING
    state = "done" if asked or site.state in OVER else "now" if site.state == D.HOLDING else _later(site)
    return _step(site.words_of(D.HOLDING), state if entered else _later(site), note if entered else "")


def _renewals(site, *, ahead):
    """Re-examination: asked for, passed, or still ahead."""
    renewed = any(row.kind == "renewal" and row.state != "revoked" for row in site.certificates.all())
    if site.renewal_filed_at is not None and ahead:
        return [_step(_("复核"), "now", _("已申请"))]
    if site.state in OVER and not ahead:
        return [_step(_("复核"), "done" if renewed else "bad" if site.state == D.LAPSED else "skipped")]
    return [_step(_("复核"), "todo", _("上次已通过") if renewed else "")]


def _ended(site):
    """The end itself, where it is not the acceptance."""
    if site.state in PASSED_ON:
        return [_step(site.get_state_display(), "done", site.ended_on.isoformat())]
    if site.state in OVER and site.state not in _DONE_WELL:
        return [_step(site.get_state_display(), "bad", site.ended_on.isoformat())]
    return []


__all__ = ["track"]
