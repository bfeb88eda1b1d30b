"""The action panel of an application, cut to what this person may know."""

from django.utils.translation import gettext as _

from accounts.roles import Role
from pilots.acts.application import APPLICANT
from pilots.views.look import url_or_none
from workflows import explain
from workflows.offers import act_url, panel


def panel_for(application, viewer, at):
    """Offers for {% actions %}. Officials see every act with who can do it; applicants and experts only
    their own
    acts and those of their own people: who reviews and what is still awaited is not theirs to know."""
    if viewer.inside:
        return panel(application, viewer.user, at)
    shown = []
    for offer in explain(application, viewer.user, at):
        seats = set(offer.act.seats(application))
        ours = viewer.mine and not seats.isdisjoint(APPLICANT)
        if offer.role is None and not ours:
            continue
        shown.append(
            {
                "code": offer.code,
                "label": offer.act.label,
                "tone": {"danger": "bad"}.get(offer.act.tone, offer.act.tone),
                "icon": offer.act.icon,
                "url": act_url(application, offer.act),
                "allowed": offer.allowed,
                "reasons": [reason.text for reason in offer.reasons if reason.code != "no_seat"],
                "who": offer.who,
                "waiting_days": offer.waiting_days,
            }
        )
    return shown


def waiting_for(deadlines):
    """「目前由省局推荐员办理」 for people outside, or an empty string."""
    roles = list(dict.fromkeys(Role(row.role).label for row in deadlines if row.role != Role.SYSTEM))
    return _("目前由%(roles)s办理。") % {"roles": _("、").join(str(role) for role in roles)} if roles else ""


def edit_url(application, section="preview"):
    """Where the form of an application is filled in."""
    return url_or_none("application_edit", application.uuid, section)
