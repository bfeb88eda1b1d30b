"""Words an office writes itself are words: no template language carries anything out in them (trust.md H10)."""

import pytest

from notifications import words
from notifications.words import KINDS
from tests.hostile.payloads import TEMPLATES


@pytest.mark.parametrize("text", TEMPLATES)
def test_what_looks_like_a_template_is_said_as_it_stands(text, settings):
    """Either the words are refused, or they come out letter for letter."""
    kind = next(iter(KINDS.values()))
    given = (f"主题 {text}", f"正文 {text} " + " ".join(f"${name}" for name in kind.needed))
    if words.faults(kind, *given):
        # "$" alone, or a name nobody knows: the office reads so while it writes.
        assert "$" in text
        return
    subject, body = words.fill(given, dict.fromkeys((one.name for one in kind.placeholders), "甲"))
    assert text in subject
    assert text in body
    assert settings.SECRET_KEY not in subject + body


def test_the_engine_that_would_is_nowhere_near(django_user_model):
    """The planted positive: Django's own engine does carry it out."""
    from django.template import Context, Template

    user = django_user_model(username="x", password="hash-of-a-password")
    assert "hash-of-a-password" in Template(TEMPLATES[0]).render(Context({"user": user}))
