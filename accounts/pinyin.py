"""Search by the first letters of the pinyin, as Chinese users type it (例：gzkfq → 广州开发区)."""

from pypinyin import Style, lazy_pinyin


def initials(text: str) -> str:
    """Lower-case first letters of each character, Latin kept; at most 40."""
    return "".join(lazy_pinyin(text, style=Style.FIRST_LETTER)).lower().replace(" ", "")[:40]
