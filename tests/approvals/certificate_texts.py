"""Texts to hold the compiled path against: what certificates really say, and what is likely to break it."""

import csv
import random
import re
import tomllib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from approvals.certificates.design import load
from approvals.certificates.text import CertificateText, bold, paragraph

ROOT = Path(__file__).resolve().parents[2]
CODE = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
BASE = load("award_landscape").samples["usual"]

NASTY = (
    "—", "——", "…", "……", "·", " ", "  ", "a/b", "50%", "3,000", "1.5", "(甲)", "（", "）", "“", "”", "‘", "’", "《", "》",
    "，", "。", "、", "；", "：", "？", "！", "【", "】", "〔2026〕", "ZL201710123456.7", "Société Générale", "ISO/IEC 27001:2022",
    "WeasyPrintIsAVeryLongLatinWordThatNeverBreaks", "㊣", "①②③", "Ⅲ", "\u3000", "\u200b", "\u00a0", "\u202e", "\u00ad",
    "𪚥", "𠀀", "垚", "喆", "龘", "々", "〇", "～", "－", "％", "＃１２３", "ＡＢＣ", "/", "％。", "”。", "）。", "“”", "e\u0301",
    "\ud800", "\t", "\n", "א", "ก", "한글", "カナ", "A", "7", "、、", "。」", "「", "￥5", "$5", "℃", "№1", "-", "–", "'", '"',
)  # fmt: skip


def _code(chance: random.Random) -> dict[str, str]:
    code = "".join(chance.choice(CODE) for _ in range(10))
    return {"check_code": code, "verify_url": f"https://verify.example.cn/v/{code}/"}


def _hanzi(chance: random.Random, length: int) -> str:
    common = "国家知识产权服务业集聚发展示范区试点城市管理委员会人民政府高新技术开发建设任务组织实施验收合格经申报评审公示和批复"
    return "".join(chance.choice(common) for _ in range(length))


def adversarial(many: int, seed: int = 1) -> list[CertificateText]:
    """*many* texts with trouble in paragraph and holder, the same for the same *seed*."""
    chance = random.Random(seed)
    found = []
    for number in range(many):
        plain = _hanzi(chance, chance.randrange(20, 150))
        # A third plain with digits and punctuation of every kind, so that enough is accepted to be worth comparing.
        kinds = "，。、；：“”（）《》〔〕0123456789A" if number % 3 else NASTY
        body = list(plain)
        for _n in range(chance.randrange(1, 9)):
            body.insert(chance.randrange(len(body) + 1), chance.choice(kinds))
        words = "".join(body)
        runs = [words]
        if number % 2:
            cut = sorted(chance.randrange(1, len(words)) for _ in range(2))
            runs = [words[: cut[0]], bold(words[cut[0] : cut[1]]), words[cut[1] :]]
        holder = _hanzi(chance, chance.randrange(2, 44))
        if number % 7 == 0:
            holder += chance.choice(NASTY)
        serial = f"证书编号：知试验证字〔{chance.randrange(2000, 2040)}〕第{chance.randrange(10**5):05d}号"
        found.append(replace(BASE, holder=holder, paragraphs=(paragraph(*runs),), serial=serial, **_code(chance)))
    # Lines that just fit, and those one character longer.
    for length in range(25, 125):
        found.append(replace(BASE, paragraphs=(paragraph("认" * length),), **_code(chance)))
    return found


def _places() -> list[str]:
    with (ROOT / "accounts/data/divisions.csv").open(encoding="utf-8") as file:
        return [row["name"] for row in csv.DictReader(file) if row["kind"] != "nation"]


def _programmes() -> Iterator[tuple[str, str, str, str]]:
    """Name, paragraph, title and issuer of every packaged programme with a certificate."""
    for file in sorted((ROOT / "pilots/catalogue").glob("*.toml")):
        rules = tomllib.loads(file.read_text(encoding="utf-8"))
        if words := rules.get("certificate"):
            for kind in ("paragraph", "on_acceptance", "on_renewal"):
                if kind in words:
                    yield rules["name"]["zh"], words[kind]["zh"], words["title"]["zh"], words["issuer"]["zh"]


def realistic(seed: int = 2) -> list[CertificateText]:
    """What the packaged programmes would print for places and bodies of the demonstration, three for each wording."""
    chance = random.Random(seed)
    places = _places()
    bodies = ("人民政府", "知识产权局", "高新技术产业开发区管理委员会", "经济技术开发区管理委员会", "市场监督管理局")
    found = []
    for name, wording, title, issuer in _programmes():
        for _n in range(3):
            place, year = chance.choice(places), chance.randrange(2016, 2027)
            month = chance.randrange(1, 13)
            fields = {
                "place": place, "title": f"{place}{name}", "document": f"国知试发〔{year}〕{chance.randrange(1, 200)}号",
                "term": f"{year}年{month}月至{year + 3}年{month}月", "grade": chance.choice(("优秀", "合格", "良好")),
            }  # fmt: skip
            words = re.sub(r"\{(\w+)\}", lambda match, fields=fields: fields.get(match[1], "一等奖"), wording)
            found.append(replace(
                BASE, title=title, programme=name, issuer=issuer, holder=place + chance.choice(bodies),
                serial=f"证书编号：SD〔{year}〕第{chance.randrange(1, 99999):05d}号", paragraphs=(paragraph(words),),
                **_code(chance),
            ))  # fmt: skip
    return found
