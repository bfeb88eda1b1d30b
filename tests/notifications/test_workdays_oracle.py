"""Every start day 2018–2026 × 1…60 working days against an independent count, wherever the process runs."""

import os
import subprocess
import sys
from datetime import date
from pathlib import Path

from tests.notifications import oracle

ZONES = ("UTC", "Asia/Shanghai", "America/New_York", "Pacific/Kiritimati")
DAYS = (oracle.LAST - oracle.FIRST).days + 1
ROOT = Path(__file__).resolve().parents[2]


def test_every_start_day_and_length_in_four_time_zones():
    runs = [
        subprocess.Popen(
            [sys.executable, "-m", "tests.notifications.oracle"],
            cwd=ROOT, env=os.environ | {"TZ": zone}, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )
        for zone in ZONES
    ]  # fmt: skip
    found = {zone: run.communicate(timeout=250) for zone, run in zip(ZONES, runs, strict=True)}
    assert {zone: out.strip() for zone, (out, _err) in found.items()} == dict.fromkeys(ZONES, str(DAYS * oracle.MOST))
    assert DAYS * oracle.MOST == 197_220


def test_the_oracle_itself_knows_what_the_law_says():
    def last(start, n):
        return date.fromordinal(oracle.answer(start, n)[0])

    # programmes.md §8.3: counted by hand from the notices.
    assert last(date(2024, 9, 27), 5) == date(2024, 10, 10)
    assert last(date(2018, 2, 9), 5) == date(2018, 2, 22)
    assert last(date(2026, 12, 31), 1) == date(2027, 1, 4)
    assert oracle.answer(date(2018, 1, 1), 1)[1] == 1514908800  # 2018-01-03 00:00 in Shanghai
