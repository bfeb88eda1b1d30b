"""The people of the demonstration and of `play`: invented names in the seats of programmes.md §4."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import Any

from django.contrib.auth.hashers import make_password
from django.utils.translation import gettext_lazy as _

from accounts import clock
from accounts.models import Grant, Organisation, Place, User
from accounts.roles import Role
from approvals.models import Expert
from pilots.rules.expertise import FIELDS
from workflows.beginnings import list_expert

Kind = Organisation.Kind
PASSWORD = "demo"  # noqa: S105 - the demonstration's password is on its sign-in page
NATIONAL = "国家知识产权试点工作演示办公室（示例）"


@dataclass(frozen=True)
class Seat:
    """One person: user name, name, organisation and its kind and place, roles, and what their role card says."""

    key: str
    name: str
    organisation: str
    kind: str
    place: str
    roles: tuple[Role, ...]
    card: str = ""
    icon: str = "user"


STAFF: tuple[Seat, ...] = (
    Seat("checker", "李倩", "受理中心（示例）", Kind.DIVISION, "中国",
         (Role.FORMALITY_CHECKER, Role.PUBLICITY_OFFICER, Role.DOCUMENT_CLERK), _("形审公示与文印"), "clipboard-check"),
    Seat("officer", "王颖", "规划发展司（示例）", Kind.DIVISION, "中国",
         (Role.PROGRAMME_OFFICER, Role.EXPERT_SECRETARY), _("项目主管"), "layout-dashboard"),
    Seat("head", "刘建国", "规划发展司（示例）", Kind.DIVISION, "中国", (Role.DIVISION_HEAD,), _("司局负责人"), "file-pen-line"),
    Seat("countersigner", "赵明", "条法司（示例）", Kind.DIVISION, "中国", (Role.COUNTERSIGNER,), _("会签人"), "pen-line"),
    Seat("leader", "孙卫东", NATIONAL, Kind.NATIONAL_OFFICE, "中国", (Role.LEADER,), _("局领导"), "landmark"),
    Seat("handler", "何静", "纪检组（示例）", Kind.DIVISION, "中国", (Role.OBJECTION_HANDLER,), _("异议核查员"), "search-check"),
    Seat("assessor", "钱学文", "验收专家组（示例）", Kind.DIVISION, "中国", (Role.ACCEPTANCE_LEAD,), _("验收组长"), "gavel"),
    Seat("auditor", "冯严", "审计处（示例）", Kind.DIVISION, "中国", (Role.AUDITOR,), _("审计员"), "scan-eye"),
    Seat("sysadmin", "吕程", "信息中心（示例）", Kind.DIVISION, "中国", (Role.SYSTEM_ADMIN,), _("系统管理员"), "user-cog"),
    Seat("secadmin", "范思敏", "保密办公室（示例）", Kind.DIVISION, "中国", (Role.SECURITY_ADMIN,), _("安全管理员"), "shield-check"),
)  # fmt: skip

EXPERTS: tuple[Seat, ...] = tuple(
    Seat(f"expert{number}", name, organisation, Kind.INSTITUTION, place, (Role.EXPERT,),
         _("评审专家") if number == 1 else "", "users")
    for number, (name, organisation, place) in enumerate(
        (
            ("周文海", "北方知识产权研究院（示例）", "北京市"),
            ("吴雨桐", "长江政策研究中心（示例）", "武汉市"),
            ("郑守正", "西部发展研究所（示例）", "西安市"),
            ("冯晓岚", "岭南创新咨询中心（示例）", "广州市"),
            ("陈思远", "齐鲁科技评估院（示例）", "青岛市"),
            ("褚立新", "江淮产业研究院（示例）", "合肥市"),
            ("卫青竹", "东北振兴研究所（示例）", "长春市"),
            ("蒋一鸣", "云岭知识产权中心（示例）", "昆明市"),
        ),
        start=1,
    )
)  # fmt: skip

_TITLES = ("研究员", "教授", "高级工程师", "专利代理师", "律师")
_PROFESSIONS = ("知识产权管理", "知识产权法", "专利信息分析", "区域经济", "科技政策")
_GIVEN = ("晓雯", "志远", "国栋", "丽华", "建平", "海燕", "文博", "春梅", "立群", "秋实", "振华", "雅琴")
_FAMILY = "陈黄梁林何高郭马罗宋谢韩唐曹许邓萧冯曾程蔡彭潘袁于董余叶蒋田杜"


def invented_name(number: int) -> str:
    """The n-th invented name; the same number always gives the same name."""
    return _FAMILY[number % len(_FAMILY)] + _GIVEN[(number * 7) % len(_GIVEN)]


@lru_cache(maxsize=1)
def _password() -> str:
    """One hash for all: it is the same word, printed on the sign-in page, and hashing is slow on purpose."""
    return make_password(PASSWORD)


def _seat(seat: Seat, at: datetime, *, place: Place | None = None) -> User:
    where = place or Place.objects.get(name=seat.place, valid_to__isnull=True)
    organisation, _made = Organisation.objects.get_or_create(
        name=seat.organisation, defaults={"kind": seat.kind, "place": where}
    )
    user, made = User.objects.get_or_create(
        username=seat.key,
        defaults={
            "name": seat.name,
            "organisation": organisation,
            "email": f"{seat.key}@demo.invalid",
            "password": _password(),
        },
    )
    if made:
        Grant.objects.bulk_create(Grant(user=user, role=role, valid_from=at) for role in seat.roles)
    return user


@dataclass
class Cast:
    """Everybody needed to carry cases through their lives."""

    at: datetime
    people: dict[str, User] = field(default_factory=dict)

    def __getitem__(self, key: str) -> User:
        return self.people[key]

    def hire(self) -> "Cast":
        """The national staff and the experts, who are listed in the pool."""
        for seat in (*STAFF, *EXPERTS):
            self.people[seat.key] = _seat(seat, self.at)
        # Read anew: what a person may do is remembered on the object, and those kept here live on.
        officer = User.objects.get(username="officer")
        for number, seat in enumerate(EXPERTS):
            self._list(self.people[seat.key], number, officer)
        return self

    def _list(self, user: User, number: int, officer: User) -> None:
        """The profile of the n-th expert; terms outlast the demonstration's years."""
        if Expert.objects.filter(user=user).exists():
            return
        start = clock.today(self.at)
        list_expert(
            user, by=officer, at=self.at, title=_TITLES[number % len(_TITLES)],
            profession=_PROFESSIONS[number % len(_PROFESSIONS)],
            fields=[FIELDS[number % len(FIELDS)], FIELDS[(number * 3 + 1) % len(FIELDS)]],
            term_from=start, term_to=start.replace(year=start.year + 15, day=28),
        )  # fmt: skip

    @property
    def experts(self) -> list[User]:
        return [self.people[seat.key] for seat in EXPERTS]

    def enough_experts(self, scoring: Any) -> None:
        """More members of the pool where a programme asks for fields in which too few are listed."""
        if not scoring.fields:
            return
        wanted, officer = scoring.experts + 3, User.objects.get(username="officer")
        fit = [row for row in Expert.objects.all() if set(row.fields) & set(scoring.fields)]
        home = Place.objects.get(kind=Place.Kind.NATION)
        for _missing in range(wanted - len(fit)):
            number = Expert.objects.count() + 1
            seat = Seat(f"expert{number}", invented_name(number + 300), f"第{number}知识产权研究所（示例）",
                        Kind.INSTITUTION, home.name, (Role.EXPERT,))  # fmt: skip
            user = self.people[seat.key] = _seat(seat, self.at, place=home)
            start = clock.today(self.at)
            list_expert(
                user, by=officer, at=self.at, title=_TITLES[number % len(_TITLES)],
                profession=_PROFESSIONS[number % len(_PROFESSIONS)], fields=list(scoring.fields[:2]),
                term_from=start, term_to=start.replace(year=start.year + 15, day=28),
            )  # fmt: skip

    def province(self, place: Place) -> User:
        """The officer of the office that recommends for a province or plan-listed city."""
        key = f"prov{place.code or place.initials}"[:30]
        if key not in self.people:
            office = f"{place.name}知识产权局"
            user = _seat(Seat(key, invented_name(place.pk), office, Kind.PROVINCE_OFFICE, place.name, ()), self.at,
                         place=place)  # fmt: skip
            Grant.objects.get_or_create(
                user=user, role=Role.PROVINCE_OFFICER, place=place, defaults={"valid_from": self.at}
            )
            self.people[key] = user
        return self.people[key]

    def prefecture(self, place: Place) -> User:
        """The officer of the city IP office that checks what comes from a place: the city's, or that of the city above."""
        city = place.parent if place.kind in _BELOW_A_CITY and place.parent.kind in _CITIES else place
        key = f"pref{city.pk}"
        if key not in self.people:
            seat = Seat(key, invented_name(city.pk + 50), f"{city.name}知识产权局", Kind.CITY_OFFICE, city.name, ())
            user = _seat(seat, self.at, place=city)
            Grant.objects.get_or_create(
                user=user, role=Role.PREFECTURE_OFFICER, place=city, defaults={"valid_from": self.at}
            )
            self.people[key] = user
        return self.people[key]

    def province_leader(self, place: Place) -> User:
        """The head of the office that recommends for a province or plan-listed city."""
        key = f"lead{place.code or place.initials}"[:30]
        if key not in self.people:
            seat = Seat(
                key, invented_name(place.pk + 200), f"{place.name}知识产权局", Kind.PROVINCE_OFFICE, place.name, ()
            )
            user = _seat(seat, self.at, place=place)
            Grant.objects.get_or_create(
                user=user, role=Role.PROVINCE_LEADER, place=place, defaults={"valid_from": self.at}
            )
            self.people[key] = user
        return self.people[key]

    def applicant(self, place: Place, kind: str | None = None) -> User:
        """The leader of the body that applies for a place; also its contact. `kind` where it is not the place's own."""
        key = f"site{place.pk}" if kind is None else f"site{place.pk}{kind}"[:30]
        if key not in self.people:
            name, kind = body_of(place, kind)
            user = _seat(Seat(key, invented_name(place.pk + 100), name, kind, place.name, ()), self.at, place=place)
            for role in (Role.APPLICANT_LEADER, Role.APPLICANT_CONTACT):
                Grant.objects.get_or_create(
                    user=user, role=role, organisation=user.organisation, defaults={"valid_from": self.at}
                )
            self.people[key] = user
        return self.people[key]


_BELOW_A_CITY = (Place.Kind.DISTRICT, Place.Kind.COUNTY, Place.Kind.COUNTY_CITY, Place.Kind.DEVELOPMENT_ZONE)
_CITIES = (Place.Kind.PREFECTURE_CITY, Place.Kind.SUB_PROVINCIAL_CITY, Place.Kind.PLAN_LISTED_CITY)
_PROVINCES = (Place.Kind.PROVINCE, Place.Kind.AUTONOMOUS_REGION, Place.Kind.MUNICIPALITY, Place.Kind.XPCC)
# Bodies that are found at any place, and what they are called here.
_BODIES = {
    Kind.INSTITUTION: "{place}专利信息中心（示例）",
    Kind.ENTERPRISE: "{place}示例科技有限公司",
    Kind.ASSOCIATION: "{place}产业知识产权联盟（示例）",
}
_OFFICES = {Kind.PROVINCE_OFFICE, Kind.CITY_OFFICE, Kind.DISTRICT_OFFICE}


def kind_for(place: Place, kinds: Sequence[str]) -> str | None:
    """The first kind of body among `kinds` that a place has, or None."""
    if place.kind in _PROVINCES:
        own = {Kind.PROVINCE_GOV, Kind.PROVINCE_OFFICE}
    elif place.kind in _CITIES:
        own = {Kind.CITY_GOV, Kind.CITY_OFFICE}
    elif place.kind == Place.Kind.DEVELOPMENT_ZONE:
        own = {Kind.ZONE_COMMITTEE}
    else:
        own = {Kind.DISTRICT_GOV, Kind.DISTRICT_OFFICE}
    return next((kind for kind in kinds if kind in own or (kind in _BODIES and place.kind != Place.Kind.NATION)), None)


def body_of(place: Place, kind: str | None = None) -> tuple[str, str]:
    """Name and kind of the body that applies for a place."""
    if kind in _BODIES:
        return _BODIES[kind].format(place=place.name), kind
    if kind in _OFFICES:
        return f"{place.name}知识产权局", kind
    if kind == Kind.PROVINCE_GOV:
        return f"{place.name}人民政府", kind
    if place.kind == Place.Kind.DEVELOPMENT_ZONE:
        return f"{place.name}管理委员会", Kind.ZONE_COMMITTEE
    if place.kind in (Place.Kind.DISTRICT, Place.Kind.COUNTY, Place.Kind.COUNTY_CITY):
        return f"{place.name}人民政府", Kind.DISTRICT_GOV
    return f"{place.name}人民政府", Kind.CITY_GOV
