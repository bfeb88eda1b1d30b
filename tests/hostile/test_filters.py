"""Filters, orders and page numbers are only looked up: whatever is sent in one breaks no list and widens none (trust.md H13)."""

import re
import sys
from pathlib import Path

import pytest
from django.conf import settings
from django.urls import reverse

from accounts.roles import Role
from tests.config.test_access_matrix import SIDE_EFFECTS, TABLE, admitted, own_routes, scene

__all__ = ["scene"]
BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
_READ = re.compile(r"request\.GET(?:\.get\(|\.getlist\(|\[)\"(\w+)\"")
# What forms read by the names of their fields.
_FIELDS = {
    "q",
    "province",
    "batch",
    "state",
    "programme",
    "kind",
    "role",
    "who",
    "from",
    "to",
    "year",
    "holder",
    "order",
}
VALUES = ["' OR '1'='1", '"; DROP TABLE accounts_user; --', "1) OR (1=1", "%", "_", "\x00", "-1", "9" * 400, "１２", "[]",
          "pk__gt", "-organisation__users__password", "created_by__password__startswith", "(SELECT 1)", "\U0001f600"]  # fmt: skip
MIXED = "' OR 1=1 --\x00" + "9" * 40


def names():
    """Every name a page of ours takes out of its address."""
    found = set(_FIELDS)
    for file in Path(settings.BASE_DIR).glob("*/views/**/*.py"):
        found |= set(_READ.findall(file.read_text(encoding="utf-8")))
    return sorted(found - {"next"})


def pages():
    """Pages that need nothing named in their address, out of modules that read what stands behind it."""
    found = {
        entry.name for entry in own_routes()
        if "<" not in str(entry.pattern) and "request.GET" in Path(sys.modules[entry.callback.__module__].__file__).read_text(encoding="utf-8")
    }  # fmt: skip
    return sorted(name for name in found - SIDE_EFFECTS if not name.startswith("demo"))


@pytest.mark.timeout(600)
def test_no_filter_breaks_a_list_or_widens_it(scene, client, figures):
    client.raise_request_exception = False
    number, wrong, asked, met = scene["application"].number, [], 0, 0
    queries = [dict.fromkeys(names(), value) for value in VALUES] + [{name: MIXED} for name in names()]
    assert len(names()) > 15
    owner, stranger = scene["own"][Role.PROGRAMME_OFFICER], scene["foreign"][Role.APPLICANT_LEADER]
    for user, role in ((owner, Role.PROGRAMME_OFFICER), (stranger, Role.APPLICANT_LEADER)):
        client.force_login(user, backend=BACKEND)
        for name in pages():
            if not admitted(TABLE[name], role):
                continue
            address = reverse(name)
            for query in queries if user is owner else queries[: len(VALUES)]:
                answer = client.get(address, query)
                body = b"".join(answer.streaming_content) if answer.streaming else answer.content
                asked += 1
                if answer.status_code >= 500:
                    wrong.append(f"{name} {query}: {answer.status_code}")
                if number.encode() in body:
                    met += user is owner
                    if user is stranger:
                        wrong.append(f"{name} {query}: told a stranger of {number}")
    figures(f"{asked} questions", f"{len(wrong)} wrong")
    assert wrong == []
    assert len(pages()) > 12
    assert asked > 700
    assert met > 10, "the planted positive: to whom it concerns the same pages tell"
