"""Version numbers and the names a programme must not share with another one."""

import hashlib
import re

from django.utils.translation import gettext as _

from accounts.acts import Unmet
from pilots.models import Programme, RulesVersion

_VERSION = re.compile(r"(\d{4})\.(\d+)")
# Room for them in the database (pilots.models.programme).
LONGEST_NAME, LONGEST_NAME_EN = 80, 160
LONGEST_VERSION = 12
PREFIX_LETTERS = 6


def digest(text):
    """SHA-256 of a text, as it is kept with a version."""
    return hashlib.sha256(text.encode()).hexdigest()


def next_version(programme, year):
    """「2026.3」: the next number of a year that no version of the programme has."""
    taken = RulesVersion.objects.filter(programme=programme).values_list("version", flat=True) if programme else ()
    found = [int(match[2]) for match in map(_VERSION.fullmatch, taken) if match and int(match[1]) == year]
    return f"{year}.{max(found, default=0) + 1}"


def prefixes(besides=None):
    """{prefix: programme} of the current rules of all programmes but one: numbers of batches begin with it."""
    newest = {}
    rows = RulesVersion.objects.filter(published_at__isnull=False).select_related("programme")
    for row in rows.order_by("published_at", "pk"):
        newest[row.programme_id] = row
    return {
        row.rules.number_prefix: row.programme for row in newest.values() if besides is None or row.programme != besides
    }


def obstacles(draft, rules):
    """What a text that is in order still may not say: another code, a number or a prefix that is taken."""
    programme = draft.programme
    if rules.code != draft.code:
        yield Unmet("code", _("规则中的代码是 %(now)s，草案的代码是 %(code)s，不能改。") % {
            "now": rules.code, "code": draft.code})  # fmt: skip
    if programme is None and Programme.objects.filter(code=draft.code).exists():
        yield Unmet("code_taken", _("已有代码为 %(code)s 的项目。") % {"code": draft.code})
    if len(rules.name.zh) > LONGEST_NAME or len(rules.name.en) > LONGEST_NAME_EN:
        yield Unmet("long_name", _("项目名称过长：中文不超过 %(zh)s 字，英文不超过 %(en)s 个字符。") % {
            "zh": LONGEST_NAME, "en": LONGEST_NAME_EN})  # fmt: skip
    if len(rules.version) > LONGEST_VERSION:
        yield Unmet("long_version", _("版本号过长。"))
    if programme is not None and RulesVersion.objects.filter(programme=programme, version=rules.version).exists():
        year = int(rules.version.partition(".")[0])
        yield Unmet("version_taken", _("版本号 %(version)s 已经发布过，可改为 %(free)s。") % {
            "version": rules.version, "free": next_version(programme, year)})  # fmt: skip
    other = prefixes(besides=programme).get(rules.number_prefix)
    if other is not None:
        yield Unmet("prefix", _("编号前缀 %(prefix)s 已用于“%(name)s”，编号会重复。") % {
            "prefix": rules.number_prefix, "name": other})  # fmt: skip


def initials(name):
    """「ZSCQQX」 of 知识产权强县: the first letters in pinyin, for codes nobody wants to think up."""
    from pypinyin import Style, lazy_pinyin  # noqa: PLC0415 - its tables are large

    letters = "".join(lazy_pinyin(name, style=Style.FIRST_LETTER, errors="ignore"))
    return re.sub(r"[^a-z]", "", letters.lower())
