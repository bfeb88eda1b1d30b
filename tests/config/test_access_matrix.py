"""Every address × method × role, own and foreign scope, against a table written by hand: the oracle.

A route that is not in the table fails the test; so does one that serves somebody the table does not name.
"""

import time
from uuid import uuid4

import pytest
from django.db import connection
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from accounts.access import rule_of
from accounts.models import Grant, Organisation, User
from accounts.roles import REACH, UNGRANTABLE, Reach, Role
from approvals.models import Certificate, Document, Expert, GrantLine
from notifications.models import Deadline, Job, Message
from pilots.models import Upload
from workflows.beginnings import begin_grant_request, begin_rules_draft, begin_template
from workflows.models import LedgerEntry

R = Role
INSIDE = {R.PROGRAMME_OFFICER, R.DIVISION_HEAD, R.COUNTERSIGNER, R.LEADER, R.PUBLICITY_OFFICER, R.DOCUMENT_CLERK,
          R.EXPERT_SECRETARY, R.AUDITOR}  # fmt: skip
APPLICANT = {R.APPLICANT_CONTACT, R.APPLICANT_LEADER}
OBJECTIONS = {R.OBJECTION_HANDLER, R.DIVISION_HEAD, R.LEADER, R.AUDITOR}
ORGANISERS = {R.EXPERT_SECRETARY, R.PROGRAMME_OFFICER}
POOL = ORGANISERS | {R.AUDITOR}
OFFICE = INSIDE | {R.FORMALITY_CHECKER, R.OBJECTION_HANDLER}
SEALS = {R.PROGRAMME_OFFICER, R.DOCUMENT_CLERK, R.DIVISION_HEAD, R.LEADER, R.AUDITOR}
ASKERS = {R.PROGRAMME_OFFICER, R.DOCUMENT_CLERK}
TEMPLATES = ASKERS | {R.DIVISION_HEAD, R.AUDITOR}
THREE = {R.SYSTEM_ADMIN, R.SECURITY_ADMIN, R.AUDITOR}
AUTHORS = {R.PROGRAMME_OFFICER, R.DIVISION_HEAD, R.AUDITOR}

# Who may open what. "public": anybody; "signed_in": anybody with an account; else the roles.
TABLE = {
    "programme_flow": "public", "programme_bpmn": "public",
    "home": "public", "calls": "public", "call": "public", "notices": "public", "notice": "public", "object": "public",
    "verify_keys": "public", "verify_status": "public", "verify_file": "public",
    "seal_uses": SEALS, "seal_use": SEALS, "seal_use_progress": SEALS, "seal_use_zip": SEALS, "seal_use_print": SEALS,
    "seal_use_new": ASKERS, "certificate_preview": SEALS, "certificate_artwork": "signed_in",
    "templates": TEMPLATES, "template": TEMPLATES, "template_preview": TEMPLATES, "template_pdf": TEMPLATES,
    "template_sample": TEMPLATES, "template_fonts": TEMPLATES, "template_new": ASKERS, "template_font_end": ASKERS,
    "verify": "public", "verify_code": "public", "verified_pdf": "public", "healthz": "public", "readyz": "public", "metrics": "public",
    "source": "public", "licence": "public", "gallery": "public", "set_language": "public", "account_login": "public",
    "demo": "public", "demo_as": "public", "ended": "public",
    "desk": "signed_in", "tasks": "signed_in", "search": "signed_in", "applications": "signed_in",
    "application": "signed_in", "evidence": "signed_in", "evidence_export": "signed_in", "upload": "signed_in", "act": "signed_in", "sites": "signed_in",
    "designation": "signed_in", "place": "signed_in", "batches": "signed_in", "batch": "signed_in",
    "certificates": "signed_in", "certificate": "signed_in", "certificate_pdf": "signed_in", "document": "signed_in",
    "inbox": "signed_in", "inbox_read": "signed_in", "message": "signed_in", "calendar": "signed_in",
    "calendar_ics": "signed_in", "telling": "signed_in", "feed_address": "signed_in", "calendar_feed": "public", "demo_clock": "signed_in", "demo_experts": "signed_in", "demo_mail": "signed_in",
    "typed_too_late": "signed_in", "usersessions_list": "signed_in", "openid_connect_login": "public", "openid_connect_callback": "public",
    "my_seats": "signed_in", "change": "signed_in", "rectification": "signed_in", "change_new": APPLICANT,
    "place_successor": {R.DOCUMENT_CLERK, R.PROGRAMME_OFFICER},
    "application_new": APPLICANT, "application_edit": "signed_in", "application_save": "signed_in",
    "application_presence": "signed_in", "application_sheet": APPLICANT, "sheet_template": APPLICANT, "receipt": "signed_in",
    "batch_quotas": {R.PROGRAMME_OFFICER},
    "letter": {R.PROVINCE_OFFICER, R.PROVINCE_LEADER, R.FORMALITY_CHECKER} | INSIDE, "check_one": {R.FORMALITY_CHECKER},
    "batch_new": {R.PROGRAMME_OFFICER}, "batch_edit": {R.PROGRAMME_OFFICER}, "batch_progress": INSIDE, "batch_list": INSIDE,
    "recommend": {R.PROVINCE_OFFICER, R.PROVINCE_LEADER}, "check_queue": {R.FORMALITY_CHECKER},
    "reviews": {R.EXPERT}, "review": {R.EXPERT}, "review_save": {R.EXPERT},
    "objections": OBJECTIONS, "objection": OBJECTIONS, "objection_file": OBJECTIONS, "objection_track": "public", "objection_reply": "public",
    "experts": POOL, "expert": POOL | {R.EXPERT}, "expert_mine": {R.EXPERT}, "expert_new": ORGANISERS,
    "expert_import": ORGANISERS, "batch_draw": ORGANISERS, "batch_left": ORGANISERS, "draw_progress": ORGANISERS,
    "inspection_photo": {R.PROGRAMME_OFFICER, R.EXPERT_SECRETARY, R.DIVISION_HEAD, R.COUNTERSIGNER, R.LEADER,
                         R.AUDITOR},
    "programmes": AUTHORS, "programme": AUTHORS, "programme_copy": {R.PROGRAMME_OFFICER}, "rules_draft": AUTHORS,
    "rules_part": AUTHORS, "rules_save": {R.PROGRAMME_OFFICER}, "rules_text": AUTHORS, "rules_check": AUTHORS,
    "rules_preview": AUTHORS, "rules_sample": AUTHORS, "rules_changes": AUTHORS, "rules_history": AUTHORS,
    "programme_adopt": AUTHORS, "adoption": AUTHORS, "adoption_progress": AUTHORS,
    "people": THREE, "person": THREE, "person_new": {R.SYSTEM_ADMIN}, "person_link": {R.SYSTEM_ADMIN},
    "account_switch": {R.SYSTEM_ADMIN}, "contact_new": {R.SYSTEM_ADMIN}, "person_cut": {R.SECURITY_ADMIN}, "organisations": THREE, "organisation_new": {R.SYSTEM_ADMIN},
    "grants": THREE, "grant_request": THREE, "grant_new": {R.SYSTEM_ADMIN}, "grant_end": {R.SYSTEM_ADMIN},
    "grant_sheet": {R.SYSTEM_ADMIN}, "activate": "public",
    "words": {R.PROGRAMME_OFFICER, R.AUDITOR, R.DIVISION_HEAD}, "words_of": {R.PROGRAMME_OFFICER, R.AUDITOR, R.DIVISION_HEAD},
    "week": {R.PROGRAMME_OFFICER, R.AUDITOR, R.DIVISION_HEAD},
    "works": {R.PROGRAMME_OFFICER, R.AUDITOR, R.DIVISION_HEAD},
    "work_stop": {R.PROGRAMME_OFFICER}, "work_resume": {R.PROGRAMME_OFFICER},
    "ops": AUTHORS, "ops_retry": {R.PROGRAMME_OFFICER}, "channels": AUTHORS, "channel": AUTHORS, "outgoing": AUTHORS,
    "channel_new": {R.PROGRAMME_OFFICER}, "channel_test": {R.PROGRAMME_OFFICER}, "channel_switch": {R.PROGRAMME_OFFICER},
    "dead": AUTHORS, "dead_retry": {R.PROGRAMME_OFFICER},
    "deadlines": "signed_in", "deadline": "signed_in", "feeds": "signed_in", "feed_change": "signed_in", "programme_feed": "public",
    "documents": INSIDE, "document_file": "signed_in", "document_page": "signed_in", "notice_file": "public",
    "conclusion": "signed_in", "revocation_decision": "signed_in",
    "years": OFFICE, "year": OFFICE, "year_load": OFFICE, "year_loaded": OFFICE, "year_progress": OFFICE,
}  # fmt: skip
METHODS = ("get", "post", "put", "patch", "delete")
# These move the demonstration as a whole, or sign somebody else in: the matrix only asks, it does not press.
SIDE_EFFECTS = {"demo_clock", "demo_experts", "demo_as", "set_language", "inbox_read"}


def routes(resolver=None, prefix=""):
    """(name, pattern) of every route of our own; packages' routes are in `accounts.access.FOREIGN`."""
    for entry in (resolver or get_resolver()).url_patterns:
        if isinstance(entry, URLResolver):
            yield from routes(entry, prefix + str(entry.pattern))
        elif isinstance(entry, URLPattern):
            yield entry


def own_routes():
    return [entry for entry in routes() if not entry.callback.__module__.startswith(("allauth.", "django.views."))]


def test_every_route_declares_who_may_open_it():
    assert [str(entry.pattern) for entry in routes() if rule_of(entry.callback) is None] == []


def test_every_route_is_in_the_table():
    names = {entry.name for entry in own_routes()}
    assert names - set(TABLE) == set(), "routes nobody classified"
    assert set(TABLE) - names - {"set_language"} == set(), "the table names routes that are gone"


@pytest.fixture
def scene(world):
    """A case at each stage in the own province, and one person per role, here and in a foreign province."""
    walk, application = world.application(to="expert_review")
    batch = walk.batch
    own = {role: person(role, world, "上海市", application.organisation) for role in Role if role not in UNGRANTABLE}
    other = Organisation.objects.create(name="别处", kind="district_gov", place=world.place("江宁区"))
    foreign = {
        role: person(role, world, "江苏省", other, "x")
        for role in Role
        if REACH[role] in (Reach.PLACE, Reach.ORGANISATION)
    }
    settled = world.walk()
    settled.call()
    done = settled.apply(world.place("海淀区"))
    world.cast.province(world.place("北京市"))
    settled.review(settled.assign(settled.check(settled.recommend(done))))
    settled.close()
    settled.decide()
    settled.notice()
    settled.issue()
    certificate = Certificate.objects.get()
    job = Job.objects.create(kind="certificate", key="x", created_at=walk.at, not_before=walk.at)
    return {
        "own": own, "foreign": foreign, "application": application, "batch": batch, "certificate": certificate,
        "site": certificate.designation, "issued": settled.batch, "listed": done, "job": job,
        "upload": Upload.objects.filter(application=application).first(), "document": Document.objects.get(),
        "grant": own[Role.LEADER].grants.get(), "grant_request": request_of(world, own[Role.LEADER], walk.at),
        "draft": draft_of(world, walk.at), "seal_use": certificate.seal_use,
        "template": begin_template("plaque", "plaque", by=world.cast["officer"], at=walk.at).obj,
        "message": Message.objects.filter(channel="inbox").first(), "expert": Expert.objects.first(),
    }  # fmt: skip


def draft_of(world, at):
    """A draft of the trial zone's next version."""
    base = world.programme().current
    return begin_rules_draft(base, by=world.cast["officer"], at=at, text=base.text, code=base.programme.code,
                             title=base.programme.name, new=False).obj  # fmt: skip


def request_of(world, user, at):
    """A request about somebody's rights that waits."""
    line = GrantLine(user=user, role=Role.COUNTERSIGNER, valid_from=at)
    return begin_grant_request("give", [line], by=world.cast["sysadmin"], at=at, grounds="岗位调整").obj


def person(role, world, province, organisation, suffix=""):
    user = User.objects.create(username=f"m-{role}{suffix}", name=str(role.label), organisation=organisation)
    reach = {Reach.PLACE: {"place": world.place(province)}, Reach.ORGANISATION: {"organisation": organisation}}
    Grant.objects.create(user=user, role=role, valid_from=world.start, **reach.get(REACH[role], {}))
    return user


def arguments(name, scene):
    """Arguments of a route, naming something that exists in the own scope."""
    application, batch = scene["application"], scene["batch"]
    return {
        "programme_flow": [batch.programme.code], "programme_bpmn": [batch.programme.code],
        "call": [batch.uuid], "application_new": [batch.uuid], "application": [application.uuid],
        "application_edit": [application.uuid, "materials"], "application_save": [application.uuid, "basic"],
        "application_presence": [application.uuid, "overview"], "application_sheet": [application.uuid],
        "sheet_template": [application.uuid], "receipt": [application.uuid], "letter": [uuid4()],
        "batch_quotas": [batch.uuid], "check_one": [application.uuid],
        "upload": [scene["upload"].uuid], "act": ["application", application.uuid, "withdraw"],
        "evidence": ["application", application.uuid], "evidence_export": ["application", application.uuid],
        "designation": [scene["site"].uuid], "place": [application.place_id], "batch": [batch.uuid],
        "batch_edit": [batch.uuid], "batch_progress": [batch.uuid], "batch_list": [batch.uuid], "recommend": [batch.uuid],
        "review": [application.uuid], "review_save": [application.uuid], "notice": [scene["issued"].uuid],
        "object": [scene["issued"].uuid, scene["listed"].uuid], "objection": [uuid4()], "objection_file": [uuid4()], "objection_reply": ["NOSUCHRECEIPT"],
        "seal_use": [scene["seal_use"].uuid], "seal_use_progress": [scene["seal_use"].uuid],
        "seal_use_zip": [scene["seal_use"].uuid], "seal_use_print": [scene["seal_use"].uuid],
        "certificate_preview": [scene["certificate"].uuid], "certificate_artwork": [scene["certificate"].uuid, "plaque"],
        "template": [scene["template"].uuid], "template_preview": [scene["template"].uuid],
        "template_pdf": [scene["template"].uuid], "template_sample": ["plaque"], "template_font_end": [1],
        "verify_file": ["0" * 64],
        "certificate": [scene["certificate"].uuid], "certificate_pdf": [scene["certificate"].uuid],
        "document": [scene["document"].pk], "document_file": [scene["document"].pk, "pdf"],
        "document_page": [scene["document"].pk, 1], "notice_file": [scene["issued"].uuid, "pdf"],
        "conclusion": [10**9, "pdf"], "revocation_decision": [10**9, "pdf"], "verify_code": [scene["certificate"].code],
        "verified_pdf": [scene["certificate"].code], "message": [scene["message"].uuid],
        "batch_draw": [batch.uuid], "batch_left": [batch.uuid], "draw_progress": [batch.uuid], "expert": [scene["expert"].uuid],
        "inspection_photo": [uuid4()],
        "programme": ["service_cluster_trial_zone"], "programme_copy": ["service_cluster_trial_zone"],
        "programme_adopt": ["service_cluster_trial_zone"], "adoption": [uuid4()], "adoption_progress": [uuid4()],
        "rules_draft": [scene["draft"].uuid], "rules_part": [scene["draft"].uuid, "basics"],
        "rules_save": [scene["draft"].uuid, "basics"], "rules_text": [scene["draft"].uuid],
        "rules_check": [scene["draft"].uuid], "rules_preview": [scene["draft"].uuid], "rules_sample": [scene["draft"].uuid],
        "rules_changes": [scene["draft"].uuid], "rules_history": [scene["draft"].uuid],
        **{name: [scene["grant"].user_id] for name in ("person", "person_link", "account_switch", "person_cut", "contact_new")},
        "grant_request": [scene["grant_request"].uuid], "grant_end": [scene["grant"].pk], "activate": ["MQ", "a-b"],
        "change": [uuid4()], "calendar_feed": ["nosuchkey"], "programme_feed": ["nosuchkey"],
        "deadline": [Deadline.objects.filter(subject_uuid=application.uuid).first().uuid],
        "feed_change": ["service_cluster_trial_zone"], "year": [2017], "year_loaded": [uuid4()], "year_progress": [uuid4()], "rectification": [scene["site"].uuid], "change_new": [scene["site"].uuid],
        "place_successor": [application.place_id], "ops_retry": [scene["job"].uuid], "words_of": ["reminder"], "demo_as": ["officer"],
        "openid_connect_login": ["sso"], "openid_connect_callback": ["sso"],
        "channel_new": ["webhook"], "channel": [uuid4()], "channel_test": [uuid4()], "channel_switch": [uuid4()],
    }.get(name, [])  # fmt: skip


WRITTEN = ", ".join(f"(SELECT count(*) FROM {model._meta.db_table})" for model in (LedgerEntry, Deadline, Message))


def rows():
    """How many rows there are of what only the door writes; in one statement."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {WRITTEN}")
        return cursor.fetchone()


# One process walks a quarter of the people, so that the whole is done within a minute (trust.md §4).
QUARTERS = 4
PEOPLE = (None, *(role for role in Role if role not in UNGRANTABLE))
PAGES = sorted(set(TABLE) - SIDE_EFFECTS)


def test_the_matrix_is_large_enough():
    assert len(PEOPLE) * len(PAGES) * len(METHODS) > 12000
    assert sorted(str(role) for part in range(QUARTERS) for role in PEOPLE[part::QUARTERS]) == sorted(map(str, PEOPLE))


@pytest.mark.timeout(600)
@pytest.mark.parametrize("part", range(QUARTERS))
def test_the_matrix(scene, client, figures, part):
    cells, wrong, began = 0, [], time.process_time()
    for role in PEOPLE[part::QUARTERS]:
        if role is not None:
            client.force_login(scene["own"][role], backend="allauth.account.auth_backends.AuthenticationBackend")
        before = rows()
        for name in PAGES:
            address = reverse(name, args=arguments(name, scene))
            for method in METHODS:
                answer = getattr(client, method)(address)
                if answer.streaming:
                    # To its end, and not by `close()`: that would close the connection the test is in.
                    list(answer.streaming_content)
                cells += 1
                verdict = judge(TABLE[name], role, answer)
                after = rows()
                if not verdict and after != before and (method == "get" or not admitted(TABLE[name], role)):
                    verdict = "it wrote rows"
                before = after
                if verdict:
                    wrong.append(f"{method.upper()} {name} as {role or 'anybody'}: {answer.status_code} ({verdict})")
        client.logout()
    figures(f"{cells} cells", f"{len(wrong)} wrong", f"{time.process_time() - began:.0f} s of processor")
    assert wrong == []


def admitted(rule, role):
    return rule == "public" or (rule == "signed_in" and role is not None) or (isinstance(rule, set) and role in rule)


def judge(rule, role, answer):
    """What is wrong with an answer, or nothing."""
    status = answer.status_code
    if status >= 500 and not (status == 503 and "healthz" in answer.request["PATH_INFO"]):
        return "server error"
    to_sign_in = status == 302 and "/accounts/login/" in answer.headers.get("Location", "")
    if admitted(rule, role):
        return "sent to sign in" if to_sign_in and role is not None else ""
    if role is None:
        return "" if to_sign_in else "not sent to sign in"
    return "" if status == 403 else "served"


# What a person sees of a case that is not theirs: nothing, as if it were not there.
OBJECTS = (
    "application",
    "deadline",
    "evidence",
    "evidence_export",
    "act",
    "upload",
    "designation",
    "certificate",
    "certificate_pdf",
    "certificate_artwork",
    "application_edit",
    "change_new",
    "rectification",
    "application_save",
    "application_presence",
    "application_sheet",
    "sheet_template",
    "receipt",
    "message",
)
# Addresses of things that are not one body's or one place's own, or of which the scene has none; each with its reason.
ELSEWHERE = {
    "application_new": "a call is for all places; what is begun is one's own",
    "batch": "a call is for all places; whose cases it shows is walked by tests/config/test_crawl.py",
    "place": "a place is a fact; whose cases it shows is walked by tests/config/test_crawl.py",
    "recommend": "a call is for all provinces; each sees its own cases in it",
    "feed_change": "a programme, and one's own feed of it",
    "document": "tests/pilots/test_pages_documents.py",
    "document_file": "tests/pilots/test_pages_documents.py",
    "document_page": "tests/pilots/test_pages_documents.py",
    "letter": "tests/pilots/test_pages_documents.py",
    "change": "tests/pilots/test_pages_term.py",
    "conclusion": "tests/pilots/test_pages_documents.py",
    "revocation_decision": "tests/pilots/test_pages_documents.py",
}


def test_every_address_of_a_thing_is_tried_from_elsewhere_or_has_a_reason():
    """A page about one thing that is made later is in one of the two lists, or this is red (trust.md A1: all of them)."""
    narrow = {role for role in Role if REACH[role] in (Reach.PLACE, Reach.ORGANISATION)}
    found = {
        entry.name for entry in own_routes()
        if "<" in str(entry.pattern) and any(admitted(TABLE[entry.name], role) for role in narrow)
        and TABLE[entry.name] != "public"
    }  # fmt: skip
    assert set(OBJECTS) & set(ELSEWHERE) == set()
    # Evidence is the auditor's and the office's alone; from elsewhere it is tried all the same.
    assert found - set(OBJECTS) == set(ELSEWHERE)


def test_a_foreign_scope_sees_nothing(scene, client):
    wrong = []
    for role, user in scene["foreign"].items():
        client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
        for name in OBJECTS:
            if not admitted(TABLE[name], role):
                continue
            status = client.get(reverse(name, args=arguments(name, scene))).status_code
            # 405: the page only takes what is sent; that it takes nothing from elsewhere is tried below.
            if status not in (404, 405):
                wrong.append(f"{name} as foreign {role}: {status}")
    assert wrong == []


@pytest.mark.timeout(600)
def test_a_foreign_scope_changes_nothing(scene, client, figures):
    """Every method on what is somebody else's: as if it were not there, and no row is written."""
    wrong, cells = [], 0
    for role, user in scene["foreign"].items():
        client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
        for name in OBJECTS:
            if not admitted(TABLE[name], role):
                continue
            for method in METHODS:
                before = rows()
                status = getattr(client, method)(reverse(name, args=arguments(name, scene))).status_code
                cells += 1
                if status not in (404, 405) or rows() != before:
                    wrong.append(f"{method.upper()} {name} as foreign {role}: {status}")
    figures(f"{cells} cells", f"{len(wrong)} wrong")
    assert wrong == []
    assert cells > 200


def test_the_matrix_would_notice(scene, client):
    """The planted positive: an admitted person is served, so the refusals above mean something."""
    client.force_login(
        scene["own"][Role.PROGRAMME_OFFICER], backend="allauth.account.auth_backends.AuthenticationBackend"
    )
    assert client.get(reverse("ops")).status_code == 200
    client.force_login(
        scene["own"][Role.APPLICANT_LEADER], backend="allauth.account.auth_backends.AuthenticationBackend"
    )
    assert client.get(reverse("application", args=[scene["application"].uuid])).status_code == 200
    assert client.get(reverse("ops")).status_code == 403
