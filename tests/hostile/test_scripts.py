"""Two hundred scripts in every text people can write, on every page there is: none of them lives (trust.md H7, G19)."""

from django.apps import apps
from django.db import connection, models
from django.urls import reverse
from django.utils.html import escape

from accounts.roles import Role
from tests.config.test_access_matrix import (  # noqa: F401 - `scene` is a fixture
    SIDE_EFFECTS,
    TABLE,
    admitted,
    arguments,
    scene,
)
from tests.hostile.live import live
from tests.hostile.payloads import SCRIPTS

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
EVERYTHING = "\n".join(SCRIPTS)
# Codes, hashes, keys and documents that are checked before they are stored; nobody types them into a page.
TECHNICAL = {
    "code", "kind", "state", "role", "sha256", "head", "hash", "previous", "key", "path", "uuid", "channel", "model",
    "case_model", "subject_model", "claim", "essence", "language", "username", "password", "programme", "group", "format",
    "version", "act", "then_act", "from_state", "to_state", "text", "flow_class", "flow_task", "face", "unit", "material",
    "grade", "intake", "status", "flow_task_type", "external_task_id", "owner_permission", "token", "data", "config",
}  # fmt: skip
_OURS = {"accounts", "approvals", "notifications", "pilots"}


def test_there_are_two_hundred_of_them_and_the_parser_sees_them():
    """The planted positive: what is not escaped is found, one by one."""
    assert len(SCRIPTS) >= 200
    alive = [text for text in SCRIPTS if live(f"<p>{text}</p>") or live(f'<input value="{text}">')]
    assert len(alive) >= 150
    assert [text for text in SCRIPTS if live(f'<p title="{escape(text)}">{escape(text)}</p>')] == []


def texts():
    """(model, field) of every text a person may have written."""
    for model in apps.get_models():
        if model._meta.app_label not in _OURS or model._meta.proxy:
            continue
        for field in model._meta.concrete_fields:
            text = isinstance(field, models.CharField | models.TextField) and not isinstance(
                field, models.SlugField | models.URLField
            )
            if text and not field.choices and not field.unique and field.name not in TECHNICAL:
                yield model, field


def test_no_script_lives_on_any_page(scene, client):  # noqa: F811
    """Written into the rows themselves, past every form: only the pages stand between them and a reader."""
    written = 0
    for model, field in texts():
        text = (
            EVERYTHING if field.max_length is None or connection.vendor == "sqlite" else SCRIPTS[3][: field.max_length]
        )
        written += model._base_manager.update(**{field.name: text})
    assert written > 200
    people = {role: scene["own"][role] for role in (Role.PROGRAMME_OFFICER, Role.APPLICANT_LEADER, Role.EXPERT_SECRETARY,
                                                    Role.OBJECTION_HANDLER, Role.FORMALITY_CHECKER, Role.AUDITOR)}  # fmt: skip
    pages, alive = 0, []
    for name in sorted(set(TABLE) - SIDE_EFFECTS):
        address = reverse(name, args=arguments(name, scene))
        for role, user in people.items():
            if not admitted(TABLE[name], role):
                continue
            client.force_login(user, backend=BACKEND)
            answer = client.get(address)
            if answer.streaming:
                answer.close()
                continue
            if answer.headers.get("Content-Type", "").startswith("text/html"):
                pages += 1
                alive += [f"{name} as {role}: {node}" for node in live(answer.content.decode())]
            if answer.status_code >= 500:
                alive.append(f"{name} as {role}: {answer.status_code}")
            # One person is enough where everybody sees the same.
            if TABLE[name] == "public":
                break
    assert alive == []
    assert pages > 100


def test_what_was_typed_comes_back_as_text(scene, client):  # noqa: F811
    """A form that is refused shows what was typed; it shows it as text."""
    client.force_login(scene["own"][Role.PROGRAMME_OFFICER], backend=BACKEND)
    batch, seen = scene["batch"], 0
    for name, args, fields in (
        ("batch_edit", [batch.uuid], ("title", "call_text", "opens_on", "closes_on")),
        ("batch_new", [], ("title", "call_text", "programme", "opens_on")),
        ("template_new", [], ("name", "code", "label", "label_en")),
        ("programme_copy", ["service_cluster_trial_zone"], ("code", "name", "prefix")),
        ("channel_new", ["webhook"], ("name", "url", "secret")),
    ):
        for start in range(0, len(SCRIPTS), 20):
            answer = client.post(reverse(name, args=args), dict.fromkeys(fields, " ".join(SCRIPTS[start : start + 20])))
            assert answer.status_code < 500
            seen += "alert(/zqx/)" in answer.content.decode()
            assert live(answer.content.decode()) == [], name
    assert seen > 10
