"""Two hundred scripts in every text column, every page opened: nothing of them comes alive (trust.md H7, G19)."""

import io

import pikepdf
import pytest
from django.template import Context, Template
from django.urls import reverse

from accounts.roles import Role
from tests.config.test_access_matrix import SIDE_EFFECTS, TABLE, admitted, arguments, scene
from tests.hostile.live import live
from tests.hostile.payloads import SCRIPTS
from tests.hostile.poison import columns, fill

__all__ = ["scene"]
ALL = "\n".join(SCRIPTS)
# Values that are dangerous as a whole, where a page would use one as an address or as part of a tag.
WHOLE = [
    "javascript:alert(/zqx/)",
    "data:text/html,<script>alert(/zqx/)</script>",
    '" onfocus="alert(/zqx/)" autofocus x="',
]
# Who looks: between them they may open every page.
LOOKERS = (Role.PROGRAMME_OFFICER, Role.APPLICANT_LEADER, Role.EXPERT, Role.FORMALITY_CHECKER, Role.PROVINCE_OFFICER)


def test_the_check_sees_what_is_alive():
    """The planted positive: most payloads live when they are put into a page as they are, none when they are escaped."""
    alive = [one for one in SCRIPTS if live(f"<p>{one}</p>") or live(f'<input value="{one}">')]
    assert len(SCRIPTS) >= 200
    assert len(alive) > 0.85 * len(SCRIPTS)
    page = Template(
        '<p title="{{ text }}">{{ text }}</p><textarea>{{ text }}</textarea><a href="/?q={{ text|urlencode }}">x</a>'
    )
    assert live(page.render(Context({"text": ALL}))) == []
    assert live(Template("<p>{{ text|safe }}</p>").render(Context({"text": ALL})))
    assert live(Template('<a href="{{ text }}">x</a>').render(Context({"text": WHOLE[0]})))


def lookers(scene, name):
    """Who opens a page here: a passer-by where anybody may, and one or two of those who may."""
    rule = TABLE[name]
    own = {role: scene["own"][role] for role in LOOKERS if admitted(rule, role)}
    if rule == "public":
        return [None]
    if rule == "signed_in":
        return [own[Role.PROGRAMME_OFFICER], own[Role.APPLICANT_LEADER]]
    return list(own.values())[:1] or [scene["own"][next(role for role in scene["own"] if admitted(rule, role))]]


def sweep(scene, client):
    """Opens every page; ([what came alive, and what broke], how many pages showed the text, how many PDFs there were)."""
    client.raise_request_exception = False
    faults, shown, papers = [], 0, 0
    for name in sorted(set(TABLE) - SIDE_EFFECTS):
        address = reverse(name, args=arguments(name, scene))
        for user in lookers(scene, name):
            client.logout()
            if user is not None:
                client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
            answer = client.get(address)
            body = b"".join(answer.streaming_content) if answer.streaming else answer.content
            kind = answer.headers.get("Content-Type", "")
            if answer.status_code >= 500 and name != "healthz":
                faults.append(f"{name}: {answer.status_code}")
            elif kind.startswith("text/html"):
                html = body.decode()
                shown += "zqx" in html
                faults += [f"{name} as {user}: {fault}" for fault in live(html)]
            elif kind.startswith("application/pdf"):
                papers += 1
                faults += [f"{name}: {fault}" for fault in alive_in(body)]
    return faults, shown, papers


def alive_in(data):
    """What a reader of a PDF would act on: scripts, files, addresses of strangers."""
    with pikepdf.open(io.BytesIO(data)) as pdf:
        for number in range(1, len(pdf.objects)):
            item = pdf.objects[number]
            if not isinstance(item, pikepdf.Dictionary):
                continue
            action = str(item.get("/S", ""))
            if action in ("/JavaScript", "/Launch", "/SubmitForm", "/ImportData", "/GoToR") or "/JS" in item:
                yield f"{action} in object {number}"
            if "evil.example" in str(item.get("/URI", "")):
                yield f"address in object {number}"


def test_the_check_sees_what_is_alive_in_a_pdf():
    """The planted positive of the papers."""
    pdf, out = pikepdf.new(), io.BytesIO()
    pdf.add_blank_page()
    pdf.Root.OpenAction = pdf.make_indirect(
        pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS=pikepdf.String("app.alert(1)"))
    )
    pdf.Root.Extra = pdf.make_indirect(
        pikepdf.Dictionary(S=pikepdf.Name.URI, URI=pikepdf.String("http://evil.example/"))
    )
    pdf.save(out)
    assert len(list(alive_in(out.getvalue()))) == 2


@pytest.mark.timeout(900)
def test_nothing_comes_alive_on_any_page(scene, client, figures):
    assert len(list(columns())) > 100
    assert fill(ALL) > 60
    faults, shown, papers = sweep(scene, client)
    figures(f"{len(SCRIPTS)} texts", f"{shown} pages", f"{papers} papers", f"{len(faults)} alive")
    assert faults == []
    assert shown > 40
    assert papers > 5


@pytest.mark.timeout(900)
@pytest.mark.parametrize("text", WHOLE, ids=["script", "data", "handler"])
def test_no_text_is_used_as_an_address_or_as_markup(scene, client, text):
    fill(text)
    faults, shown, papers = sweep(scene, client)
    assert faults == []
    assert shown > 40
    assert papers > 5
