"""Who is told of what an act has done: those who have new work, and those it was about."""

from typing import Any

from accounts.acts import Deed
from accounts.holders import holders
from accounts.roles import Role
from notifications import outbox, wordings
from notifications.duties import Plan
from notifications.models import Message

# Outcomes the applicant hears of, whoever has new work because of them.
TO_APPLICANT = frozenset({
    "recommend", "decline", "return_to_applicant", "accept", "deem_accept", "ask_supplement", "reject", "deem_withdrawn",
    "not_select", "list_as_proposed", "hold", "release", "remove", "approve", "conclude", "revoke", "deem_waived",
    "deem_exited", "fail_rectification", "issue",
    # During the term and after it.
    "confirm", "decide", "refuse", "final_notice", "pass_report", "return_report", "confirm_figure",
    "refuse_figure", "assess_mid_term", "pre_accept", "return_self_evaluation", "propose_revocation",
    "record_hearing", "drop_revocation", "deem_not_followed_up", "lapse", "renew", "refuse_renewal", "follow_place",
    # Titles that are held.
    "sign_agreement", "expire", "assess_renewal", "restrict", "lift_restriction", "succeed", "merge", "convert",
    "release_tranche", "recover_tranche", "go_on", "carry_over",
})  # fmt: skip

APPLICANTS = frozenset({Role.APPLICANT_LEADER, Role.APPLICANT_CONTACT})


def messages(case: Any, act: Any, deed: Deed, entry: Any, plan: Plan) -> list[Message]:
    """Every message an act gives rise to: opened and moved duties, the outcome to the applicant and whom the act names."""
    told = [row for row in plan.opened if row.ladder]
    changed = [row for row in plan.moved if row.ladder]
    applicant = act.code in TO_APPLICANT and case._meta.label_lower != "pilots.batch"
    roles = {Role(row.role) for row in (*told, *changed) if row.user_id is None}
    if applicant:
        roles |= APPLICANTS
    found = holders(roles, case.scope(), deed.at) if roles else {}
    if not (told or changed or applicant or deed.tell):
        return []
    rows: list[Message] = []
    book = wordings.book()
    for kind, deadlines in (("duty_opened", told), ("date_changed", changed)):
        for row in deadlines:
            people = [row.user] if row.user_id else found.get(Role(row.role), [])
            key = f"{kind}:{row.uuid}:{row.due_version}"
            rows += outbox.write(
                kind, key, people, deed.at, url=row.subject_url, duty=row, book=book, **outbox.about(row)
            )
    if applicant:
        people = _unique(found.get(Role.APPLICANT_LEADER, []), found.get(Role.APPLICANT_CONTACT, []))
        rows += outbox.write(
            "outcome", f"outcome:{entry.case_uuid}:{entry.seq}", people, deed.at, url=case.get_absolute_url(),
            programme=case.scope().programme, book=book, case=case, done=act.done, reason=deed.reason,
        )  # fmt: skip
    for hearer in deed.tell:
        if hearer.user == deed.by:
            continue
        # No group hears of it: what is about one person is that person's.
        rows += outbox.write(
            "outcome", f"outcome:{entry.case_uuid}:{entry.seq}", [hearer.user], deed.at, url=hearer.url, book=book,
            case=hearer.case, done=act.done, reason=deed.reason,
        )  # fmt: skip
    return rows


def _unique(*groups: list[Any]) -> list[Any]:
    return list({user.pk: user for people in groups for user in people}.values())
