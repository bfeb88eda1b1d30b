"""The programmes that come with the system: one rules document each, `<code>.toml`."""

from pathlib import Path

FOLDER = Path(__file__).resolve().parent


def files() -> list[Path]:
    """The documents, by code."""
    return sorted(FOLDER.glob("*.toml"))


def codes() -> list[str]:
    """The codes of all programmes that have a document."""
    return [path.stem for path in files()]
