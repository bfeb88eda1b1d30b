"""What leaves as a sheet: who took it stands in the file and on record, and many rows are asked about (trust.md A17)."""

from io import BytesIO

import pytest
from django.urls import reverse
from openpyxl import load_workbook

from accounts.models import AccountEvent
from pilots.views import taking_away
from tests.config.test_crawl import BACKEND

EXPORTED = AccountEvent.Kind.EXPORTED


@pytest.fixture
def officer(client, world):
    world.application(to="province_review")
    client.force_login(world.cast["officer"], backend=BACKEND)
    return client


def lines_of(answer):
    book = load_workbook(BytesIO(answer.content))
    return book, {row[0].value: row[1].value for row in book.worksheets[1].iter_rows()}


def test_a_sheet_says_who_took_it_and_the_account_does_too(officer, world):
    answer = officer.get(reverse("applications"), {"export": "xlsx", "q": "徐汇", "page": "1"})
    book, said = lines_of(answer)
    assert (said["导出人"], said["行数"], said["筛选条件"]) == (
        str(world.cast["officer"]),
        "1（符合条件的共 1）",
        "q=徐汇",
    )
    assert str(world.cast["officer"]) in book.worksheets[0].oddFooter.left.text
    event = AccountEvent.objects.get(kind=EXPORTED)
    assert (event.user, event.note) == (world.cast["officer"], "applications.xlsx 1/1 · q=徐汇")


def test_many_rows_are_asked_about(officer, monkeypatch):
    monkeypatch.setattr(taking_away, "ASKED_FROM", 0)
    address = reverse("applications")
    asked = officer.get(address, {"export": "xlsx", "q": "徐汇"})
    text = asked.content.decode()
    assert (asked.status_code, "请写明用途" in text, "本次将导出 1 行" in text) == (200, True, True)
    assert '<input type="hidden" name="q" value="徐汇">' in text, "the filter is kept"
    assert f"{address}?q=" in text, "and the way back to the same list"
    short = officer.get(address, {"export": "xlsx", "q": "徐汇", "purpose": "开会"})
    assert (short.status_code, "至少 4 个字" in short.content.decode(), 'value="开会"' in short.content.decode()) == (
        422,
        True,
        True,
    )
    assert not AccountEvent.objects.filter(kind=EXPORTED).exists()
    given = officer.get(address, {"export": "xlsx", "q": "徐汇", "purpose": "报送司务会材料"})
    _book, said = lines_of(given)
    assert said["用途"] == "报送司务会材料"
    assert AccountEvent.objects.get(kind=EXPORTED).note == "applications.xlsx 1/1 · 报送司务会材料 · q=徐汇"


def test_what_is_left_out_is_said(officer, world, monkeypatch):
    monkeypatch.setattr(taking_away, "ASKED_FROM", 0)
    monkeypatch.setattr(taking_away, "MOST_ROWS", 1)
    world.application(place="江宁区", to="province_review")
    text = officer.get(reverse("applications"), {"export": "xlsx"}).content.decode()
    assert "符合条件的共 2 行" in text
    _book, said = lines_of(officer.get(reverse("applications"), {"export": "xlsx", "purpose": "报送司务会材料"}))
    assert said["行数"] == "1（符合条件的共 2）"


def test_every_list_that_can_be_taken_away_is_on_record(officer, world, office):
    world_pages = [(reverse("sites"), "xlsx"), (reverse("deadlines"), "xlsx"), (reverse("deadlines"), "csv"),
                   (reverse("documents"), "xlsx"), (reverse("documents"), "csv")]  # fmt: skip
    for number, (address, kind) in enumerate(world_pages, start=1):
        answer = officer.get(address, {"export": kind})
        assert (answer.status_code, AccountEvent.objects.filter(kind=EXPORTED).count()) == (200, number), address
        assert f".{kind}" in answer.headers["Content-Disposition"]
    batch = office.batch if hasattr(office, "batch") else office.walk.batch
    officer.get(reverse("batch_list", args=[batch.uuid]), {"format": "xlsx"})
    assert AccountEvent.objects.filter(kind=EXPORTED).count() == len(world_pages) + 1


def test_hostile_words_of_a_filter_stay_words(officer):
    answer = officer.get(reverse("applications"), {"export": "xlsx", "q": "=1+1&P&\x0b<b>"})
    book, said = lines_of(answer)
    assert said["筛选条件"].startswith("q==1+1&P&")
    assert book.worksheets[1]["B6"].data_type == "s"
    assert AccountEvent.objects.get(kind=EXPORTED).note.startswith("applications.xlsx 0/0")
