"""Drafts through the door: what is refused and why, who may not publish, what publication makes."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from accounts.models import Grant, User
from accounts.roles import Role
from notifications.models import Deadline
from pilots.authoring import copying, saving
from pilots.authoring.writing import Writing
from pilots.catalogue import proving
from pilots.models import Programme, RulesDraft, RulesVersion
from pilots.rules.lint import Finding
from workflows import ledger, perform
from workflows.beginnings import begin_batch, begin_rules_draft
from workflows.models import LedgerEntry
from workflows.proofs.prover import findings as prover
from workflows.refusals import Denied, NotNow

pytestmark = pytest.mark.django_db
TRIAL = "service_cluster_trial_zone"


@pytest.fixture(autouse=True)
def _unproven():
    """The real prover takes seconds; tests that are about it put one in its place."""
    proving.forget(prover)
    yield
    proving.register(prover)


def person(world, name, *roles, programme=""):
    user = User.objects.create(username=name, name=name)
    for role in roles:
        Grant.objects.create(user=user, role=role, programme=programme, valid_from=world.start - timedelta(days=1))
    return user


def begun(world, by=None, *, new=False, text=None, code=TRIAL):
    base = world.programme().current
    text = text or copying.new_version(base, 2017)[0]
    return begin_rules_draft(
        base, by=by or world.cast["officer"], at=world.start, text=text, code=code, title="试验区", new=new
    ).obj


def new_text(world, **more):
    given = {"code": "export_base", "name": "出口基地", "short_name": "基地", "prefix": "CKJD"} | more
    return copying.new_programme(world.programme().current, 2017, **given)


def write(world, draft, *steps, by=None):
    """Changes a draft as the editor does."""
    draft.refresh_from_db()
    seen = saving.Seen()
    writing = Writing(draft.text)
    for name, *given in steps:
        getattr(writing, name)(*given)
    saving.save(
        draft, writing.text, by=by or world.cast["officer"], at=world.start, seen=seen, rev=seen.print_of(draft.text)
    )


def act(world, draft, code, by, **more):
    draft = RulesDraft.objects.get(pk=draft.pk)
    return perform(draft, code, by=by, at=world.start, **more).obj


def submitted(world, draft):
    return act(world, draft, "submit_rules", world.cast["officer"], data={"note": "提高名额。"})


def test_two_people_make_a_version(world):
    draft = begun(world)
    write(world, draft, ("set", ("quota", "places"), "3"))
    draft = submitted(world, draft)
    duty = Deadline.objects.of(draft).open().get()
    assert (duty.code, duty.role) == ("rules_review", Role.DIVISION_HEAD)
    done = act(world, draft, "publish_rules", world.cast["head"])
    assert done.state == "published"
    assert not Deadline.objects.of(draft).open().exists()
    version = done.published
    assert (version.version, version.published_by, version.text) == ("2017.1", world.cast["head"], done.text)
    assert world.programme().current == version
    assert world.programme().current.rules.quota.places == 3
    assert ledger.verify(done) == []
    assert version.sha256 in LedgerEntry.objects.filter(case_uuid=done.uuid).latest("seq").text


def test_a_published_version_never_changes(world):
    draft = submitted(world, begun(world))
    version = act(world, draft, "publish_rules", world.cast["head"]).published
    version.text += "\n# later"
    with pytest.raises(ValidationError):
        version.save()
    with pytest.raises(saving.NotEditable):
        write(world, RulesDraft.objects.get(), ("set", ("quota", "places"), "9"))


def test_whoever_wrote_does_not_publish(world):
    both = person(world, "both", Role.PROGRAMME_OFFICER, Role.DIVISION_HEAD)
    own = submitted(world, begun(world, by=both))
    with pytest.raises(NotNow, match=r"职责分离|编写或修改过"):
        act(world, own, "publish_rules", both)
    draft = begun(world)
    write(world, draft, ("set", ("quota", "places"), "3"), by=both)
    draft = submitted(world, draft)
    with pytest.raises(NotNow, match="编写或修改过"):
        act(world, draft, "publish_rules", both)
    with pytest.raises(Denied):
        act(world, draft, "publish_rules", world.cast["officer"])
    assert act(world, draft, "publish_rules", world.cast["head"]).state == "published"


def test_errors_are_named_one_by_one(world):
    draft = begun(world)
    write(world, draft, ("set", ("quota", "places"), "三个"), ("set", ("stage", 0, "owner"), "nobody"))
    with pytest.raises(NotNow) as refusal:
        submitted(world, draft)
    words = str(refusal.value)
    assert "quota.places" in words
    assert "须为整数" in words
    assert "stage.0.owner" in words
    with pytest.raises(NotNow, match="修改说明"):
        act(world, begun(world), "submit_rules", world.cast["officer"], data={"note": ""})


def test_errors_that_come_later_keep_it_from_publication(world):
    draft = submitted(world, begun(world))
    RulesVersion.objects.create(programme=world.programme(), version="2017.1", text="x", published_at=world.start)
    with pytest.raises(NotNow, match=r"版本号 2017\.1 已经发布过，可改为 2017\.2"):
        act(world, draft, "publish_rules", world.cast["head"])


def test_a_prover_that_answers_an_error_is_heard(world):
    asked = []

    def strict(text):
        asked.append(text)
        return [Finding(0, "error", "", "没有人办理的环节"), Finding(0, "warning", "", "只是提醒")]

    proving.register(strict)
    try:
        draft = begun(world)
        with pytest.raises(NotNow, match="推演：没有人办理的环节") as refusal:
            submitted(world, draft)
        assert "只是提醒" not in str(refusal.value)
        assert asked == [draft.text]
        with pytest.raises(NotNow):
            submitted(world, draft)
        assert len(asked) == 1, "an unchanged text is proved once"
    finally:
        proving.forget(strict)
    assert submitted(world, draft).state == "submitted"


def test_the_prover_of_the_floor_above_is_registered():
    proving.register(prover)
    assert proving.proven()
    assert "workflows.proofs.prover.findings" in proving.signature()


def test_the_code_is_fixed_and_names_do_not_collide(world):
    draft = begun(world)
    write(world, draft, ("set", ("code",), "another"), ("set", ("number_prefix",), "DHZX"))
    with pytest.raises(NotNow) as refusal:
        submitted(world, draft)
    assert "不能改" in str(refusal.value)
    taken = world.programme("patent_navigation_centre").current.rules.number_prefix
    write(world, draft, ("set", ("code",), TRIAL), ("set", ("number_prefix",), taken))
    with pytest.raises(NotNow, match=f"编号前缀 {taken} 已用于"):
        submitted(world, draft)


def test_a_new_programme_comes_into_being_and_takes_batches(world):
    draft = submitted(world, begun(world, new=True, text=new_text(world), code="export_base"))
    assert not Programme.objects.filter(code="export_base").exists()
    done = act(world, draft, "publish_rules", world.cast["head"])
    programme = Programme.objects.get(code="export_base")
    assert (programme.name, done.programme, programme.current) == ("出口基地", programme, done.published)
    batch = begin_batch(programme, by=world.cast["officer"], at=world.start, title="首批", opens_on=world.start.date(),
                        closes_at=world.start + timedelta(days=30), call_text="通知").obj  # fmt: skip
    assert batch.number.startswith("CKJD-P2017-")
    assert batch.rules.code == "export_base"
    with pytest.raises(NotNow, match="已有代码为"):
        begun(world, new=True, text=new_text(world), code="export_base")


def test_only_seats_over_all_programmes_found_one(world):
    one = person(world, "one", Role.PROGRAMME_OFFICER, programme=TRIAL)
    with pytest.raises(Denied):
        begun(world, by=one, new=True, text=new_text(world), code="export_base")
    assert begun(world, by=one).state == "editing"


def test_a_draft_goes_back_with_a_reason_or_is_dropped(world, browse, stand):
    draft = submitted(world, begun(world))
    with pytest.raises(NotNow, match="理由"):
        act(world, draft, "return_rules", world.cast["head"])
    draft = act(world, draft, "return_rules", world.cast["head"], reason="名额偏多。")
    assert draft.state == "editing"
    draft = act(world, submitted(world, draft), "discard_rules", world.cast["officer"], reason="不再需要。")
    assert draft.state == "discarded"
    stand(world.start)
    assert "草案已弃用" in browse(world.cast["officer"]).read(reverse("rules_draft", args=[draft.uuid]))


def test_a_version_published_meanwhile_is_told(world, browse, stand):
    first, second = begun(world), begun(world)
    act(world, submitted(world, first), "publish_rules", world.cast["head"])
    stand(world.start)
    officer = browse(world.cast["officer"])
    assert "此后已发布 2017.1" in officer.read(reverse("rules_draft", args=[second.uuid]))


def test_the_heads_list_of_work_leads_to_the_draft(world, browse, stand):
    draft = submitted(world, begun(world))
    stand(world.start + timedelta(hours=1))
    head = browse(world.cast["head"])
    assert draft.get_absolute_url() in head.get(reverse("tasks")).content.decode()
    page = head.read(draft.get_absolute_url())
    assert "发布规则" in page
    assert "由司局负责人办理" in page
    confirm = head.get(reverse("act", args=["rulesdraft", draft.uuid, "publish_rules"]))
    assert confirm.status_code in (200, 302)
