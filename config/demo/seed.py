"""The demonstration's world: the places the 2017 report names, at many stages, with invented people.

The past is lived through the same door as everything else, on the days of the report's years; then the clock stands
in the spring after it. Where the report only counts, nothing is invented to fill the count.
"""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from django.db import transaction
from django.utils import timezone

from accounts import clock
from accounts.models import ClockShift, Grant, Organisation, Place, User
from accounts.roles import Role
from approvals import preflight
from approvals.models import Certificate, GrantLine
from config.demo.cast import Cast, invented_name
from config.demo.walk import Walk
from config.demo.world import ground
from pilots.models import Designation, Programme
from pilots.timing import opening_of_mid_term
from workflows import perform
from workflows.beginnings import begin_change, begin_grant_request, begin_seal_use, begin_template
from workflows.timeline import travel

# The demonstration lives in the year after the report; its clock starts here, a Tuesday morning.
OPENING = datetime(2018, 3, 6, 1, 30, tzinfo=UTC)
ACCEPTED_BY_2017 = ("service_cluster_trial_zone", ("佛山市", "成都高新区"), datetime(2014, 3, 4, 1, tzinfo=UTC))
BATCHES_OF_2017 = (
    ("service_cluster_demo_zone", ("福田区", "郑州市"), datetime(2017, 6, 6, 1, tzinfo=UTC)),
    ("service_cluster_trial_zone", ("广州开发区", "江宁区"), datetime(2017, 6, 8, 1, tzinfo=UTC)),
)
STRONG_CITIES = ("广州市", "武汉市", "青岛市", "成都市", "厦门市", "南京市", "西安市", "长沙市", "苏州市", "烟台市", "郑州市",
                 "东营市", "潍坊市", "镇江市")  # fmt: skip
IN_PROGRESS = ("海淀区", "徐汇区", "浦东新区", "苏州工业园区", "绵阳市", "洛阳市", "无锡市", "昆明高新区")
DIVIDED = ("9.2", "9.0", "8.8", "9.1", "6.4")
VISITOR_PLACE, VISITOR_PROVINCE = "南海区", "广东省"


def place(name):
    """The place of that name now in force."""
    return Place.objects.get(name=name, valid_to__isnull=True)


def site_of(walk, names, *, mark=Decimal("8.6")):
    """A whole batch from call to document for several places."""
    walk.call()
    for rank, name in enumerate(names, start=1):
        application = walk.apply(place(name))
        application = walk.check(walk.recommend(application, rank=_rank(walk, application, rank)))
        walk.review(walk.assign(application), mark - Decimal(rank) / 20)
    walk.close()
    walk.decide()
    walk.notice()
    walk.issue()
    return list(Designation.objects.filter(batch=walk.batch).order_by("pk"))


def _rank(walk, application, _rank):
    taken = walk.batch.applications.filter(province=application.province, province_rank__isnull=False).count()
    return taken + 1


def seed(say=print):
    """Builds everything and sets the clock; returns the people. An existing demonstration is left alone."""
    if User.objects.filter(username="applicant").exists():
        return Cast(clock.now())
    with transaction.atomic():
        ClockShift.objects.update_or_create(pk=1, defaults={"seconds": int((OPENING - timezone.now()).total_seconds())})
        cast = ground(datetime(2014, 1, 2, 1, tzinfo=UTC))
        programmes = {programme.code: programme for programme in Programme.objects.all()}
        visitors(cast)
        say("2014–2017：佛山市、成都高新区，从申报到三年验收")
        past(cast, programmes)
        say("2017：示范区 2 个、试验区 2 个批复设立")
        for code, names, start in BATCHES_OF_2017:
            building(cast, programmes[code], names, start)
        say("2017：首批知识产权强市创建市 14 个")
        building(cast, programmes["strong_city_creation"], STRONG_CITIES, datetime(2017, 8, 1, 1, tzinfo=UTC))
        say("2018：延期一次，范围调整一项在办")
        changing(cast, programmes)
        say("2018：当前批次，各环节在办")
        current(cast, programmes)
        say("2018：一批证书补发待用印，一份用印申请待审批")
        sealing(cast)
        say("2018：授权申请，已复核、未同意和待复核")
        granting(cast)
    return cast


def sealing(cast):
    """Lost papers of strong cities: two wait to be asked for, one stands in a request that the head has to decide."""
    at = OPENING - timedelta(hours=3)
    rows = Certificate.objects.filter(state="issued", designation__batch__programme__code="strong_city_creation")
    for row in rows.order_by("pk")[:3]:
        perform(row, "reissue", by=cast["officer"], at=at, reason="原证在办公用房搬迁中遗失，单位来函申请补发。")
    waiting = preflight.waiting(cast["officer"]).order_by("pk")
    begin_seal_use(waiting[:1], by=cast["officer"], at=at, note="遗失补发，附单位来函。")
    begin_template("award_landscape", "city_award", by=cast["officer"], at=at)


def granting(cast):
    """Two new people: one was given a seat and one refused; another request, a batch and an end wait for the second look."""
    admin, second = cast["sysadmin"], cast["secadmin"]
    home, body = place("中国"), cast["officer"].organisation
    wang, li = (newcomer(key, name, body) for key, name in (("newcomer1", "沈佳宁"), ("newcomer2", "韦一航")))
    at = OPENING - timedelta(days=6)
    first = propose(admin, "give", [GrantLine(user=wang, role=Role.FORMALITY_CHECKER, valid_from=at)], at,
                    "新录用人员到岗。", "规发人〔2018〕3号")  # fmt: skip
    perform(first, "confirm_grant", by=second, at=at + timedelta(hours=3))
    at += timedelta(days=2)
    both = propose(admin, "give", [GrantLine(user=li, role=Role.DIVISION_HEAD, valid_from=at)], at, "临时主持工作。")
    perform(
        both, "refuse_grant", by=second, at=at + timedelta(hours=2), reason="没有任职文件；临时主持请由本人委托席位。"
    )
    at = OPENING - timedelta(hours=5)
    until = OPENING + timedelta(days=180)
    propose(admin, "give", [GrantLine(user=li, role=Role.EXPERT_SECRETARY, valid_from=at, valid_to=until)], at,
            "借调参加本年度评审。", "借调函〔2018〕7号")  # fmt: skip
    several = [
        newcomer(f"newexpert{number}", invented_name(number + 400), experts_body(home)) for number in range(1, 4)
    ]
    propose(admin, "give", [GrantLine(user=one, role=Role.EXPERT, valid_from=at) for one in several], at + timedelta(minutes=20),
            "评审专家换届增补。")  # fmt: skip
    grant = Grant.objects.get(user=cast["expert8"], role=Role.EXPERT)
    propose(admin, "end", [GrantLine(user=grant.user, role=grant.role, valid_from=grant.valid_from, grant=grant)],
            at + timedelta(hours=1), "聘期届满不再续聘。")  # fmt: skip


def newcomer(key, name, body):
    """An account nobody has begun to use: it has no password yet."""
    return User.objects.create(username=key, name=name, organisation=body, email=f"{key}@demo.invalid", password="!")  # noqa: S106


def experts_body(home):
    """Where the new experts work."""
    kind = Organisation.Kind.INSTITUTION
    return Organisation.objects.get_or_create(
        name="中部知识产权研究院（示例）", defaults={"kind": kind, "place": home}
    )[0]


def propose(by, kind, lines, at, grounds, paper=""):
    """A request about rights, as the system administrator hands it in."""
    return begin_grant_request(kind, lines, by=by, at=at, grounds=grounds, paper=paper).obj


def past(cast, programmes):
    """佛山 and 成都高新区: three years, accepted in 2017 as the report says."""
    code, names, start = ACCEPTED_BY_2017
    walk = Walk(cast, programmes[code], start, lively=False)
    sites = [walk.paper(site, "file_plan") for site in site_of(walk, names)]
    for number in range(max(site.filings.filter(kind="report").count() for site in sites)):
        for before in sites:
            site = Designation.objects.get(pk=before.pk)
            report = site.filings.filter(kind="report").order_by("due_on")[number]
            if site.rules.mid_term and not hasattr(site, "mid_term") and opening_of_mid_term(site) < report.due_on:
                walk.half_time(site)
            walk.until(_noon(report.due_on, -10))
            walk.report(site)
    for site in sites:
        site.refresh_from_db()
        walk.until(_noon(site.term_end, -60))
    for site in sites:
        walk.conclude(walk.paper(Designation.objects.get(pk=site.pk), "file_self_evaluation"))


def building(cast, programme, names, start):
    """A batch of the report's year: issued, plans filed, the first report in, but for the last place."""
    walk = Walk(cast, programme, start, lively=False)
    sites = [walk.paper(site, "file_plan") for site in site_of(walk, names)]
    for site in sites[:-1]:
        if site.filings.filter(kind="report", due_on__lt=OPENING).exists():
            walk.report(site)


def changing(cast, programmes):
    """广州开发区: a longer term was agreed to; a new area waits for the province of the role card."""
    site = Designation.objects.get(place__name="广州开发区", batch__programme__code="service_cluster_trial_zone")
    walk = Walk(cast, programmes["service_cluster_trial_zone"], OPENING - timedelta(days=20), lively=False)
    walk.change(site, "extension", months=site.rules.change.extension.months, grounds="园区扩建，主体工程延期。")
    given = {"area": "科学城、知识城两片区", "grounds": "新增知识城片区。", "letter_number": "穗开函〔2018〕6号"}
    begin_change(site, "scope", given=given, by=walk.leader_of(site), at=OPENING - timedelta(days=2))


def current(cast, programmes):
    """Open batches with applications at every stage, for visitors to go on with."""
    walk = Walk(cast, programmes["service_cluster_trial_zone"], OPENING - timedelta(days=16), lively=False)
    walk.call()
    share(walk)
    ties(walk)
    for index, name in enumerate(IN_PROGRESS):
        walk.at = OPENING - timedelta(days=15 - index)
        stage(walk, place(name), index)
    # Left for visitors to draw or assign.
    walk.check(walk.applications[4])
    second = Walk(cast, programmes["patent_navigation_centre"], OPENING - timedelta(days=3), lively=False)
    second.call()
    late(second)
    Walk(cast, programmes["service_cluster_demo_zone"], OPENING - timedelta(hours=2), lively=False).prepare()
    travel(OPENING - timedelta(days=90), OPENING)


def share(walk):
    """One province with places of its own in the quota table."""
    data = {f"q_{place('江苏省').pk}": 3}
    walk.act(walk.batch, "set_quotas", walk.cast["officer"], data=data, reason="上一批验收优秀较多，增加 1 个名额。")


def late(walk):
    """One province that may apply and recommend for some days more."""
    until = clock.today(walk.batch.closes_at) + timedelta(days=5)
    data = {"place": place("云南省").pk, "until": until.isoformat()}
    walk.act(walk.batch, "reopen_for", walk.cast["officer"], data=data, reason="当地雪灾停电，材料报送延迟。")


def help_with(walk, application):
    """Somebody of another body fills in two parts of a draft."""
    body = Organisation.objects.create(
        name="海淀区知识产权服务中心（示例）", kind=Organisation.Kind.INSTITUTION, place=application.place
    )
    helper = User.objects.create(username="helper", name="章敏", organisation=body, email="helper@demo.invalid")
    parts = [section.code for section in application.rules.sections[1:3]]
    walk.act(application, "invite", walk.leader_of(application), data={"username": helper.username, "sections": parts})


def stage(walk, where, index):
    """Takes an application as far as its turn says: draft, province, formality, panel, scored."""
    application = walk.apply(where, submit=index != 0)
    if index == 0:
        help_with(walk, application)
    if index <= 1:
        return
    application = walk.recommend(application, rank=_rank(walk, application, 0))
    if index <= 3:
        return
    if index == 4:
        return
    application = walk.check(application)
    if index == 5:
        walk.draw()
        return
    application = walk.assign(application)
    if index == 6:
        walk.review(application, Decimal("7.8"))
    else:
        divided(walk, application)


def divided(walk, application):
    """A panel that does not agree: somebody has to bring it together."""
    for row, mark in zip(application.reviews.select_related("expert").order_by("pk"), DIVIDED, strict=True):
        application = walk.score(application, row.expert, Decimal(mark))


def ties(walk):
    """What some of the experts have declared, and what the others have promised."""
    cast, body = walk.cast, walk.cast.applicant(place(IN_PROGRESS[4])).organisation
    for number, expert in enumerate(cast.experts[:5]):
        if number == 1:
            data = {"organisation": body.name, "kind": "adviser", "since": "2016-05-01", "promise": "on",
                    "note": "曾任产业规划顾问"}  # fmt: skip
            walk.act(expert.expert, "declare_tie", expert, data=data)
        else:
            walk.act(expert.expert, "promise", expert, data={"promise": "on"})
    note = {"kind": "praised", "note": "评审意见具体，按时完成。"}
    walk.act(cast.experts[0].expert, "note_credit", cast["officer"], data=note)


def visitors(cast):
    """The applicant and the province of the role cards."""
    where = place(VISITOR_PLACE)
    for key, user in (
        (f"site{where.pk}", cast.applicant(where)),
        ("prov440000", cast.province(place(VISITOR_PROVINCE))),
    ):
        name = "applicant" if key.startswith("site") else "province"
        User.objects.filter(pk=user.pk).update(username=name, email=f"{name}@demo.invalid")
        user.refresh_from_db()


def _noon(day, days):
    return datetime(day.year, day.month, day.day, 4, tzinfo=UTC) + timedelta(days=days)
