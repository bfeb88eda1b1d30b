"""The visitor's guide: eight steps, and who takes each."""

from django.utils.translation import gettext as _

from accounts.models import User
from approvals.models import Certificate, Review
from config.demo.cast import EXPERTS, STAFF
from pilots.models import Application, Batch, BatchState, Designation, DesignationState, Filing
from pilots.models import ApplicationState as A

# Six cards on the sign-in page; the others are one click further.
FIRST = ("applicant", "province", "checker", "expert1", "officer", "head")
APPLICANT, PROVINCE = "applicant", "province"


def cards(*, everybody=False):
    """Role cards: key, title, person, icon. The first six, or all of them."""
    seats = {seat.key: seat for seat in (*STAFF, *EXPERTS)}
    users = {user.username: user for user in User.objects.filter(
        username__in=[*seats, APPLICANT, PROVINCE]).select_related("organisation")}  # fmt: skip
    titles = {APPLICANT: (_("申报单位"), "building-2"), PROVINCE: (_("省局推荐处"), "stamp")}
    titles |= {key: (seat.card, seat.icon) for key, seat in seats.items() if seat.card}
    keys = [*FIRST, *[key for key in titles if key not in FIRST]] if everybody else FIRST
    return [
        {
            "key": key,
            "title": titles[key][0],
            "person": f"{users[key].organisation} · {users[key].name}",
            "icon": titles[key][1],
        }
        for key in keys
        if key in users
    ]


def steps():
    """The eight steps with who takes them, where, and whether this installation has seen them done by a visitor."""
    batch = Batch.objects.filter(programme__code="service_cluster_trial_zone").order_by("-opens_on", "-pk").first()
    apps = Application.objects.filter(batch=batch) if batch else Application.objects.none()
    sites = Designation.objects.filter(batch=batch) if batch else Designation.objects.none()
    before = (A.DRAFT, A.PREFECTURE_CHECK, A.PROVINCE_REVIEW, A.FORMALITY_CHECK, A.WITHDRAWN, A.DEEMED_WITHDRAWN,
              A.NOT_RECOMMENDED)  # fmt: skip
    rows = [
        (_("发布通知"), "officer", _("新建批次并发布，或使用已经开放的批次"), bool(batch and batch.state != BatchState.DRAFT)),
        (_("申报"), APPLICANT, _("填写申报书、上传材料、提交"), apps.filter(submitted_at__isnull=False).exists()),
        (_("推荐"), PROVINCE, _("排序并写明推荐函文号"), apps.filter(province_rank__isnull=False).exists()),
        (_("形审"), "checker", _("逐项勾选，受理或一次性告知补正"), apps.exclude(state__in=before).exists()),
        (_("评审"), "expert1", _("项目主管分派专家后打分；其余专家可由演示代评"),
         Review.objects.filter(application__batch=batch, state=Review.State.SUBMITTED).exists() if batch else False),
        (_("批复发证"), "officer", _("拟定名单 → 司局确认 → 会签 → 局领导签发 → 公示 → 发文 → 用印"),
         Certificate.objects.filter(designation__batch=batch).exclude(sha256="").exists() if batch else False),
        (_("年度报告"), APPLICANT, _("报送建设方案，按年报告"),
         Filing.objects.filter(designation__in=sites, kind=Filing.Kind.REPORT, filed_at__isnull=False).exists()),
        (_("三年验收"), "assessor", _("把时钟拨到三年后，提交自评并作出验收结论"),
         sites.filter(state=DesignationState.ACCEPTED).exists()),
    ]  # fmt: skip
    return [
        {"n": n, "label": label, "key": key, "text": text, "done": done}
        for n, (label, key, text, done) in enumerate(rows, start=1)
    ]
