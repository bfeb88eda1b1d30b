"""`./manage.py docs`: writes docs/acts.md from the registered acts; `--check` fails when it is stale."""

from pathlib import Path

import polib
from django.apps import apps
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import override
from django_fsm import State

from accounts.acts import acts_of

TARGET = Path(settings.BASE_DIR) / "docs" / "acts.md"
ENGLISH = Path(settings.BASE_DIR) / "config" / "locale" / "en" / "LC_MESSAGES" / "django.po"
MODELS = (
    "pilots.Batch",
    "pilots.Application",
    "approvals.Objection",
    "pilots.Designation",
    "pilots.Change",
    "approvals.Certificate",
    "approvals.SealUse",
    "approvals.CertificateTemplate",
    "approvals.Expert",
    "pilots.RulesDraft",
    "approvals.GrantRequest",
)
HEAD = """# Acts and states

Made by `./manage.py docs` from the code; do not edit. `./manage.py docs --check` says whether it is fresh.

- **Seats**: who may do it (`accounts/roles.py`). `system` is the sweep or a consequence of another act,
  `public` a passer-by. Rules or the state of the case may narrow the seats (`Act.seats`).
- **To**: the states the transition may lead to. Where there are several, the first stage ahead that the
  programme's rules use, or the facts, decide. `·`: the act names no transition of its own; the case stays
  where it is, or the act moves it when its condition is met (the last countersignature, for example).
- **Marks**: R a reason is required; G re-authentication is asked for; N there is no button, because it is
  done by the page that begins the case, as a consequence of another act, or by the sweep.
"""


class Command(BaseCommand):
    help = "Writes docs/acts.md, the table of every act and state; --check fails when it is stale."

    def add_arguments(self, parser):
        parser.add_argument("--check", action="store_true", help="change nothing; fail when it is stale")

    def handle(self, *args, check, **options):
        text = page()
        if not check:
            TARGET.write_text(text, encoding="utf-8")
            self.stdout.write(f"{TARGET.relative_to(settings.BASE_DIR)} written")
        elif not TARGET.exists() or TARGET.read_text(encoding="utf-8") != text:
            raise CommandError("docs/acts.md is stale; run ./manage.py docs")
        else:
            self.stdout.write("docs/acts.md is up to date")


def page():
    """The whole of docs/acts.md as text."""
    english = {entry.msgid: entry.msgstr for entry in polib.pofile(str(ENGLISH))} if ENGLISH.exists() else {}
    with override("zh-hans"):
        return HEAD + "".join(_chapter(apps.get_model(label), english) for label in MODELS)


def _chapter(model, english):
    """States and acts of one model, in the order in which a case meets them."""
    labels = dict(model._meta.get_field("state").flatchoices)
    order = list(labels)

    def place(act):
        return act.code != "begin", min(order.index(code) for code in act.sources(model))

    states = [f"| `{code}` | {label} | {english.get(label, '')} |" for code, label in labels.items()]
    acts = [_row(model, act, order, english) for act in sorted(acts_of(model).values(), key=place)]
    return "\n".join([
        "", f"## {model.__name__} ({model._meta.verbose_name})", "",
        "| state | 中文 | English |", "|---|---|---|", *states, "",
        "| act | 中文 | English | seats | from | to | marks |", "|---|---|---|---|---|---|---|", *acts, "",
    ])  # fmt: skip


def _row(model, act, order, english):
    label = str(act.label)
    marks = (("R", act.needs_reason), ("G", act.grave), ("N", not act.offered))
    cells = (
        f"`{act.code}`",
        label,
        english.get(label, ""),
        ", ".join(str(role) for role in act.roles),
        _listed(order, act.sources(model)),
        _listed(order, _targets(model, act)) or "·",
        " ".join(mark for mark, holds in marks if holds),
    )
    return f"| {' | '.join(cells)} |"


def _targets(model, act):
    """Every state the act's transition may lead to; nothing for an act without one."""
    if act.transition is None:
        return set()
    found = set()
    for transition in getattr(model, act.transition)._django_fsm.transitions.values():
        target = transition.target
        found.update((target.allowed_states or ()) if isinstance(target, State) else [target])
    return found


def _listed(order, states):
    """States as codes, in the model's own order."""
    return ", ".join(f"`{code}`" for code in order if code in states)
