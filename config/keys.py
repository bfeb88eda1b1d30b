"""The secret key: where it is kept, and whether it is one. Used while settings are read, and therefore without them."""

import contextlib
import os
import tempfile
from pathlib import Path

from django.core.management.utils import get_random_secret_key

SHORTEST, FEWEST = 50, 5
# What stands in examples, and is copied from there.
_EXAMPLES = ("insecure", "changeme", "change-me", "change_me", "secret-key", "secretkey", "example", "replace")


def weakness(key: str) -> str:
    """What is wrong with a secret key, in English; an empty text when nothing is."""
    if len(key) < SHORTEST:
        return f"is shorter than {SHORTEST} characters"
    if len(set(key)) < FEWEST:
        return "repeats a few characters"
    if any(word in key.lower() for word in _EXAMPLES):
        return "is out of an example"
    return ""


def kept(file: Path) -> str:
    """The key in `file`. Where there is none one is made, whole and readable by nobody else from its first byte on;
    processes that start together come to the same."""
    if not file.exists():
        handle, name = tempfile.mkstemp(dir=file.parent, prefix=".secret-")
        with os.fdopen(handle, "w", encoding="ascii") as out:
            out.write(get_random_secret_key())
        try:
            os.link(name, file)
        except FileExistsError:
            pass  # Another process was first.
        except OSError:
            # A volume without links: the last to come wins, and the web is started before the worker.
            os.replace(name, file)
        with contextlib.suppress(FileNotFoundError):
            os.unlink(name)
    return file.read_text(encoding="ascii").strip()
