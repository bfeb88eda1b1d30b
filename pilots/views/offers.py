"""The action panel of an application, cut to what this person may know."""

from django.utils.translation import gettext as _

from accounts.roles import Role
from pilots.acts.application import APPLICANT
from pilots.views.look import url_or_none
from workflows import explain
from workflows.offers import panel, shown


def panel_for(application, viewer, at):
    """Offers for {% actions %}. Officials see every act with who can do it; applicants and experts only
    their own acts and those of their own people: who reviews and what is still awaited is not theirs to know."""
    if viewer.inside:
        return panel(application, viewer.user, at)
    return [
        shown(application, offer)
        for offer in explain(application, viewer.user, at)
        if offer.role is not None or (viewer.mine and not set(offer.act.seats(application)).isdisjoint(APPLICANT))
    ]


def told(offers, inside, *, besides=()):
    """Offers of `panel` as a reader may know them: names of officials, and what stands in their way, stay with officials.
    The people of a case, and those who judge it, read what they may do, and of acts named in `besides` why not."""
    return offers if inside else [offer for offer in offers if offer["allowed"] or offer["code"] in besides]


def waiting_for(deadlines):
    """「目前由省局推荐员办理」 for people outside, or an empty string."""
    roles = list(dict.fromkeys(Role(row.role).label for row in deadlines if row.role != Role.SYSTEM))
    return _("目前由%(roles)s办理。") % {"roles": _("、").join(str(role) for role in roles)} if roles else ""


def edit_url(application, section="preview"):
    """Where the form of an application is filled in."""
    return url_or_none("application_edit", application.uuid, section)
