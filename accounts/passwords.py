"""Words everybody in the office would try: the product's, the site's, one's own body's, and those the operator names."""

import re
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from pypinyin import lazy_pinyin

# What must be left of a password when those words are taken out, in characters.
LEFT = 8
SHORTEST = 3
_PRODUCT = ("pilotage", "shidiantong", "试点通", "试点", "shidian")
_COMMON = frozenset({"www", "com", "org", "net", "gov", "edu", "local", "localhost", "test"})


def office_words(user=None):
    """The words, lower case, the longest first; names in Chinese count in pinyin, too."""
    body = getattr(getattr(user, "organisation", None), "name", "")
    host = re.split(r"[.\-]", (urlsplit(settings.SITE_URL).hostname or "").lower())
    given = [*settings.PASSWORD_WORDS, body]
    words = {
        *_PRODUCT,
        *host,
        *(word.lower() for word in given),
        *("".join(lazy_pinyin(word)).lower() for word in given),
    }
    return sorted(
        {word for word in words if len(word) >= SHORTEST or not word.isascii()} - _COMMON - {""}, key=len, reverse=True
    )


class OfficeWordsValidator:
    """Refuses a password that is a word of the office with little besides (ASVS 5.0, 6.1.2 and 6.2.11)."""

    def validate(self, password, user=None):
        """Raises ValidationError when fewer than LEFT characters are left without those words."""
        rest, found = password.lower(), ""
        for word in office_words(user):
            if word in rest:
                rest, found = rest.replace(word, ""), found or word
        if found and len(rest) < LEFT:
            raise ValidationError(
                _("密码里有本系统或本单位的名称（%(word)s），容易被猜到；请另换一个。") % {"word": found}
            )

    def get_help_text(self):
        """What people read beside the field."""
        return _("不要用本系统、本单位的名称加几个数字作密码。")
