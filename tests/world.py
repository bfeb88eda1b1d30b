"""A small country for tests: two provinces and a municipality, the national staff, eight experts."""

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path

from accounts.models import Place
from config.demo.cast import Cast
from config.demo.walk import Walk
from notifications.models import WorkCalendar
from notifications.workdays.seed import LIBRARY, SOURCE, known_years, library_rows
from pilots.catalogue import schemes
from pilots.models import Application, Programme, RulesVersion
from pilots.rules.document import cached
from workflows.beginnings import province_of

CATALOGUE = Path(__file__).resolve().parent.parent / "pilots" / "catalogue"
TRIAL = "service_cluster_trial_zone"
_PROVINCES = (
    ("北京市", "municipality", "110000"), ("上海市", "municipality", "310000"), ("江苏省", "province", "320000"),
    ("广东省", "province", "440000"), ("湖北省", "province", "420000"), ("陕西省", "province", "610000"),
    ("安徽省", "province", "340000"), ("吉林省", "province", "220000"), ("云南省", "province", "530000"),
    ("山东省", "province", "370000"),
)  # fmt: skip
_BELOW = (
    ("徐汇区", "district", "310104", "上海市"), ("南京市", "sub_provincial_city", "320100", "江苏省"),
    ("江宁区", "district", "320115", "南京市"), ("广州市", "sub_provincial_city", "440100", "广东省"),
    ("广州开发区", "development_zone", None, "广州市"), ("武汉市", "sub_provincial_city", "420100", "湖北省"),
    ("西安市", "sub_provincial_city", "610100", "陕西省"), ("合肥市", "prefecture_city", "340100", "安徽省"),
    ("长春市", "sub_provincial_city", "220100", "吉林省"), ("昆明市", "prefecture_city", "530100", "云南省"),
    ("青岛市", "plan_listed_city", "370200", "山东省"), ("海淀区", "district", "110108", "北京市"),
    ("苏州市", "prefecture_city", "320500", "江苏省"),
)  # fmt: skip


@lru_cache(maxsize=1)
def _texts():
    return {path.stem: path.read_text(encoding="utf-8") for path in sorted(CATALOGUE.glob("*.toml"))}


@dataclass
class World:
    """Everything a test needs to begin a case."""

    cast: Cast
    start: datetime

    def place(self, name):
        return Place.objects.get(name=name)

    def programme(self, code=TRIAL):
        return Programme.objects.get(code=code)

    def walk(self, code=TRIAL, at=None):
        return Walk(self.cast, self.programme(code), at or self.start, lively=False)

    def application(self, *, place="徐汇区", to="province_review", walk=None):
        """An application brought to a state on the happy road; returns (walk, application)."""
        walk = walk or self.walk()
        if walk.batch is None:
            walk.call()
        self.cast.province(province_of(self.place(place)))
        application = walk.apply(self.place(place), submit=to != "draft")
        for step in (walk.recommend, walk.check, walk.assign, walk.review):
            if application.state == to:
                return walk, application
            application = step(application)
        return walk, Application.objects.get(pk=application.pk)


def build_world(start):
    """The country, the calendar, the published catalogue and the staff."""
    nation = Place.objects.create(name="中国", short_name="中国", kind="nation")
    known = {"中国": nation}
    rows = [(name, kind, code, "中国") for name, kind, code in _PROVINCES] + list(_BELOW)
    for name, kind, code, parent in rows:
        known[name] = Place.objects.create(
            name=name, short_name=name[:2], name_en=name, kind=kind, code=code, parent=known[parent]
        )
    WorkCalendar.objects.bulk_create(
        WorkCalendar(year=day.year, date=day, kind=kind, name=name, source=SOURCE[:120], version=LIBRARY)
        for day, kind, name in library_rows(known_years())
    )
    for code, text in _texts().items():
        rules = cached(text)
        programme = Programme.objects.create(code=code, name=rules.name.zh, name_en=rules.name.en, shape=rules.shape)
        RulesVersion.objects.create(
            programme=programme, version=rules.version, text=text, published_at=datetime(2014, 1, 1, tzinfo=UTC)
        )
    schemes.refresh()
    return World(Cast(start).hire(), start)
