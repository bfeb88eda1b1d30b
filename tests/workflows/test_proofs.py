"""Proofs of rules documents: the catalogue holds, a document with a hole is refused with its story, and the door keeps
apart whom the proof takes to be kept apart."""

import pytest
from django.db import transaction

from accounts.acts import acts_of
from accounts.models import Grant, User
from accounts.roles import ADMINISTRATORS, REACH, UNGRANTABLE, Reach, Role
from pilots import catalogue
from pilots.catalogue import proved, proving
from pilots.models import Batch
from pilots.rules import loads
from pilots.rules.document import cached, read
from pilots.rules.lint import lint
from tests.world import _texts
from workflows import perform
from workflows.proofs import prove
from workflows.proofs.laws import ACROSS, LAWS, unexplained
from workflows.refusals import NotNow, Refused

CITY, TRIAL, ENTERPRISE = "pilot_demo_city", "service_cluster_trial_zone", "advantage_enterprise"


def test_the_proof_knows_every_act():
    assert unexplained() == {}


@pytest.mark.parametrize("code", catalogue.codes())
def test_every_programme_is_proved(code):
    proof = prove(cached(_texts()[code]))
    assert [str(item) for item in proof.broken] == []
    assert len(proof.held) == len(LAWS)
    assert proof.worlds > 100


def test_the_record_is_that_of_the_documents():
    assert proved.recorded() == {path.stem: proved.digest(read(path)) for path in catalogue.files()}


def test_the_publisher_asks_the_prover():
    assert proving.proven()
    assert proving.proof_of(_texts()[TRIAL]) == []


# --- documents with one hole: nothing is wrong in any line, and still they must not be lived by --------------------

_NOT_THEN = 'then = "deemed_withdrawn"\n'
STORIES = {
    "the experts conclude the acceptance": (
        TRIAL, 'code = "ACC"\nowner = "acceptance_group_lead"', 'code = "ACC"\nowner = "system"', "owner", "验收"),
    "re-examination is the scheduler's": (
        ENTERPRISE, 'code = "REX"\nowner = "province_officer"', 'code = "REX"\nowner = "public"', "owner", "复核"),
    "the plan is asked of an office that cannot file it": (
        CITY, 'code = "PLAN"\nowner = "applicant_leader"', 'code = "PLAN"\nowner = "document_clerk"', "owner", "待报建设方案"),
    "the summary is asked of the province": (
        CITY, 'code = "SELF"\nowner = "applicant_leader"', 'code = "SELF"\nowner = "province_officer"', "owner", "自评"),
    "the supplement is asked of the checker": (
        CITY, 'code = "SUPP"\nowner = "applicant_leader"', 'code = "SUPP"\nowner = "formality_checker"', "owner", "补正"),
    "a supplement that may be put off for ever": (CITY, _NOT_THEN, "", "silence", "补正"),
    "the site concludes its own acceptance": (
        TRIAL, 'code = "ACC"\nowner = "acceptance_group_lead"', 'code = "ACC"\nowner = "applicant_leader"', "separation", "验收"),
    "the site concludes its own re-examination": (
        ENTERPRISE, 'code = "REX"\nowner = "province_officer"', 'code = "REX"\nowner = "applicant_leader"', "separation", "复核"),
    "acceptance is nobody's": (
        TRIAL, 'code = "ACC"\nowner = "acceptance_group_lead"', 'code = "ACC"\nowner = "public"', "owner", "验收"),
    "the formality check belongs to one who cannot do it": (
        CITY, 'code = "FORM"\nowner = "formality_checker"', 'code = "FORM"\nowner = "auditor"', "owner", "形式审查"),
    "nobody can ever be accepted": (
        CITY, 'consequence = "accept"\nfollow_up = true', 'consequence = "new_round"\nfollow_up = true', "success", ""),
    "the list is drawn by the scheduler": (
        CITY, 'code = "CUT"\nowner = "programme_officer"', 'code = "CUT"\nowner = "system"', "owner", "评审"),
    "experts are drawn for a review that is the public's": (
        CITY, 'code = "EXP"\nowner = "expert"', 'code = "EXP"\nowner = "public"', "owner", "专家"),
    "the document is numbered by the leader alone": (
        CITY, 'code = "DOC"\nowner = "document_clerk"', 'code = "DOC"\nowner = "leader"', "owner", "发文"),
    "the notice is published by the experts": (
        CITY, 'code = "NOTC"\nowner = "publicity_officer"', 'code = "NOTC"\nowner = "expert"', "owner", "公示"),
}  # fmt: skip


def broken(code, old, new):
    text = _texts()[code]
    assert text.count(old) >= 1, f"{code} does not say {old}"
    return text.replace(old, new, 1)


@pytest.mark.parametrize("name", list(STORIES))
def test_a_hole_is_told_as_a_story(name):
    code, old, new, law, word = STORIES[name]
    text = broken(code, old, new)
    assert [item for item in lint(text, "", catalogue.codes()) if item.level == "error"] == []
    found = {item.law: item for item in prove(loads(text)).broken}
    assert law in found, sorted(found)
    story = found[law].story
    assert story
    assert all(line.startswith("第 ") for line in story)
    days = [int(line.split()[1]) for line in story]
    assert days == sorted(days)
    assert word in "".join(story) + found[law].wrong
    # Publication refuses it with the same words.
    assert any(found[law].wrong in item.text for item in proving.proof_of(text))


def test_a_story_is_a_shortest_one():
    text = broken(CITY, _NOT_THEN, "")
    (found,) = (item for item in prove(loads(text)).broken if item.law == "silence")
    # Opened, begun, submitted, recommended, asked: nothing that is not needed.
    assert [line.split("·")[2].split("→")[0].strip().split("（")[0] for line in found.story] == [
        "发布申报通知", "开始填报", "提交申报", "推荐", "一次性告知补正",
    ]  # fmt: skip


# --- what the proof takes for granted, held against the door -----------------------------------------------------


def everything(user, world):
    """All seats of business for one person; nobody holds an administrator's beside them."""
    for role in Role:
        if role not in UNGRANTABLE | ADMINISTRATORS and REACH[role] is not Reach.PERSONAL:
            place = world.place("上海市") if REACH[role] is Reach.PLACE else None
            Grant.objects.get_or_create(
                user=user, role=role, place=place, organisation=user.organisation if REACH[role] is Reach.ORGANISATION
                else None, defaults={"valid_from": world.start},
            )  # fmt: skip
    return User.objects.get(pk=user.pk)


def refusals(case, code, user, at):
    case = type(case).objects.select_related(*type(case).related).get(pk=case.pk)
    try:
        with transaction.atomic():
            perform(case, code, by=User.objects.get(pk=user.pk), at=at, data={}, reason="试")
            raise _Undo
    except NotNow as refusal:
        return {reason.code for reason in refusal.reasons}
    except Refused:
        return set()
    except _Undo:
        return {"done"}


class _Undo(Exception):
    """Takes an act back that went through."""


def batch_acts(origins):
    return sorted({act for origin, case, act in ACROSS if case == "batch" and origin in origins})


@pytest.mark.parametrize("who", ["submit", "score"])
def test_the_list_is_kept_from_those_who_applied_or_scored(world, who):
    walk, application = world.application(to="ready")
    walk.close()
    user = walk.leader_of(application) if who == "submit" else application.reviews.first().expert
    user = everything(user, world)
    expected = "own_application" if who == "submit" else "separation"
    states = {
        "draw_list": None,
        "next_round": None,
        "confirm": "listed",
        "countersign": "countersign",
        "sign": "leader",
    }
    for code in batch_acts({who}):
        act = acts_of(Batch)[code]
        case = Batch.objects.select_related(*Batch.related).get(pk=walk.batch.pk)
        for state in [states.get(code)] if states.get(code) else sorted(act.sources(Batch)):
            # The condition is asked of the case as it would stand then; nothing is saved.
            Batch.objects.filter(pk=case.pk).update(state=state) if state != case.state else None
            found = refusals(case, code, user, walk.at)
            assert expected in found or "not_used" in found, (code, state, found)
            Batch.objects.filter(pk=case.pk).update(state="reviewing")


def test_an_objection_is_kept_from_the_applicant(world):
    walk, application = world.application(to="ready")
    walk.close()
    walk.decide()
    case = None

    def during():
        nonlocal case
        case = walk.object(application)

    walk.notice(during)
    user = everything(walk.leader_of(application), world)
    for code in ("reject", "uphold"):
        assert "own_application" in refusals(case, code, user, walk.at), code
