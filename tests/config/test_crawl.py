"""Two tenants: every link that one follows is opened by the other, who must not meet the first (trust.md A1)."""

import re
from html import unescape
from urllib.parse import urlsplit

import pytest
from django.urls import resolve, reverse

from accounts.models import Organisation
from accounts.roles import Role
from tests.config.test_access_matrix import SIDE_EFFECTS, TABLE, person, scene

__all__ = ["scene"]
BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
HREF = re.compile(r'(?:href|hx-get|src)="(/[^"#]*)')
MOST = 250
START = ("desk", "applications", "sites", "certificates", "deadlines", "inbox")


def route(address):
    """The name of the page at an address."""
    return resolve(urlsplit(address).path).url_name


def links(client, user):
    """{address: body} of every page `user` comes to from the desk, breadth first; files are opened, too."""
    client.force_login(user, backend=BACKEND)
    waiting, found = [reverse(name) for name in START], {}
    while waiting and len(found) < MOST:
        address = waiting.pop(0)
        if address in found or address.startswith(("/static/", "/accounts/logout")) or route(address) in SIDE_EFFECTS:
            continue
        answer = client.get(address)
        body = b"".join(answer.streaming_content) if answer.streaming else answer.content
        found[address] = (answer.status_code, body.decode("utf-8", "replace"))
        if answer.headers.get("Content-Type", "").startswith("text/html"):
            waiting += [unescape(link) for link in HREF.findall(found[address][1])]
    return found


@pytest.fixture
def tenants(scene, world):
    """[(a body's leader or a province's officer, the same of elsewhere, words that are only the first one's)]."""
    application, certificate = scene["application"], scene["certificate"]
    other = Organisation.objects.create(name="另一处申报单位", kind="district_gov", place=world.place("江宁区"))
    site = scene["site"]
    leader = person(Role.APPLICANT_LEADER, world, "上海市", site.organisation, "-a")
    stranger = person(Role.APPLICANT_LEADER, world, "江苏省", other, "-b")
    words = {application.number, application.organisation.name}
    return [
        (scene["own"][Role.APPLICANT_LEADER], stranger, words),
        (scene["own"][Role.PROVINCE_OFFICER], scene["foreign"][Role.PROVINCE_OFFICER], words),
        (scene["own"][Role.APPLICANT_CONTACT], scene["foreign"][Role.APPLICANT_CONTACT], words),
        (leader, stranger, {certificate.serial, site.number}),
    ]  # fmt: skip


def public(address):
    return TABLE.get(route(address)) == "public"


@pytest.mark.timeout(900)
def test_nobody_meets_another_tenant_by_following_links(tenants, client, figures):
    leaks, objects = [], 0
    for one, other, words in tenants:
        mine = links(client, one)
        said = [
            address for address, (status, body) in mine.items() if status == 200 and any(word in body for word in words)
        ]
        assert said, "the planted positive: whose it is reads it"
        client.force_login(other, backend=BACKEND)
        for address in mine:
            if public(address):
                continue
            objects += bool(re.search(r"[0-9a-f]{8}-", address))
            answer = client.get(address, follow=True)
            body = (b"".join(answer.streaming_content) if answer.streaming else answer.content).decode(
                "utf-8", "replace"
            )
            if answer.status_code == 200:
                leaks += [f"{address} told {other} of {word}" for word in words if word in body]
    figures(f"{objects} addresses of objects", f"{len(leaks)} leaks")
    assert leaks == []
    assert objects > 60
