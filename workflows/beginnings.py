"""How cases come into being: a row and its first act, in one transaction, through the door."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts import clock
from accounts.acts import Unmet
from approvals import drafting_templates, grants, preflight
from approvals.models import (
    Certificate,
    CertificateTemplate,
    Evidence,
    Expert,
    GrantLine,
    GrantRequest,
    Objection,
    SealUse,
    SealUseItem,
)
from approvals.models.seal_use import list_hash
from pilots import changes, eligibility, storage
from pilots.models import (
    Application,
    ApplicationState,
    Batch,
    Change,
    Counter,
    Designation,
    Programme,
    RulesDraft,
    RulesDraftState,
    RulesVersion,
    Upload,
)
from pilots.uploads import CheckedFile
from workflows.door import Outcome, perform
from workflows.refusals import NotNow


def begin_batch(
    programme: Programme, *, by: Any, at: datetime, title: str, opens_on: date, closes_at: datetime, **more: Any
) -> Outcome:
    """A batch in preparation, pinned to the programme's current rules. Raises NotNow where none are published."""
    version = programme.current
    if version is None:
        raise NotNow([Unmet("no_rules", _("该项目还没有发布的规则。"))])
    with transaction.atomic():
        serial = Counter.take(f"batch:{programme.code}", opens_on.year)
        batch = Batch.objects.create(
            programme=programme,
            rules_version=version,
            intake=version.rules.window.kind,
            number=f"{version.rules.number_prefix}-P{opens_on.year}-{serial}",
            title=title,
            opens_on=opens_on,
            closes_at=closes_at,
            **more,
        )
        return perform(batch, "begin", by=by, at=at)


def province_of(place: Any) -> Any:
    """The unit that recommends `place`: the nearest plan-listed city or province-level unit above it, or itself."""
    return place.recommending_unit()


def begin_application(batch: Batch, *, organisation: Any, place: Any, by: Any, at: datetime) -> Outcome:
    """A draft of `organisation` for `place`. Raises NotNow with every obstacle, Denied for strangers."""
    with transaction.atomic():
        # Asked before the row exists, under the batch's lock: the second application of a place is refused in words.
        type(batch).objects.select_for_update().get(pk=batch.pk)
        obstacles = list(eligibility.obstacles(batch, organisation, place, at))
        if obstacles:
            raise NotNow(obstacles)
        year = clock.today(at).year
        serial = Counter.take(f"application:{batch.programme.code}", year)
        application = Application.objects.create(
            batch=batch,
            number=f"{batch.rules.number_prefix}-{year}-{serial:03d}",
            title="",
            place=place,
            province=province_of(place),
            organisation=organisation,
            created_by=by,
            created_at=at,
        )
        _bring_along(application)
        return perform(application, "begin", by=by, at=at)


def _bring_along(application: Application) -> None:
    """What the same body had typed for the same place before the window closed on it: nothing typed is lost."""
    left = Application.objects.filter(
        batch=application.batch, place=application.place, organisation=application.organisation,
        state=ApplicationState.DEEMED_WITHDRAWN, submitted_at__isnull=True,
    ).order_by("-pk").first()  # fmt: skip
    if left is None:
        return
    application.title, application.answers, application.rev = left.title, left.answers, 1
    application.save()
    Upload.objects.bulk_create(
        Upload(application=application, material=row.material, name=row.name, format=row.format, size=row.size,
               sha256=row.sha256, at=row.at, by_id=row.by_id)
        for row in left.uploads.filter(replaced_at__isnull=True)
    )  # fmt: skip


def register_objection(
    application: Application, *, at: datetime, files: Sequence[CheckedFile] = (), **fields: Any
) -> Outcome:
    """An objection of the public; late or anonymous ones are kept as leads (programmes.md §5)."""
    with transaction.atomic():
        year = clock.today(at).year
        serial = Counter.take("objection", year)
        objection = Objection.objects.create(
            application=application, number=f"YY-{year}-{serial:03d}", received_at=at, **fields
        )
        Evidence.objects.bulk_create(
            Evidence(objection=objection, name=file.name, format=file.format, size=len(file.data),
                     sha256=storage.store(file.data), at=at)
            for file in files
        )  # fmt: skip
        return perform(objection, "begin", by=None, at=at)


def list_expert(user: Any, *, by: Any, at: datetime, **fields: Any) -> Outcome:
    """A member of the pool for somebody who has an account. Raises NotNow for a second listing, Denied for strangers."""
    with transaction.atomic():
        if Expert.objects.filter(user=user).exists():
            raise NotNow([Unmet("listed", _("%(name)s已在专家库。") % {"name": user})])
        return perform(Expert.objects.create(user=user, **fields), "begin", by=by, at=at)


def begin_seal_use(certificates: Sequence[Certificate], *, by: Any, at: datetime, note: str = "") -> Outcome:
    """A request to use the seal on pending certificates of one programme, in the order of their numbers.

    Raises NotNow with every certificate that may not go with it and why; Denied for strangers.
    """
    with transaction.atomic():
        # Under lock: two people who ask for the same certificate at once do not both get it.
        keys = [row.pk for row in certificates]
        free = preflight.waiting(by).filter(pk__in=keys).values("pk")
        rows = list(
            Certificate.objects.select_for_update(of=("self",)).filter(pk__in=free)
            .select_related(*Certificate.printed).order_by("serial")
        )  # fmt: skip
        obstacles = _obstacles_to_seal(rows, len(set(keys)))
        lines = preflight.inspect(rows)
        obstacles += [
            Unmet(finding.code, _("%(serial)s：%(why)s") % {"serial": line.certificate.serial, "why": finding.text})
            for line in lines for finding in line.findings if finding.grave
        ]  # fmt: skip
        if obstacles:
            raise NotNow(obstacles)
        year = clock.today(at).year
        request = SealUse.objects.create(
            programme=rows[0].designation.batch.programme, note=note[:300], size=len(rows), sha256=list_hash(rows),
            number=f"YYSP-{year}-{Counter.take('seal_use', year):04d}", asked_at=at, asked_by=by,
        )  # fmt: skip
        SealUseItem.objects.bulk_create(
            SealUseItem(seal_use=request, certificate=line.certificate, position=n, findings=line.stored())
            for n, line in enumerate(lines, 1)
        )
        Certificate.objects.filter(pk__in=[row.pk for row in rows]).update(seal_use=request)
        return perform(request, "begin", by=by, at=at)


def begin_template(name: str, code: str, *, by: Any, at: datetime) -> Outcome:
    """A draft of a certificate template, copied from `name`: a packaged design, or the uuid of a version.

    Raises NotNow where the code cannot be used, LookupError for an unknown source, Denied for strangers.
    """
    with transaction.atomic():
        files, words = drafting_templates.source(name)
        faults = list(drafting_templates.obstacles(code))
        if faults:
            raise NotNow(faults)
        template = CertificateTemplate(
            code=code, edition=drafting_templates.next_edition(code), files=files, base=words, author=by, started_at=at
        )
        drafting_templates.described(template).save()
        return perform(template, "begin", by=by, at=at)


def _obstacles_to_seal(rows: list[Certificate], wanted: int) -> list[Unmet]:
    if not wanted:
        return [Unmet("none", _("没有选择证书。"), "certificates")]
    found = []
    if len(rows) < wanted:
        found.append(Unmet("taken", _("有 %(n)s 份证书已被列入其他审批或者不待签发。") % {"n": wanted - len(rows)}))
    if len({row.designation.batch.programme_id for row in rows}) > 1:
        found.append(Unmet("programmes", _("一份审批只能是同一个项目的证书。")))
    return found


def begin_change(site: Designation, kind: str, *, given: dict[str, Any], by: Any, at: datetime) -> Outcome:
    """A change of a running site; `given` is what `pilots.forms.change` cleaned. Raises NotNow, Denied.

    Its number tells which it is: the site's own, and a serial.
    """
    with transaction.atomic():
        # Asked before the row exists, under the site's lock: a second change of the same kind is refused in words.
        site = type(site).objects.select_for_update(of=("self",)).select_related(*site.related).get(pk=site.pk)
        obstacles = list(changes.obstacles(site, kind, at))
        if obstacles:
            raise NotNow(obstacles)
        before, after, wanted = changes.describe(site, kind, given | {"at": at})
        number = f"{site.number}-B{site.changes.count() + 1:02d}"
        change = Change.objects.create(
            designation=site, number=number, kind=kind, before=before[:300], after=after[:300], wanted=wanted,
            grounds=given["grounds"], letter_number=given.get("letter_number", ""), filed_at=at, filed_by=by,
        )  # fmt: skip
        if given.get("upload"):
            Upload.objects.filter(pk=given["upload"].pk).update(material=change.material)
        return perform(change, "begin", by=by, at=at)


def begin_rules_draft(
    base: RulesVersion, *, by: Any, at: datetime, text: str, code: str, title: str, new: bool
) -> Outcome:
    """A draft copied from a published version: of the same programme, or (`new`) of one that does not exist yet.

    Raises NotNow where the code is taken, Denied for strangers.
    """
    with transaction.atomic():
        taken = Programme.objects.filter(code=code).exists() or RulesDraft.objects.filter(
            code=code, state__in=(RulesDraftState.EDITING, RulesDraftState.SUBMITTED)
        ).exists()  # fmt: skip
        if new and taken:
            raise NotNow([Unmet("code_taken", _("已有代码为 %(code)s 的项目或草案。") % {"code": code}, "code")])
        draft = RulesDraft.objects.create(
            programme=None if new else base.programme, base=base, code=code, title=title[:80], text=text, author=by,
            started_at=at, saved_by=by, saved_at=at,
        )  # fmt: skip
        return perform(draft, "begin", by=by, at=at)


def begin_grant_request(
    kind: str,
    lines: Sequence[GrantLine],
    *,
    by: Any,
    at: datetime,
    grounds: str,
    paper: str = "",
    at_once: bool = False,
) -> Outcome:
    """A request about people's rights: proposed, or (`at_once`) carried out on the spot by the security administrator.

    `lines` are not saved yet. Raises NotNow with every fault of every line, Denied for strangers.
    """
    if not lines or len(lines) > grants.MOST_LINES:
        raise NotNow([Unmet("lines", _("一份申请须有 1 至 %(n)s 项。") % {"n": grants.MOST_LINES})])
    with transaction.atomic():
        year = clock.today(at).year
        people = list(dict.fromkeys(line.user for line in lines))
        names = people[0].name if len(people) == 1 else f"{people[0].name} +{len(people) - 1}"
        request = GrantRequest.objects.create(
            number=f"SQ-{year}-{Counter.take('grant_request', year):04d}", kind=kind, about=names[:40], size=len(lines),
            sha256=grants.list_hash(lines), grounds=grounds[:500], paper=paper[:120], at_once=at_once, proposed_at=at,
            proposed_by=by,
        )  # fmt: skip
        for position, line in enumerate(lines, 1):
            line.request, line.position = request, position
        GrantLine.objects.bulk_create(lines)
        if at_once:
            return perform(request, "at_once", by=by, at=at, reason=grounds)
        return perform(request, "begin", by=by, at=at)
