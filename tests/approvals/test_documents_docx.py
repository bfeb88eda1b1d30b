"""The editable file: page set-up, named styles, Chinese fonts, grid, page numbers, tables, imprint."""

import io
import zipfile
from datetime import date

import docx
import pytest
from docx.oxml.ns import qn
from docx.shared import Mm
from lxml import etree

from approvals.documents.docx import docx_bytes, styles
from approvals.documents.model import Paragraph, Signature, Table
from tests.approvals.paper import listing, sheet

BODY = (
    Paragraph("一、总体要求", 1), Paragraph("（一）基本原则", 2), Paragraph("1. 问题导向", 3), Paragraph("（1）措施", 4),
    Paragraph("经研究，现批复如下。"),
)  # fmt: skip


def opened(one):
    return docx.Document(io.BytesIO(docx_bytes(one)))


def styled(document):
    """{style: [text, …]} of the paragraphs, in order."""
    found = {}
    for paragraph in document.paragraphs:
        found.setdefault(paragraph.style.name, []).append(paragraph.text)
    return found


def font_of(document, name):
    return document.styles[name].element.rPr.find(qn("w:rFonts")).get(qn("w:eastAsia"))


def test_page_and_grid_are_the_standards():
    section = opened(sheet()).sections[0]
    assert [round(value / Mm(1)) for value in (section.page_width, section.page_height)] == [210, 297]
    margins = (section.top_margin, section.left_margin, section.right_margin, section.bottom_margin)
    assert [round(value / Mm(1)) for value in margins] == [37, 28, 26, 35]
    (grid,) = section._sectPr.findall(qn("w:docGrid"))
    assert grid.get(qn("w:type")) == "linesAndChars"
    pitch, space = int(grid.get(qn("w:linePitch"))), int(grid.get(qn("w:charSpace")))
    assert 225 * 1440 / 25.4 // pitch == 22
    # 28 cells of 16 pt and the negative space fill 156 mm.
    assert 28 * (16 + space / 4096) == pytest.approx(156 * 72 / 25.4, abs=0.1)


def test_a_line_takes_28_characters_and_a_page_22_lines_in_every_program():
    normal = opened(sheet()).styles["Normal"]
    spacing = int(normal.element.rPr.find(qn("w:spacing")).get(qn("w:val"))) / 20
    assert normal.font.size.pt == 16
    assert 27.9 < 156 * 72 / 25.4 // (16 + spacing) <= 28
    assert 225 * 72 / 25.4 // normal.paragraph_format.line_spacing.pt == 22
    assert normal.element.pPr.find(qn("w:kinsoku")) is not None


def test_parts_have_styles_by_their_names_and_styles_have_chinese_fonts():
    document = opened(sheet(blocks=BODY, annexes=(listing(2),), note="（此件公开发布）"))
    found = styled(document)
    assert found[styles.NUMBER] == ["国知发规字〔2018〕6号"]
    assert "".join(found[styles.TITLE][0].split("\n")) == "关于同意建设国家知识产权服务业集聚发展试验区的批复"
    assert found[styles.ADDRESSEE] == ["上海市知识产权局："]
    assert [found[name] for name in styles.LEVELS] == [
        ["一、总体要求"],
        ["（一）基本原则"],
        ["1. 问题导向"],
        ["（1）措施"],
    ]
    assert [text for text in found[styles.BODY] if text] == ["经研究，现批复如下。", "此复。"]
    assert found[styles.ANNEX_LINE] == ["附件：名单"]
    assert (found[styles.AGENCY], found[styles.DATE]) == (["规划发展司"], ["2018年6月1日"])
    assert found[styles.NOTE] == ["（此件公开发布）"]
    fonts = [font_of(document, name) for name in (styles.TITLE, styles.BODY, *styles.LEVELS)]
    assert fonts == ["方正小标宋简体", "仿宋_GB2312", "黑体", "楷体_GB2312", "仿宋_GB2312", "仿宋_GB2312"]
    assert document.styles[styles.TITLE].font.size.pt == 22


def test_fonts_an_office_may_not_have_name_what_to_take_instead():
    archive = zipfile.ZipFile(io.BytesIO(docx_bytes(sheet())))
    table = archive.read("word/fontTable.xml").decode()
    assert '<w:font w:name="仿宋_GB2312"><w:altName w:val="仿宋"/>' in table
    assert '<w:font w:name="楷体_GB2312"><w:altName w:val="楷体"/>' in table


def test_page_numbers_are_fields_odd_right_and_even_left():
    document = opened(sheet())
    section = document.sections[0]
    assert document.settings.odd_and_even_pages_header_footer is True
    for footer, side in ((section.footer, "rightChars"), (section.even_page_footer, "leftChars")):
        paragraph = footer.paragraphs[0]
        assert [one.text.strip() for one in paragraph._p.iter(qn("w:instrText"))] == ["PAGE"]
        assert paragraph.text.replace(" ", "") == "——"
        assert paragraph._p.pPr.find(qn("w:ind")).get(qn(f"w:{side}")) == "100"
    assert [section.footer.paragraphs[0].alignment, section.even_page_footer.paragraphs[0].alignment] == [2, 0]
    assert font_of(document, styles.PAGE_NUMBER) == "宋体"


def test_tables_repeat_their_head_keep_their_rows_whole_and_fill_the_block():
    (table,) = opened(sheet(annexes=(listing(60),))).tables
    assert len(table.rows) == 61
    heads = [row._tr.trPr.find(qn("w:tblHeader")) is not None for row in table.rows]
    assert heads == [True] + [False] * 60
    assert all(row._tr.trPr.find(qn("w:cantSplit")) is not None for row in table.rows)
    assert sum(cell.width for cell in table.rows[0].cells) == pytest.approx(Mm(156), abs=Mm(0.1))
    assert [cell.text for cell in table.rows[60].cells] == ["60", "第60区", "第60区人民政府", "三年"]


def test_an_empty_table_says_so_and_a_table_of_facts_has_heads_at_the_left():
    facts, empty = Table((("编号", "1"),), widths=(1, 4)), Table((), ("甲", "乙"), (1, 1), empty="没有附件。")
    tables = opened(sheet(blocks=(facts, empty))).tables
    assert tables[0].rows[0].cells[0].paragraphs[0].style.name == styles.CELL_HEAD
    assert "没有附件。" in [cell.text for cell in tables[1].rows[1].cells]


def test_annexes_begin_on_new_pages():
    document = opened(sheet(annexes=(listing(1), listing(1, "第二份"))))
    labels = [one for one in document.paragraphs if one.style.name == styles.ANNEX_LABEL]
    assert [one.text for one in labels] == ["附件1", "附件2"]
    assert all(one.paragraph_format.page_break_before for one in labels)


def test_the_imprint_is_a_frame_at_the_foot_with_two_thick_rules():
    document = opened(sheet())
    framed = [one for one in document.paragraphs if one._p.pPr.find(qn("w:framePr")) is not None]
    assert [one.text for one in framed] == ["抄送：徐汇区人民政府。", "\t", "规划发展司\t2018年6月2日印发"]
    for one in framed:
        frame = one._p.pPr.find(qn("w:framePr"))
        assert (frame.get(qn("w:vAnchor")), frame.get(qn("w:yAlign"))) == ("margin", "bottom")
        sizes = [rule.get(qn("w:sz")) for rule in one._p.pPr.find(qn("w:pBdr"))]
        assert sizes == ["8", "8"], "0.35 mm in eighths of a point"
    # One page of text: the imprint goes onto the back.
    breaks = [one.paragraph_format.page_break_before for one in document.paragraphs]
    assert sum(bool(one) for one in breaks) == 1


def test_a_letter_has_double_rules_170_mm_long_on_its_first_page_only():
    document = opened(sheet(form="letter", imprint=None))
    section = document.sections[0]
    assert section.different_first_page_header_footer is True
    head, foot = section.first_page_header.paragraphs[-1], section.first_page_footer.paragraphs[0]
    assert head.text == "规划发展司"
    kinds = [next(iter(one._p.pPr.find(qn("w:pBdr")))).get(qn("w:val")) for one in (head, foot)]
    assert kinds == ["thickThinSmallGap", "thinThickSmallGap"]
    # 170 mm in the middle of 210 mm, from margins of 28 and 26 mm.
    sides = [head.paragraph_format.left_indent / Mm(1), head.paragraph_format.right_indent / Mm(1)]
    assert sides == pytest.approx([-8, -6], abs=0.02)
    assert not list(section.first_page_footer._element.iter(qn("w:instrText"))), "no number on the first page"
    number = next(one for one in document.paragraphs if one.style.name == styles.NUMBER)
    assert number.alignment == 2


def test_a_signer_stands_in_kai_behind_a_tab():
    document = opened(sheet(signer="张三"))
    number = next(one for one in document.paragraphs if one.style.name == styles.NUMBER)
    assert number.text == "\t国知发规字〔2018〕6号\t签发人：张三"
    assert number.runs[-1]._r.rPr.find(qn("w:rFonts")).get(qn("w:eastAsia")) == "楷体_GB2312"


def test_a_sealed_date_is_four_characters_from_the_right_and_its_agency_is_over_it():
    document = opened(sheet(signature=Signature(("规划发展司",), date(2017, 12, 6))))
    right = {}
    for one in document.paragraphs:
        if one.style.name in (styles.AGENCY, styles.DATE):
            right[one.style.name] = int(one._p.pPr.find(qn("w:ind")).get(qn("w:rightChars"))) / 100
    assert right[styles.DATE] == 4
    # Date: seven digits of half a cell and three signs; agency: five cells.
    assert right[styles.AGENCY] + 2.5 == pytest.approx(4 + (3 + 6 * 0.5 + 0.5 * 1) / 2, abs=0.15)


def test_only_specimens_are_marked_in_every_header():
    for special in (True, False):
        section = opened(sheet(form="letter", specimen=special)).sections[0]
        headers = (section.header, section.even_page_header, section.first_page_header)
        assert [one.paragraphs[0].text == "样章／示例" for one in headers] == [special] * 3


def test_the_same_sheet_is_the_same_file_and_pasted_control_characters_do_not_break_it():
    one = sheet(blocks=(Paragraph("甲\x0b乙\x00丙🎉"),), title="标题\x0c", annexes=(listing(3),))
    assert docx_bytes(one) == docx_bytes(one)
    assert "甲乙丙🎉" in styled(opened(one))[styles.BODY]
    core = opened(one).core_properties
    assert (core.title, core.author) == ("标题", "规划发展司")
    assert core.created.isoformat().startswith("2018-06-01T01:00:00")


def test_elements_stand_in_the_order_word_demands():
    order = ["pStyle", "keepNext", "keepLines", "pageBreakBefore", "framePr", "widowControl", "pBdr", "tabs",
             "kinsoku", "overflowPunct", "autoSpaceDE", "autoSpaceDN", "snapToGrid", "spacing", "ind", "jc", "outlineLvl"]  # fmt: skip
    archive = zipfile.ZipFile(
        io.BytesIO(docx_bytes(sheet(signer="张三", blocks=BODY, annexes=(listing(2),), note="（注）")))
    )
    for name in ("word/document.xml", "word/styles.xml", "word/footer1.xml", "word/header1.xml"):
        for properties in etree.fromstring(archive.read(name)).iter(qn("w:pPr")):
            names = [etree.QName(child).localname for child in properties]
            places = [order.index(one) for one in names if one in order]
            assert places == sorted(places), (name, names)
