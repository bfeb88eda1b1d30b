"""Offers of `explain` in the shape the action panel shows."""

from datetime import datetime
from typing import Any

from django.urls import reverse

from accounts import clock
from accounts.acts import acts_of
from accounts.roles import Role
from workflows.explaining import Offer, explain
from workflows.models import CaseProcess, LedgerEntry

_TONES = {"danger": "bad"}


def act_url(case: Any, act: Any) -> str:
    """Where an act is done: its own page, or the generic one."""
    if act.page:
        return reverse(act.page, args=[case.uuid])
    return reverse("act", args=[case._meta.model_name, case.uuid, act.code])


def shown(case: Any, offer: Offer) -> dict[str, Any]:
    """One offer as the panel shows it: with its address, every reason why not, and who can."""
    return {
        "code": offer.code,
        "label": offer.act.label,
        "tone": _TONES.get(offer.act.tone, offer.act.tone),
        "icon": offer.act.icon,
        "url": act_url(case, offer.act),
        "allowed": offer.allowed,
        "reasons": [reason.text for reason in offer.reasons if reason.code != "no_seat"],
        "who": offer.who,
        # Only what is on a road waits; a member of the pool does not.
        "waiting_days": offer.waiting_days if case._meta.model_name in CaseProcess.CASES else 0,
    }


def panel(case: Any, user: Any, at: datetime) -> list[dict[str, Any]]:
    """Every act on the road now: possible ones with their address, the others with every reason and who can."""
    return [shown(case, offer) for offer in explain(case, user, at)]


def log(case: Any, limit: int | None = None) -> list[dict[str, Any]]:
    """The ledger of a case as a timeline, newest first."""

    acts = acts_of(case)
    rows = LedgerEntry.objects.filter(case_uuid=case.uuid).order_by("-seq")[:limit]
    return [
        {
            "title": acts[row.act].done if row.act in acts else row.act,
            "meta": f"{row.actor_name} · {Role(row.role).label}" if row.actor_id else Role(row.role).label,
            "text": row.reason,
            "at": row.at.astimezone(clock.SHANGHAI).strftime("%Y-%m-%d %H:%M"),
            "tone": {"danger": "bad", "primary": "ok"}.get(acts[row.act].tone if row.act in acts else "", ""),
        }
        for row in rows
    ]
