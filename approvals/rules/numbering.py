"""Numbers of documents and certificates (programmes.md §7.2)."""

import re

DOCUMENT_NUMBER = re.compile(r"^[\u4e00-\u9fff]{2,10}〔(?:19|20)\d{2}〕[1-9]\d{0,3}号$")


def document_number(series: str, year: int, number: int) -> str:
    """「国知发规字〔2017〕6号」: square-corner brackets, no leading zero, no 第."""
    return f"{series}〔{year}〕{number}号"


def certificate_serial(prefix: str, year: int, number: int) -> str:
    """「JJQ〔2026〕第00013号」."""
    return f"{prefix}〔{year}〕第{number:05d}号"
