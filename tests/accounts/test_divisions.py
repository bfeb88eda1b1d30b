"""Tables of divisions: what the shipped one holds, loading twice, and that a wrong table leaves no trace."""

import time
from datetime import date
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from accounts import divisions
from accounts.divisions import DivisionsError, Report, load, read
from accounts.models import Place

HEADER = "code,name,short_name,name_en,kind,parent_code_or_name,valid_from,valid_to,successor\n"
BASE = HEADER + ",中国,,China,nation,,,,\n510000,四川省,四川,Sichuan,province,中国,,,\n"

pytestmark = pytest.mark.django_db


def table(*lines, base=BASE):
    return read((base + "\n".join(lines)).encode())


def shipped():
    return read(divisions.SHIPPED.read_bytes())


def refused(*lines, base=BASE):
    """What is said of a table, as (row, text); nothing may have been stored."""
    before = list(Place.objects.order_by("pk").values())
    with pytest.raises(DivisionsError) as caught:
        load(table(*lines, base=base))
    assert list(Place.objects.order_by("pk").values()) == before
    return [(fault.row, fault.text) for fault in caught.value.faults]


def test_the_shipped_table():
    report = load(shipped())
    assert report == Report(created=Place.objects.count(), changed=0, unchanged=0)
    first_level = Place.objects.filter(parent__kind="nation")
    coded = first_level.exclude(code=None)
    assert coded.count() == 34
    assert all(place.code.endswith("0000") for place in coded)
    assert set(first_level.filter(code=None).values_list("name", flat=True)) == {"新疆生产建设兵团"}
    assert set(Place.objects.filter(kind="plan_listed_city").values_list("code", "parent__code")) == {
        ("210200", "210000"), ("330200", "330000"), ("350200", "350000"), ("370200", "370000"),
        ("440300", "440000"),
    }  # fmt: skip
    assert Place.objects.filter(kind="sub_provincial_city").count() == 10
    assert Place.objects.provinces().count() == 34 - 2 + 1 + 5
    assert not Place.objects.filter(name_en="").exists()
    # A code stands under its province, except where the tree says otherwise on purpose.
    strays = [
        place.name
        for place in Place.objects.exclude(code=None).exclude(kind="nation").select_related("parent")
        if place.parent.code and place.code[:2] != place.parent.code[:2]
    ]
    assert strays == []
    assert Place.objects.get(name="石河子市").parent.kind == "xpcc"


OF_THE_REPORT = """
广州市 武汉市 青岛市 成都市 厦门市 南京市 西安市 长沙市 苏州市 烟台市 郑州市 东营市 潍坊市 镇江市 佛山市
深圳市
大连市 宁波市 常州市 珠海市 杭州市 福田区 江宁区 徐汇区 浦东新区 海淀区 郫都区 桑植县 广州开发区 成都高新区
雄安新区 西藏自治区
"""


def test_places_of_the_report_are_there():
    assert set(OF_THE_REPORT.split()) <= {row["name"] for row in shipped()}


def test_paths_and_initials_are_those_of_save():
    load(shipped())
    for place in Place.objects.select_related("parent"):
        as_loaded = (place.path, place.initials)
        place.save()
        assert (place.path, place.initials) == as_loaded, place.name
    assert Place.objects.get(name="广州开发区").initials == "gzkfq"
    assert [place.name for place in Place.objects.within(Place.objects.get(code="320100"))] == [
        "南京市",
        "江宁区",
    ]


def test_loading_twice_changes_nothing():
    load(shipped())
    before = list(Place.objects.order_by("pk").values())
    assert load(shipped()) == Report(0, 0, len(before))
    assert list(Place.objects.order_by("pk").values()) == before


def test_a_county_that_became_a_district():
    load(shipped())
    county, district = Place.objects.get(name="郫县"), Place.objects.get(name="郫都区")
    assert county.current() == district
    assert (county.code, district.code) == ("510124", "510117")
    assert county.is_in_force(date(2016, 12, 4))
    assert not county.is_in_force(date(2016, 12, 5))
    assert district.is_in_force(date(2016, 12, 5))


def test_a_change_is_a_change_of_the_same_place():
    load(table("510100,成都市,,Chengdu,sub_provincial_city,510000,,,"))
    city = Place.objects.get(code="510100")
    assert city.short_name == "成都市"
    report = load(table("510100,成都市,成都,Chengdu,sub_provincial_city,510000,,,"))
    assert report == Report(0, 1, 2)
    city.refresh_from_db()
    assert city.short_name == "成都"


def test_what_a_table_does_not_name_stays():
    load(shipped())
    count = Place.objects.count()
    assert load(table("510300,自贡市,自贡,Zigong,prefecture_city,510000,,,")) == Report(1, 0, 2)
    assert Place.objects.count() == count + 1


def test_a_renaming_under_the_same_code():
    load(table("420600,襄樊市,,Xiangfan,prefecture_city,510000,,,"))
    old = Place.objects.get(name="襄樊市")
    rows = table(
        "420600,襄阳市,,Xiangyang,prefecture_city,510000,2010-12-09,,",
        "420600,襄樊市,,Xiangfan,prefecture_city,510000,,2010-12-08,420600",
    )
    assert load(rows) == Report(1, 1, 2)
    old.refresh_from_db()
    assert (old.name, old.valid_to, old.current().name) == ("襄樊市", date(2010, 12, 8), "襄阳市")
    assert load(rows) == Report(0, 0, 4)


def test_a_name_corrected_under_the_same_code():
    load(table("510100,城都市,,Chengdu,sub_provincial_city,510000,,,"))
    pk = Place.objects.get(code="510100").pk
    assert load(table("510100,成都市,,Chengdu,sub_provincial_city,510000,,,")) == Report(0, 1, 2)
    assert Place.objects.get(pk=pk).name == "成都市"
    assert Place.objects.get(pk=pk).initials == "cds"


def test_a_subtree_follows_its_root():
    load(
        table(
            "510100,成都市,,,sub_provincial_city,510000,,,",
            "520000,贵州省,,,province,中国,,,",
            "510124,郫县,,,county,510100,,,",
            ",某开发区,,,development_zone,510124,,,",
        )
    )
    report = load(table("510124,郫县,,,county,520000,,,", base=HEADER))
    assert report == Report(0, 1, 0)
    zone = Place.objects.get(name="某开发区")
    assert [Place.objects.get(pk=pk).name for pk in zone.ancestor_ids] == [
        "中国",
        "贵州省",
        "郫县",
        "某开发区",
    ]
    assert zone.path == f"{zone.parent.path}{zone.pk}."


def test_zones_of_one_name_under_different_parents():
    lines = [
        "510100,成都市,,,sub_provincial_city,510000,,,",
        "510700,绵阳市,,,prefecture_city,510000,,,",
        ",高新区,,,development_zone,510100,,,",
        ",高新区,,,development_zone,绵阳市,,,",
    ]
    assert load(table(*lines)) == Report(6, 0, 0)
    assert load(table(*lines)) == Report(0, 0, 6)


def test_rows_may_come_in_any_order():
    rows = shipped()
    assert load(list(reversed(rows))).created == len(rows)
    assert load(rows) == Report(0, 0, len(rows))


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("51010,成都市,,,prefecture_city,510000,,,", "不是六位"),
        ("510100,,,,prefecture_city,510000,,,", "缺少名称"),
        ("510100,成都市,,,metropolis,510000,,,", "metropolis"),
        ("510100,成都市,,,prefecture_city,,,,", "缺少上级"),
        ("510100,成都市,,,prefecture_city,519999,,,", "找不到上级 519999"),
        ("510100,成都市,,,prefecture_city,蜀国,,,", "找不到上级 蜀国"),
        ("510100,成都市,,,prefecture_city,510100,,,", "不能是自己"),
        ("510100,成都市,,,prefecture_city,510000,2016-13-01,,", "2016-13-01"),
        ("510100,成都市,,,prefecture_city,510000,2016-12-05,2016-12-04,", "早于"),
        ("510100,成都市,,,prefecture_city,510000,,2016-12-04,519999", "找不到承接单位"),
        ("510100,成都市,,,prefecture_city,510000,,,510000", "停用日期"),
        ("510000,川省,,,province,中国,,,", "已由四川省使用"),
        (f"510100,{'成' * 61},,,prefecture_city,510000,,,", "超过 60"),
        (",中国,,,nation,510000,,,", "只有国家没有上级"),
    ],
)
def test_a_wrong_row_is_named(line, said):
    faults = refused(",天府新区,,,development_zone,四川省,,,", line)
    assert [row for row, _text in faults] == [5]
    assert said in faults[0][1]


def test_all_wrong_rows_are_named_and_nothing_is_stored():
    load(table())
    faults = refused(
        "510100,成都市,,,village,510000,,,",
        "510200,,,,prefecture_city,510000,,,",
        "510700,绵阳市,,,prefecture_city,510000,,,",
        ",高新区,,,development_zone,无此市,,,",
    )
    assert [row for row, _text in faults] == [4, 5, 7]


def test_circles_are_named():
    faults = refused(
        "510100,甲市,,,prefecture_city,510200,,,",
        "510200,乙市,,,prefecture_city,510300,,,",
        "510300,丙市,,,prefecture_city,510100,,,",
        "510400,丁县,,,county,510100,,,",
    )
    assert [text for _row, text in faults] == ["上级成环：甲市 → 乙市 → 丙市 → 甲市"]


def test_a_circle_through_what_is_stored():
    load(table("510100,甲市,,,prefecture_city,510000,,,", "510101,乙区,,,district,510100,,,"))
    faults = refused("510100,甲市,,,prefecture_city,510101,,,", base=HEADER)
    assert [row for row, _text in faults] == [2]
    assert "成环" in faults[0][1]


def test_a_circle_of_successors():
    faults = refused(
        "510100,甲市,,,prefecture_city,510000,,2010-01-01,510200",
        "510200,乙市,,,prefecture_city,510000,,2011-01-01,510100",
    )
    assert any("承接关系成环" in text for _row, text in faults)


def test_a_name_that_two_places_bear():
    faults = refused(
        "510100,甲市,,,prefecture_city,510000,,,",
        "510200,乙市,,,prefecture_city,510000,,,",
        "510101,鼓楼区,,,district,510100,,,",
        "510201,鼓楼区,,,district,510200,,,",
        ",软件园,,,development_zone,鼓楼区,,,",
    )
    assert faults == [(8, "有 2 个地方叫 鼓楼区，上级请写区划代码")]


def test_a_row_twice():
    faults = refused(",高新区,,,development_zone,510000,,,", ",高新区,,,development_zone,四川省,,,")
    assert faults == [(5, "高新区 与第 4 行重复")]


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"code,name,kind\n", "缺少列 parent_code_or_name"),
        (HEADER.replace("name_en", "english").encode(), "不认识的列 english"),
        ((BASE + "510100,a,,,prefecture_city,510000,,,,extra\n").encode(), "多 1 格"),
        (b"\xff\xff\xff", "GB18030"),
        (b"", "缺少列"),
    ],
)
def test_files_that_are_no_such_table(data, said):
    with pytest.raises(DivisionsError, match=said):
        read(data)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_encodings_of_the_command(tmp_path, encoding):
    path = tmp_path / "table.csv"
    path.write_bytes((BASE + "510117,郫都区,,Pidu District,district,510000,,,\r\n\r\n").encode(encoding))
    out = StringIO()
    call_command("import_divisions", str(path), stdout=out)
    assert out.getvalue() == "新增 3 个，更新 0 个，未变 0 个\n"
    assert Place.objects.get(code="510117").name == "郫都区"


def test_a_dry_run_stores_nothing():
    out = StringIO()
    call_command("import_divisions", "--dry-run", stdout=out)
    assert f"新增 {len(shipped())} 个" in out.getvalue()
    assert not Place.objects.exists()


def test_the_command_names_file_and_line(tmp_path):
    path = tmp_path / "table.csv"
    path.write_text(BASE + "510100,成都市,,,village,510000,,,\n", encoding="utf-8")
    with pytest.raises(CommandError) as caught:
        call_command("import_divisions", str(path))
    assert str(caught.value).startswith(f"{path}:4: 不认识的类别 village")
    with pytest.raises(CommandError, match="不能读取"):
        call_command("import_divisions", str(tmp_path / "absent.csv"))


def test_three_thousand_rows_are_quick(django_assert_max_num_queries):
    cities = [f"51{n:02d}00,第{n}市,,,prefecture_city,510000,,," for n in range(1, 60)]
    counties = [f"51{n:02d}{m:02d},第{n}市第{m}县,,,county,51{n:02d}00,,," for n in range(1, 60) for m in range(1, 52)]
    rows = table(*counties, *cities)
    assert len(rows) > 3000
    start = time.monotonic()
    with django_assert_max_num_queries(100):
        report = load(rows)
    assert report.created == len(rows)
    assert time.monotonic() - start < 20
