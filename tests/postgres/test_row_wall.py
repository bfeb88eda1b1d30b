"""The second wall: what the database lets through is what `visible_to` says, asked as a role the policies count for."""

import subprocess

import psycopg
import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connection, transaction
from django.db.utils import OperationalError, ProgrammingError
from django.test import Client

from accounts import wall
from accounts.authority import Authority
from accounts.models import Grant, User
from accounts.roles import HOUSE, Role
from approvals import panel
from approvals.listing import preview
from approvals.models import Review
from config import postgres
from config.backups import checking
from config.drills.house import House
from config.management.commands import doctor
from notifications.models import Message
from notifications.views.overseen import STAFF
from pilots.models import Application, Designation, Revision, Upload
from pilots.models.intake import Collaborator
from pilots.views.viewer import SCORE_READERS
from tests.config.test_access_matrix import scene
from tests.config.test_crawl import BACKEND
from tests.postgres.databases import empty
from tests.postgres.test_backups import programs
from workflows import perform, row_wall, walling

__all__ = ["scene"]
pytestmark = [pytest.mark.postgres, pytest.mark.django_db]
ROLE = "test_plain_reader"
MODELS = (Revision, Upload, Review, Message)


@pytest.fixture
def walled(scene, world, settings):
    """The scene behind the wall, read in a role of no special rights."""
    assert connection.vendor == "postgresql", "run by `make test`, which brings a server"
    settings.ROW_WALL = True
    with connection.cursor() as cursor:
        # Tables with checks still to come cannot be altered.
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for statement in row_wall.sql():
            cursor.execute(statement)
        cursor.execute(f"CREATE ROLE {ROLE}; GRANT USAGE ON SCHEMA public TO {ROLE}; "
                       f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {ROLE}; "
                       f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {ROLE}; SET LOCAL ROLE {ROLE}; "
                       "SELECT set_config('pilotage.person', 'house', false)")  # fmt: skip
    yield scene
    if not connection.needs_rollback:
        with connection.cursor() as cursor:
            cursor.execute("RESET ROLE")


class _As:
    """`with _As(user, at)`: what a request of theirs reads."""

    def __init__(self, user, at):
        self.user, self.at = user, at

    def __enter__(self):
        wall.answer(self.user, self.at)

    def __exit__(self, *_error):
        wall._turn_to(wall.HOUSE)


def seen(model):
    return set(model.objects.order_by().values_list("pk", flat=True))


def first_wall(user, at):
    """What `visible_to` and the pages' own rules let a person read, row by row."""
    authority = Authority(user, at)
    applications = Application.objects.visible_to(authority).values("pk")
    sites = Designation.objects.visible_to(authority).values("pk")
    judged = Review.objects.filter(
        authority.programmes(*SCORE_READERS, field="application__batch__programme__code")
    ) | Review.objects.filter(expert=user)
    messages = Message.objects.all() if authority.has(*STAFF) else Message.objects.filter(user=user)
    return {
        Revision: set(Revision.objects.filter(application__in=applications).values_list("pk", flat=True)),
        Upload: set(Upload.objects.filter(application__in=applications).values_list("pk", flat=True))
        | set(Upload.objects.filter(designation__in=sites).values_list("pk", flat=True)),
        Review: set(judged.order_by().values_list("pk", flat=True)),
        Message: set(messages.order_by().values_list("pk", flat=True)),
    }


def enrich(world, scene):
    """People whose case is less plain: helpers, those who stood aside, seats that ended, were lent or name a programme."""
    application, at = scene["application"], scene["application"].submitted_at
    draft_walk, draft = world.application(place="南京市", to="draft")
    helper = User.objects.create(username="w-helper", name="协作")
    hidden = User.objects.create(username="w-house", name="系统管理")
    Grant.objects.create(user=hidden, role=Role.SYSTEM_ADMIN, valid_from=world.start)
    for user in (helper, hidden):
        for case in (draft, application):
            Collaborator.objects.create(application=case, user=user, invited_at=at, invited_by=draft.created_by,
                                        sections=["basic"])  # fmt: skip
    aside = Review.objects.filter(application=application).first()
    Review.objects.filter(pk=aside.pk).update(state="recused", recusal_reason="同一单位")
    late = scene["own"][Role.PROGRAMME_OFFICER].grants.get()
    lent = User.objects.create(username="w-deputy", name="代理")
    Grant.objects.create(
        user=lent, role=late.role, source=late, valid_from=world.start, valid_to=draft_walk.at.replace(year=2030)
    )
    over = User.objects.create(username="w-over", name="期满")
    # To the instant: a day later it would not be over yet, and either wall might forget the end.
    Grant.objects.create(user=over, role=Role.LEADER, valid_from=world.start, valid_to=draft_walk.at)
    other = User.objects.create(username="w-other", name="他项目主管")
    Grant.objects.create(
        user=other, role=Role.PROGRAMME_OFFICER, programme="strong_city_creation", valid_from=world.start
    )
    same = User.objects.create(username="w-same", name="本项目秘书")
    Grant.objects.create(
        user=same, role=Role.EXPERT_SECRETARY, programme=application.batch.programme.code, valid_from=world.start
    )
    survey = User.objects.create(username="w-survey", name="调查")
    Grant.objects.create(user=survey, role=Role.SURVEY_CONTRACTOR, valid_from=world.start)
    off = User.objects.create(username="w-off", name="停用", is_active=False)
    Grant.objects.create(user=off, role=Role.LEADER, valid_from=world.start)
    return draft_walk.at


def test_both_walls_say_the_same_of_every_person_and_row(walled, world, figures):
    at = enrich(world, walled)
    people, cells, empty_handed = list(User.objects.order_by("pk")), 0, 0
    ended = Grant.objects.get(user__username="w-over")
    assert ended.valid_from < ended.valid_to <= at, "a seat that ended is among them"
    total = {model: len(seen(model)) for model in MODELS}
    assert all(total.values())
    for user in people:
        expected = first_wall(user, at)
        with _As(user, at):
            for model in MODELS:
                assert seen(model) == expected[model], (str(user), model.__name__)
                cells += total[model]
                empty_handed += not expected[model]
    figures(f"{len(people)} people", f"{cells} rows asked", "0 differences")
    assert len(people) > 40
    assert cells > 2_000
    # Not because everybody sees everything, or nobody anything.
    assert 0 < empty_handed < len(people) * len(MODELS)


def test_a_page_that_forgot_shows_nothing(walled, world):
    """The planted positive: the same forgetful read without the wall gives somebody else's files away."""
    stranger, at = walled["foreign"][Role.APPLICANT_LEADER], walled["application"].submitted_at
    with _As(stranger, at):
        assert not Upload.objects.filter(application=walled["application"]).exists()
        assert not Review.objects.exists()
    with connection.cursor() as cursor:
        cursor.execute("RESET ROLE")
        for statement in row_wall.sql_down():
            cursor.execute(statement)
        cursor.execute(f"SET LOCAL ROLE {ROLE}")
    with _As(stranger, at):
        assert Upload.objects.filter(application=walled["application"]).exists()
        assert Review.objects.exists()


def test_nobody_reads_and_a_stranger_writes_nothing(walled, world):
    with wall.as_nobody():
        assert [model.__name__ for model in MODELS if seen(model)] == []
    with connection.cursor() as cursor:
        # What a connection says that nobody told anything.
        for said in ("", "HOUSE", "house ", "0", "-1", "1; DROP TABLE x", "99999999"):
            cursor.execute("SELECT set_config('pilotage.person', %s, false)", [said])
            assert [model.__name__ for model in MODELS if seen(model)] == [], said
        cursor.execute("SELECT set_config('pilotage.person', 'house', false)")
    stranger, at = walled["foreign"][Role.APPLICANT_LEADER], walled["application"].submitted_at
    upload, review = walled["upload"], Review.objects.first()
    with _As(stranger, at):
        assert Upload.objects.filter(pk=upload.pk).update(name="改名") == 0
        assert Review.objects.filter(pk=review.pk).delete()[0] == 0
        upload.pk = upload.uuid = None
        with pytest.raises(ProgrammingError, match="row-level security"), transaction.atomic():
            Message.objects.create(user=review.expert, channel="inbox", kind="outcome", key="x", subject="x", body="x",
                                   created_at=at, not_before=at)  # fmt: skip
    assert Review.objects.filter(pk=review.pk).exists()


def test_the_door_is_the_house_s(walled, world):
    """An act of somebody with little to see reaches what it must, others' messages among it; then it is theirs again."""
    walk, draft = world.application(place="南京市", to="draft")
    leader = walk.leader_of(draft)
    others = Message.objects.exclude(user=leader)
    before = others.count()
    with _As(leader, walk.at):
        perform(draft, "submit", by=leader, at=walk.at)
        assert wall._reader.get().name == str(leader.pk), "turned back to the person"
        assert others.count() == 0
        assert Upload.objects.filter(application=draft).exists()
    assert others.count() > before


def test_a_rollback_takes_nothing_along(walled):
    """Whatever was said inside a transaction that failed, the connection answers the person again."""
    stranger, at = walled["foreign"][Role.APPLICANT_LEADER], walled["application"].submitted_at
    with _As(stranger, at):
        with pytest.raises(ProgrammingError), transaction.atomic(), wall.lifted():
            connection.cursor().execute("SELECT nonsense")
        assert not Review.objects.exists()
        with pytest.raises(ZeroDivisionError), wall.lifted(), transaction.atomic():
            raise ZeroDivisionError
        assert not Review.objects.exists()


def test_sums_over_what_one_may_not_see_are_the_house_s(walled, world):
    """A draw is planned on the page as a secretary of one programme and confirmed by the door: both know the same loads."""
    enrich(world, walled)
    other = world.walk("strong_city_creation")
    other.call()
    elsewhere = other.apply(world.place("武汉市"))
    expert = world.cast["expert1"]
    Review.objects.create(application=elsewhere, expert=expert, assigned_at=other.at, assigned_by=world.cast["officer"])
    code = walled["application"].batch.programme.code
    loads = [(one.pk, one.load) for one in panel.experts_of(code, other.at)]
    lines = [(line.rank, line.proposed, line.reason) for line in preview(walled["batch"])]
    for user in (
        User.objects.get(username="w-same"),
        walled["own"][Role.DOCUMENT_CLERK],
        walled["own"][Role.PUBLICITY_OFFICER],
    ):
        with _As(user, other.at):
            assert [(one.pk, one.load) for one in panel.experts_of(code, other.at)] == loads
            assert [(line.rank, line.proposed, line.reason) for line in preview(walled["batch"])] == lines
    with _As(User.objects.get(username="w-same"), other.at):
        assert not Review.objects.filter(application=elsewhere).exists(), "and the rows themselves stay hidden"
    assert dict(loads)[expert.pk] > 0


def test_a_connection_that_broke_ends_no_answer(walled, monkeypatch):
    """The answer is out when the request is over: what cannot be said any more is said to the next connection."""
    told = []

    def broken(_connection, reader):
        told.append(reader.name)
        raise OperationalError("the connection is closed")

    with _As(walled["own"][Role.APPLICANT_LEADER], walled["application"].submitted_at):
        with monkeypatch.context() as patch:
            patch.setattr(wall, "_tell", broken)
            patch.setattr(connection, "close", lambda: told.append("closed"))
            wall._closed()
        assert told == ["house", "closed"]


def test_requests_begin_as_nobody_and_end_as_the_house(walled, world, monkeypatch):
    told = []
    monkeypatch.setattr(wall, "_tell", lambda _connection, reader: told.append(reader.name))
    user = walled["own"][Role.APPLICANT_LEADER]
    client = Client()
    client.force_login(user, backend=BACKEND)
    told.clear()
    assert client.get("/inbox/").status_code == 200
    assert (told[0], str(user.pk) in told, told[-1]) == ("", True, "house")
    told.clear()
    assert client.get("/healthz").status_code in (200, 503)
    assert set(told) == {"", "house"}, "a page for everybody reads as nobody"


def test_it_is_known_whether_it_holds(walled):
    assert walling.faults() == []
    assert walling.leaks() == []
    assert doctor.second_wall() == (doctor.GREEN, "holds")
    call_command("wall", "check")
    with connection.cursor() as cursor:
        cursor.execute("RESET ROLE")
        assert walling.faults() == [
            f"{connection.settings_dict['USER']} is above the policies (superuser or BYPASSRLS)"
        ]
        assert walling.leaks() == [model._meta.db_table for model in MODELS]
        cursor.execute("COMMENT ON POLICY second_wall ON pilots_upload IS 'older'")
        cursor.execute("ALTER TABLE pilots_revision DISABLE ROW LEVEL SECURITY")
        cursor.execute("DROP POLICY second_wall ON approvals_review")
        cursor.execute(f"SET LOCAL ROLE {ROLE}")
    assert sorted(walling.faults()) == [
        "approvals_review has no policy",
        "pilots_revision does not ask its policy",
        "the policy of pilots_upload is another release's",
    ]
    assert walling.leaks() == ["pilots_revision"]
    colour, words = doctor.second_wall()
    assert colour == doctor.RED
    assert "nobody reads rows of pilots_revision" in words


def test_a_wall_nobody_was_told_of_is_named(walled, settings):
    settings.ROW_WALL = False
    colour, words = doctor.second_wall()
    assert colour == doctor.RED
    assert "PILOTAGE_ROW_WALL is off" in words


def test_who_reads_what_was_judged_is_said_once():
    """The SQL names the same roles as the pages (it must not ask them, so a test does)."""
    assert set(row_wall._JUDGED) == set(SCORE_READERS)
    assert set(row_wall._OUTGOING) == set(STAFF)
    assert not set(row_wall._JUDGED) & HOUSE


@pytest.mark.django_db(transaction=True)
@pytest.mark.timeout(300)
def test_a_backup_is_whole_behind_the_wall(tmp_path):
    """By the owner of the tables, whom the wall counts for too: dumped, restored elsewhere, and still walled."""
    params = connection.get_connection_params()
    with postgres.plain_role(checking.address(params)) as plain, empty("pilotage_walled") as url:
        name = plain.partition("://")[2].partition(":")[0]
        with psycopg.connect(url.replace("postgres://", "postgresql://", 1), autocommit=True) as server:
            server.execute(f'ALTER DATABASE pilotage_walled OWNER TO "{name}"; ALTER SCHEMA public OWNER TO "{name}"')
        own = plain.rpartition("/")[0] + "/pilotage_walled"
        own += f"?{plain.partition('?')[2]}" if "?" in plain else ""
        house = House(tmp_path, own, more={"PILOTAGE_PG_BIN": programs(), "PILOTAGE_ROW_WALL": "1"})
        house.run("config.drills.restoring", "begin", 5)
        with psycopg.connect(own.replace("postgres://", "postgresql://", 1), autocommit=True) as server:
            for statement in house.manage("wall", "sql").split(";\n"):
                server.execute(statement)
            assert server.execute("SELECT count(*) FROM notifications_message").fetchone() == (0,)
        assert "holds" in house.manage("wall", "check")
        house.manage("backup", "--to", tmp_path / "backups")
        assert "can be restored" in house.manage("backup", "--verify", tmp_path / "backups")
        house.run("config.drills.restoring", "wipe")
        with pytest.raises(subprocess.CalledProcessError):
            house.manage("wall", "check")
        house.manage("restore", tmp_path / "backups")
        assert "holds" in house.manage("wall", "check")
    assert settings.ROW_WALL is False
