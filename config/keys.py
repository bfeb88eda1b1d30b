"""Whether a secret key is one. Used while settings are read, and therefore without Django."""

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
