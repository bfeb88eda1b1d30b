"""A blind expert is walked through every address there is: nothing tells whose application it is, who else judges,
or what they gave (programmes.md §4)."""

import re
from decimal import Decimal
from urllib.parse import unquote

import pytest
from django.db import transaction
from django.urls import reverse

from approvals.models import Review
from notifications.models import Message
from pilots.models import Application, Upload
from tests.config.test_access_matrix import TABLE, own_routes

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
# Public pages say the same to everybody; these move the demonstration or sign somebody else in.
SKIPPED = {name for name, rule in TABLE.items() if rule == "public"} | {"demo_clock", "demo_experts", "demo_mail"}


@pytest.fixture
def scene(world, ruled, settings, tmp_path):
    """Two applications under blind review: peers have scored both, this expert one of them."""
    settings.FILES_DIR = tmp_path
    ruled("blind = false", "blind = true")
    walk = world.walk()
    walk.call()
    applications = []
    for place in ("徐汇区", "江宁区"):
        _walk, application = world.application(place=place, to="expert_review", walk=walk)
        applications.append(application)
    Upload.objects.update(name="徐汇区人民政府承诺函（上海）.pdf")
    sets = [set(Review.objects.filter(application=one).values_list("expert_id", flat=True)) for one in applications]
    expert = next(user for user in world.cast.experts if user.pk in sets[0] & sets[1])
    for index, application in enumerate(applications):
        for review in application.reviews.select_related("expert"):
            if review.expert != expert:
                walk.score(application, review.expert, Decimal(7 + index))
    walk.score(applications[0], expert, Decimal(9))
    return walk, applications, expert


def forbidden(walk, applications, expert):
    """Every word that would give somebody away."""
    words = set()
    for application in Application.objects.select_related("place", "province", "organisation").filter(
        pk__in=[one.pk for one in applications]
    ):
        leader = walk.leader_of(application)
        words |= {application.title, application.organisation.name, application.place.name,
                  application.place.short_name, application.province.name, application.province.short_name,
                  leader.name, leader.email}  # fmt: skip
        for review in application.reviews.select_related("expert__organisation"):
            if review.expert != expert:
                words |= {review.expert.name, review.expert.organisation.name, str(review.total)}
    return {word for word in words if word}


def addresses(walk, applications, expert):
    """Every route, with every argument the expert could come by."""
    cases = [one.uuid for one in applications]
    arguments = {
        "application": [[one] for one in cases], "review": [[one] for one in cases],
        "upload": [[one] for one in Upload.objects.values_list("uuid", flat=True)],
        "act": [["application", one, code] for one in cases for code in
                ("score", "recuse", "conclude_review", "withdraw", "add_expert", "hold_discussion")]
        + [["batch", walk.batch.uuid, "draw_list"], ["expert", expert.expert.uuid, "declare_tie"],
           ["expert", expert.expert.uuid, "suspend"]],
        "batch": [[walk.batch.uuid]], "expert": [[expert.expert.uuid]],
        "message": [[one] for one in Message.objects.filter(user=expert, channel="inbox").values_list("uuid", flat=True)],
        "place": [[one.place_id] for one in applications],
    }  # fmt: skip
    queries = {
        "search": [{"q": word} for word in ("徐汇", "上海", applications[0].number, "人民政府")],
        "applications": [{"export": "xlsx"}, {"q": "徐汇"}, {"province": "31"}],
        "application": [{}, *({"tab": tab} for tab in ("files", "scores", "letters", "log"))],
        "tasks": [{}, {"q": "徐汇"}], "reviews": [{}], "inbox": [{}],
    }  # fmt: skip
    for entry in own_routes():
        if entry.name in SKIPPED or entry.name == "place":
            continue
        needed = "<" in str(entry.pattern)
        for args in arguments.get(entry.name, [] if needed else [[]]):
            for query in queries.get(entry.name, [{}]):
                yield entry.name, reverse(entry.name, args=args), query


def read(answer):
    """The whole of an answer: headers, and the body unless it is a file somebody handed in."""
    headers = "\n".join(f"{key}: {value}" for key, value in answer.headers.items())
    if answer.streaming:
        # Read to its end, as a browser does; that closes it.
        list(answer.streaming_content)
        return headers
    # Choices of a filter are the same for everybody.
    return headers + re.sub(r"<option\b[^>]*>[^<]*</option>", "", answer.content.decode("utf-8", "replace"))


def unquoted(text):
    return text + unquote(text)


def test_a_blind_expert_meets_nobody(scene, client):
    walk, applications, expert = scene
    client.force_login(expert, backend=BACKEND)
    words = forbidden(walk, applications, expert)
    assert len(words) > 20
    leaks, seen = [], set()
    for name, address, query in addresses(walk, applications, expert):
        answer = client.get(address, query, follow=True)
        text = unquoted(read(answer))
        # What the expert has typed comes back in the box it was typed in.
        for typed in query.values():
            text = text.replace(f'value="{typed}"', "").replace(f"“{typed}”", "").replace(f"={typed}", "")
        if answer.status_code == 200:
            seen.add(name)
        leaks += [f"{name} {query}: {word}" for word in sorted(words) if word in text]
    assert leaks == []
    assert {"desk", "tasks", "inbox", "search", "reviews", "review", "application", "upload", "act", "expert",
            "expert_mine", "calendar", "calendar_ics", "message", "batch"} <= seen  # fmt: skip


def test_the_walk_would_notice(scene, client):
    """The planted positive: to the officer the same pages name everybody."""
    walk, applications, expert = scene
    client.force_login(walk.cast["officer"], backend=BACKEND)
    text = read(client.get(reverse("application", args=[applications[0].uuid]), {"tab": "scores"}))
    found = {word for word in forbidden(walk, applications, expert) if word in text}
    assert len(found) > 8


# What differs from one answer to the next whatever was done.
PASSING = re.compile(r'X-Request-ID: .*|Set-Cookie: .*|name="csrfmiddlewaretoken" value="[^"]*"|nonce="[^"]*"')


def pages(client, *where):
    """Every page an expert may come to, as bytes would be compared."""
    return {
        (address, str(query)): PASSING.sub("", read(client.get(address, query, follow=True)))
        for _name, address, query in addresses(*where)
    }


@pytest.fixture
def undecided(world, ruled, settings, tmp_path, monkeypatch):
    """One application under review, blind or not; nobody has scored. `(walk, application, expert, peer)`."""
    settings.FILES_DIR = tmp_path
    walk = world.walk()
    walk.call()
    _walk, application = world.application(to="expert_review", walk=walk)
    now = walk.at
    monkeypatch.setattr("accounts.clock.now", lambda: now)
    # When a session was last used is told to the second.
    monkeypatch.setattr("tests.approvals.test_blind.SKIPPED", SKIPPED | {"usersessions_list"})
    expert, peer = [row.expert for row in application.reviews.select_related("expert").order_by("pk")[:2]]
    return walk, application, expert, peer


@pytest.mark.timeout(600)
def test_what_another_expert_gave_changes_no_byte(undecided, client):
    """Nothing, a low mark, a high one: the other expert's pages are the same to the byte (trust.md A2)."""
    walk, application, expert, peer = undecided
    client.force_login(expert, backend=BACKEND)
    where = walk, [application], expert
    pages(client, *where)  # what the first look at a page marks as read is marked
    before = pages(client, *where)
    assert len(before) > 30
    for mark in (3, 9):
        there = transaction.savepoint()
        walk.score(application, peer, Decimal(mark))
        assert Review.objects.get(application=application, expert=peer).total is not None
        after = pages(client, *where)
        transaction.savepoint_rollback(there)
        assert [key for key in before if before[key] != after.get(key)] == []
    # The planted positive: what the expert gives shows.
    walk.score(application, expert, Decimal(5))
    assert pages(client, *where) != before


def test_messages_to_a_blind_expert_name_a_number(scene):
    walk, applications, expert = scene
    words = forbidden(walk, applications, expert)
    bodies = [f"{row.subject}{row.body}" for row in Message.objects.filter(user=expert)]
    assert bodies
    assert not [body for body in bodies if any(word in body for word in words)]


def test_an_officer_who_judges_reads_no_names_in_lists_and_exports(scene, client):
    from accounts.models import Grant

    walk, applications, expert = scene
    Grant.objects.create(user=expert, role="auditor", valid_from=walk.cast.at)
    client.force_login(expert, backend=BACKEND)
    page = client.get(reverse("applications")).content.decode()
    assert applications[0].number not in page
    assert "还没有申报" in page
