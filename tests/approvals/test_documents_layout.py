"""Where things stand on the paper, measured in the PDF (programmes.md §7.4); millimetres."""

from dataclasses import replace
from datetime import date
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from approvals.documents import breaking, lines
from approvals.documents import typography as t
from approvals.documents.model import Paragraph, Signature
from approvals.documents.pdf import pages_before_imprint, pdf_bytes
from approvals.documents.text import apart, level_of
from tests.approvals import paper
from tests.approvals.paper import BOTTOM, FULL, LEFT, RIGHT, TOP, block, listing, rows, sheet, text

LONG = (Paragraph(FULL * 40),)


def near(value, wanted, by=1.0):
    return abs(value - wanted) <= by


@pytest.fixture(scope="module")
def long():
    """A file whose body fills two pages and more."""
    return paper.pages(pdf_bytes(sheet(blocks=LONG)))


# --- the grid -------------------------------------------------------------------------------------------------------
def test_a_full_page_has_22_lines_of_28_characters_inside_the_margins(long):
    lines_of = block(long[1])
    assert [text(row) for row in lines_of] == [FULL] * 22
    assert all(near(row[0].left, LEFT) and near(row[-1].right, RIGHT) for row in lines_of)
    assert near(lines_of[0][0].top, TOP, 3), "the glyph stands in the middle of its line"
    pitches = {round(after[0].middle - before[0].middle, 1) for before, after in pairwise(lines_of)}
    assert pitches <= {10.2, 10.3}, "225 mm / 22"
    assert lines_of[-1][0].bottom <= BOTTOM


def test_a_first_line_is_indented_by_two_characters(long):
    first = next(row for row in block(long[0]) if text(row).startswith("知"))
    assert len(first) == 26
    assert near(first[0].left, LEFT + 2 * t.CELL * 25.4 / 72, 0.5)


def test_stops_never_begin_a_line_and_brackets_never_end_one():
    body = (
        "根据《办法》（国知办发规字〔2018〕12号），经“地方申报”、省级推荐、形式审查；专家评审、公示：现批复如下！" * 6
    )
    for shift in range(28):
        made = block(
            paper.pages(pdf_bytes(sheet(blocks=(Paragraph("知" * shift + body),), form="plain", imprint=None)))[0]
        )
        for row in made:
            assert row[0].text not in lines.NO_START, text(row)
            assert row[-1].text not in lines.NO_END, text(row)
            assert row[-1].right <= RIGHT + 3.0, "an empty half may hang over, a glyph not"


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet="知识产权，。、；（）《》“”〔〕2018abc—… ", min_size=1, max_size=120))
def test_breaking_loses_no_character_and_fits(given_text):
    found = lines.break_lines(given_text, "fangsong", size=16, tight=-0.21, room=t.WIDTH, indent=2 * t.CELL)
    assert "".join(row.text for row in found).replace(" ", "") == given_text.replace(" ", "")
    for index, row in enumerate(found):
        room = t.WIDTH - (2 * t.CELL if index == 0 else 0)
        wide = sum(lines.advance(char, "fangsong") * 16 + spacing for part, spacing in row.pieces for char in part)
        assert wide <= room + 16, "at most the spacing behind the last character"


def test_a_hash_longer_than_a_line_is_broken_and_a_word_is_not():
    found = lines.break_lines("a" * 200, "fangsong", size=16, tight=-0.21, room=t.WIDTH)
    assert len(found) > 2
    found = lines.break_lines(FULL[:-2] + "abcdef", "fangsong", size=16, tight=-0.21, room=t.WIDTH)
    assert [row.text for row in found] == [FULL[:-2], "abcdef"]


# --- head, title, end -----------------------------------------------------------------------------------------------
def test_the_mark_begins_35_mm_below_the_block_and_number_and_title_follow():
    page = block(paper.pages(pdf_bytes(sheet()))[0])
    assert text(page[0]) == "规划发展司文件"
    # 60 pt: the em box of the characters begins 35 mm below the block's top.
    assert near(page[0][0].middle, TOP + 35 + 30 * 25.4 / 72)
    number = page[1]
    assert text(number) == "国知发规字〔2018〕6号"
    assert near((number[0].left + number[-1].right) / 2, 28 + 78)
    title = [row for row in page if row[0].bottom - row[0].top > 7 and row is not page[0]]
    assert "".join(text(row) for row in title) == sheet().title
    assert all(near((row[0].left + row[-1].right) / 2, 28 + 78) for row in title)
    # Two blank lines between the rule, 4 mm under the number's line, and the title's first line.
    assert near(title[0][0].middle - number[0].middle, 4 + 3 * 225 / 22, 1)
    addressee = page[page.index(title[-1]) + 1]
    assert text(addressee) == "上海市知识产权局："
    assert near(addressee[0].left, LEFT)
    assert near(addressee[0].middle - title[-1][0].middle, 2 * 225 / 22, 1)


def test_an_upward_document_has_its_number_at_the_left_and_its_signer_at_the_right():
    page = block(paper.pages(pdf_bytes(sheet(signer="张三")))[0])
    row = next(row for row in page if "签发人" in text(row))
    assert text(row) == "国知发规字〔2018〕6号签发人：张三"
    assert near(row[0].left, LEFT + 5.57)
    assert near(row[-1].right, RIGHT - 5.57)


def test_a_sealed_date_stands_four_characters_from_the_right_under_its_agency():
    page = block(paper.pages(pdf_bytes(sheet()))[1 - 1])
    date_row = next(row for row in page if text(row) == "2018年6月1日")
    name_row = page[page.index(date_row) - 1]
    assert near(RIGHT - date_row[-1].right, 4 * t.CELL * 25.4 / 72, 0.5)
    centre = (date_row[0].left + date_row[-1].right) / 2
    assert text(name_row) == "规划发展司"
    assert near((name_row[0].left + name_row[-1].right) / 2, centre, 0.5)
    closing = next(row for row in page if text(row) == "此复。")
    # The seal (42 mm) is centred between the two; its top lies within one line of the text.
    top = (name_row[0].middle + date_row[0].middle) / 2 - 21
    assert 0 < top - (closing[0].middle + 225 / 44) <= 225 / 22


def test_without_a_seal_the_agency_stands_two_characters_from_the_right_and_the_date_two_characters_in():
    long_name = "国家知识产权试点工作演示办公室"
    page = block(paper.pages(pdf_bytes(sheet(signature=Signature((long_name,), date(2018, 6, 1), sealed=False))))[0])
    date_row = next(row for row in page if text(row) == "2018年6月1日")
    name_row = page[page.index(date_row) - 1]
    cell = t.CELL * 25.4 / 72
    assert near(RIGHT - name_row[-1].right, 2 * cell, 0.5)
    assert near(date_row[0].left - name_row[0].left, 2 * cell, 0.5)


def test_a_date_longer_than_the_agency_stands_two_characters_from_the_right():
    page = block(paper.pages(pdf_bytes(sheet(signature=Signature(("某司",), date(2018, 12, 11), sealed=False))))[0])
    date_row = next(row for row in page if text(row) == "2018年12月11日")
    name_row = page[page.index(date_row) - 1]
    cell = t.CELL * 25.4 / 72
    assert near(RIGHT - date_row[-1].right, 2 * cell, 0.5)
    assert near(date_row[0].left - name_row[0].left, 2 * cell, 0.5)


def test_a_signature_never_stands_alone_on_a_page():
    for length in range(150, 420, 28):
        made = paper.pages(pdf_bytes(sheet(blocks=(Paragraph("知" * length),))))
        index = next(n for n, page in enumerate(made) if "2018年6月1日" in [text(row) for row in rows(page)])
        page = [text(row) for row in block(made[index])]
        assert "此复。" in page
        assert any(set(row) == {"知"} for row in page)


def test_a_joint_document_has_the_leads_number_only_and_all_agencies():
    names = ("规划发展司", "财政部", "中央机构编制委员会办公室")
    made = paper.pages(pdf_bytes(sheet(agencies=names, signature=Signature(names, date(2018, 6, 1)))))
    page = [text(row) for row in block(made[0])]
    assert sum("〔2018〕" in row for row in page) == 1
    whole = "".join(text(row) for one in made for row in rows(one))
    # In the mark and in the signature; the lead prints it, too.
    assert [whole.count(name) for name in names] == [3, 2, 2]


# --- annexes, tables ------------------------------------------------------------------------------------------------
def test_annexes_begin_on_pages_of_their_own_and_are_named_before_the_signature():
    made = paper.pages(pdf_bytes(sheet(form="plain", annexes=(listing(3), listing(2, "第二份名单")))))
    first = [text(row) for row in block(made[0])]
    assert first[first.index("此复。") + 1 :][:2] == ["附件：1.名单", "2.第二份名单"]
    assert [text(row) for row in block(made[1])][:2] == ["附件1", "名单"]
    label, title = block(made[2])[:2]
    assert text(label) == "附件2"
    assert near(label[0].left, LEFT)
    assert near(title[0].middle - label[0].middle, 2 * 225 / 22, 1), "the title stands on the third line"


def test_one_annex_has_no_number():
    made = paper.pages(pdf_bytes(sheet(form="plain", annexes=(listing(3),))))
    assert "附件：名单" in [text(row) for row in block(made[0])]
    assert text(block(made[1])[0]) == "附件"


def test_a_long_table_repeats_its_head_and_loses_no_row():
    made = paper.pages(pdf_bytes(sheet(annexes=(listing(120),))))[1:]
    tables = [page for page in made if any("承担单位" in text(row) for row in block(page))]
    assert len(tables) > 3
    assert all(text(block(page)[0]) == "序号地方承担单位期限" for page in tables[1:])
    whole = "".join(text(row) for page in tables for row in block(page))
    assert all(whole.count(f"第{n}区人民政府") == 1 for n in range(1, 121))
    assert all(row[-1].right <= RIGHT for page in tables for row in block(page))


# --- page numbers and imprint ---------------------------------------------------------------------------------------
def numbers(made):
    """{page: (text, left, right, middle)} of the page numbers."""
    found = {}
    for index, page in enumerate(made, 1):
        below = [row for row in rows(page) if row[0].middle > BOTTOM + 1]
        if below:
            found[index] = below[0]
    return found


def test_page_numbers_stand_7_mm_below_odd_right_and_even_left(long):
    found = numbers(long)
    assert [text(row) for row in found.values()] == [f"—{n}—" for n in range(1, len(long) + 1)]
    one = 14 * 25.4 / 72
    for number, row in found.items():
        assert near(row[0].middle, BOTTOM + 7)
        if number % 2:
            assert near(row[-1].right, RIGHT - one)
        else:
            assert near(row[0].left, LEFT + one)


@pytest.mark.parametrize("length", [28, 300, 450, 500, 560, 900, 1120])
def test_the_imprint_lies_at_the_foot_of_the_last_page_which_is_even(length):
    one = sheet(blocks=(Paragraph("知" * length),))
    made = paper.pages(pdf_bytes(one))
    assert len(made) % 2 == 0
    last = [row for row in block(made[-1]) if not set(text(row)) <= {"知"}]
    assert text(last[-2]) == "抄送：徐汇区人民政府。"
    assert text(last[-1]) == "规划发展司2018年6月2日印发"
    assert near(last[-1][0].middle, BOTTOM - 4, 1.5)
    assert near(last[-1][0].left, LEFT + 14 * 25.4 / 72)
    assert near(last[-1][-1].right, RIGHT - 14 * 25.4 / 72)


def test_a_blank_page_before_the_imprint_and_its_page_have_no_number():
    full = next(
        one
        for one in (sheet(blocks=(Paragraph("知" * n),)) for n in range(560, 720, 28))
        if pages_before_imprint(one) == 2
    )
    made = paper.pages(pdf_bytes(full))
    assert block(made[-2]) == []
    assert sorted(numbers(made)) == list(range(1, len(made) - 1))


def test_sheets_without_an_imprint_say_so():
    with pytest.raises(ValueError, match="no imprint"):
        pages_before_imprint(sheet(imprint=None))


# --- letters, specimens, bytes --------------------------------------------------------------------------------------
def test_a_letter_has_its_number_at_the_right_and_none_below_its_first_page():
    letter = sheet(form="letter", blocks=LONG, imprint=None)
    made = paper.pages(pdf_bytes(letter))
    mark, number = rows(made[0])[:2]
    assert text(mark) == "规划发展司"
    assert near(mark[0].top, 30, 3)
    assert text(number) == "国知发规字〔2018〕6号"
    assert near(number[-1].right, RIGHT)
    assert 1 not in numbers(made)
    assert 2 in numbers(made)


def test_only_a_specimen_says_so_on_every_page():
    for special in (True, False):
        made = paper.pages(pdf_bytes(sheet(specimen=special, annexes=(listing(3),))))
        said = ["样章／示例" in [text(row) for row in rows(page)] for page in made]
        assert said == [special] * len(made)
        whole = "".join(text(row) for page in made for row in rows(page))
        assert ("规划发展司（示例）文件" in whole) is special


def test_the_same_sheet_is_the_same_bytes():
    one = sheet(annexes=(listing(30),))
    first = pdf_bytes(one)
    pdf_bytes.cache_clear()
    assert pdf_bytes(replace(one)) == first
    assert pdf_bytes(replace(one, number="国知发规字〔2018〕7号")) != first


def test_names_are_text_and_unknown_characters_are_printed_as_such():
    odd = sheet(blocks=(Paragraph("<img src=x>&amp;\x0b🎉甲"),), title="<b>标题</b>", number="国🎉〔2018〕1号")
    whole = "".join(text(row) for page in paper.pages(pdf_bytes(odd)) for row in rows(page))
    assert "<imgsrc=x>&amp;〓甲" in whole
    assert "<b>标题</b>" in whole


# --- titles and text ------------------------------------------------------------------------------------------------
TITLES = (
    "规划发展司关于同意建设国家知识产权服务业集聚发展试验区的批复（2018年第一批）", "专利管理司关于确定国家知识产权试点示范城市的通知",
    "保护协调司关于公布国家级知识产权保护规范化市场名单的通知（2017年第二批）", "关于支持开展知识产权强省建设试点的复函",
    "规划发展司关于撤销江苏省南京市江宁区国家知识产权服务业集聚发展试验区的决定",
    "关于同意建设中国（广东）知识产权保护中心的函", "规划发展司\u3000财政部关于支持开展知识产权运营服务体系建设的通知（2018年第一批）",
)  # fmt: skip


@pytest.mark.parametrize("title", TITLES)
def test_titles_break_by_sense(title):
    rows_of = breaking.title_lines(title)
    assert "".join(rows_of) == title.replace("\u3000", "", 1) or "".join(rows_of) == title
    for before, after in pairwise(rows_of):
        assert not after.startswith(("的", "）", "、"))
        assert not before.endswith(("的", "（", "关于", "、"))
    # Short words are whole in one of the lines.
    for word in (
        "关于",
        "通知",
        "批复",
        "决定",
        "知识产权",
        "试验区",
        "服务业",
        "规划发展司",
        "复函",
        "公布",
        "名单",
        "保护",
    ):
        assert sum(row.count(word) for row in rows_of) == title.count(word)


def test_a_title_that_fits_is_one_line_and_three_lines_are_no_hourglass():
    assert breaking.title_lines("关于同意建设的批复") == ["关于同意建设的批复"]
    found = breaking.title_lines(
        "规划发展司关于公布国家知识产权服务业集聚发展试验区和示范区名单并做好有关工作的通知（2018年第一批）"
    )
    sizes = [len(row) for row in found]
    assert len(sizes) >= 3
    assert not any(left > middle < right for left, middle, right in zip(sizes, sizes[1:], sizes[2:], strict=False))
    assert max(sizes) <= t.TITLE_MOST + 2


@pytest.mark.parametrize(
    ("words", "level"),
    [("一、总体要求", 1), ("（一）基本原则", 2), ("1. 坚持问题导向", 3), ("（1）加强领导", 4), ("三年", 0),
     ("一、同意徐汇区建设国家知识产权服务业集聚发展试验区。", 0), ("一、请各地按照要求，做好工作：", 0)],
)  # fmt: skip
def test_headings_find_their_level_and_sentences_do_not(words, level):
    assert level_of(words) == level


def test_the_closing_formula_is_told_from_the_text():
    assert apart("现批复如下。\n\n此复。") == ((Paragraph("现批复如下。"),), "此复。")
    assert apart("特此通知。")[1] == "特此通知。"
    assert apart("现批复如下。")[1] == ""
