"""What durable jobs do. Each is idempotent: a lease may run out and a second worker may come."""

import json
import logging
from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Any

from django.db import transaction
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.holders import Directory
from accounts.kept import keeping, known
from approvals import sealing
from approvals.acts.certificate import ARCHIVE
from approvals.acts.seal_use import PRINT, SEAL
from approvals.acts.signing import settle
from approvals.joining import join
from approvals.models import Certificate, CertificateState, DrawnPanel, ListItem, SealUse, SealUseState
from approvals.printing import produce
from notifications.jobs import enqueue, handles
from notifications.jobs import job as make_job
from notifications.models import Job
from pilots import adopting, storage
from pilots.models import AdoptionItem, Application, ApplicationState
from workflows.door import consequence, perform
from workflows.refusals import Refused
from workflows.telling import APPLICANTS

log = logging.getLogger(__name__)


def several(rows: list[Any], at: datetime) -> Any:
    """What the certificates of several jobs share, read once: their rows, and who is told of them."""
    found = _certificates([row.payload["certificate"] for row in rows])
    told = Directory(APPLICANTS, at, {certificate.scope() for certificate in found.values()})
    return keeping(certificates=found, directory=told)


def _certificates(keys: list[int]) -> dict[int, Any]:
    related = {*Certificate.printed, *Certificate.related}
    return Certificate.objects.select_related(*related).in_bulk(keys)


def printed(job: Any, at: datetime) -> tuple[Certificate, dict[str, Any]] | None:
    """A certificate and its file, rendered, signed and stored under its hash, as the act that issues it wants it.

    None where it is issued already or its request is not approved any more. No row is touched and none is locked.
    """
    key = job.payload["certificate"]
    certificate = (known("certificates") or {}).get(key) or _certificates([key])[key]
    request = certificate.seal_use
    if certificate.state != CertificateState.PENDING or request is None or request.state != SealUseState.APPROVED:
        return None
    pdf = produce(certificate, at)
    return certificate, {"sha256": storage.store(pdf), "size": len(pdf)}


def unwanted(job: Any, made: tuple[Certificate, dict[str, Any]]) -> None:
    """The file of a worker that came too late: one certificate has one file (trust.md F19)."""
    _forget(made[1]["sha256"])


def _forget(digest: str) -> None:
    """Takes a file away that no certificate names, as its own or as its archive copy."""
    if not Certificate.objects.filter(Q(sha256=digest) | Q(archive_sha256=digest)).exists():
        storage.forget(digest)


@handles(SEAL, _("生成证书"), before=printed, together=several, late=unwanted)
def make_certificate(job: Any, at: datetime, made: tuple[Certificate, dict[str, Any]]) -> None:
    """Issues with the file that was made, unless the words were changed meanwhile: then the job is done again."""
    certificate, file = made
    consequence(certificate, "issue", at=at, data=file, version=certificate.version)


def archived(job: Any, at: datetime) -> str | None:
    """The hash of a time-stamped copy beside the issued bytes; None where there is one already. Nobody waits for a lock
    while the time-stamping service takes its time."""
    row = Certificate.objects.get(pk=job.payload["certificate"])
    return sealing.archive(row, at) if row.sha256 and not row.archive_sha256 else None


def unnamed(job: Any, digest: str) -> None:
    """The copy of a worker that came too late: its time stamp is another one, so nobody names it."""
    _forget(digest)


@handles(ARCHIVE, _("制作存档副本"), before=archived, late=unnamed)
def archive_certificate(job: Any, at: datetime, digest: str) -> None:
    """Names the copy. Tried again while the time-stamping service does not answer."""
    Certificate.objects.filter(pk=job.payload["certificate"]).update(archive_sha256=digest)


def joined(job: Any, at: datetime) -> tuple[str, int]:
    """The issued files of a request in the order of their numbers as one file: its hash and size."""
    issued = Certificate.objects.filter(seal_use=job.payload["seal_use"]).exclude(sha256="").order_by("serial")
    return join(list(issued.values_list("sha256", flat=True)))


@handles(PRINT, _("合并打印文件"), before=joined)
def make_print_file(job: Any, at: datetime, made: tuple[str, int]) -> None:
    """Names the file for the printer. A second run joins the same bytes."""
    digest, size = made
    SealUse.objects.filter(pk=job.payload["seal_use"]).update(print_sha256=digest, print_size=size)


@handles("settle_list", _("办理签发的名单"))
def settle_items(job: Any, at: datetime) -> None:
    """Carries out lines of a signed list. Lines that have been carried out are passed over."""
    waiting = Application.objects.filter(pk__in=job.payload["items"], state=ApplicationState.READY)
    lines = ListItem.objects.filter(
        application__in=waiting, version=F("batch__list_version"), batch=F("application__batch")
    ).select_related("application")
    each(job, at, {item.application_id: item for item in lines},
         lambda item: settle(item, item.application, partial(consequence, at=at)))  # fmt: skip


@handles("approve", _("逐项批复"))
def approve_items(job: Any, at: datetime) -> None:
    """Approves items of an issued document; what was approved, or is held by now, is passed over."""
    rows = Application.objects.filter(pk__in=job.payload["items"], state=ApplicationState.LISTED)
    each(job, at, {row.pk: row for row in rows}, lambda row: consequence(row, "approve", at=at))


def each(job: Any, at: datetime, rows: dict[int, Any], do: Callable[[Any], Any]) -> None:
    """Does `do` for every row. One that fails does not hold the others: it gets a job of its own, which is tried again
    and, when it is hopeless, parked where people see it."""
    failed = []
    for key, row in rows.items():
        try:
            with transaction.atomic():
                do(row)
        except Exception:
            if len(job.payload["items"]) == 1:
                raise
            log.exception("item %s of job %s failed", key, job.key)
            failed.append(key)
    if failed:
        enqueue([
            make_job(job.kind, f"{job.key}:{key}"[:120], at, group=job.group, items=[key]) for key in failed
        ])  # fmt: skip
        Job.objects.filter(pk=job.pk).update(size=job.size - len(failed))


@handles("assign_panel", _("分派抽取的专家"))
def assign_panel(job: Any, at: datetime) -> None:
    """Gives one application the panel that was drawn for it, as the person who confirmed the draw.

    What has changed since is not forced: the refusal is kept with its reason, and the application can be drawn again.
    A second run finds the panel settled and does nothing.
    """
    row = DrawnPanel.objects.select_related("draw__by").get(pk=job.payload["panel"])
    if row.state != DrawnPanel.State.WAITING:
        return
    application = Application.objects.select_related(*Application.related).get(pk=row.application_id)
    row.state = DrawnPanel.State.DONE
    try:
        data = {"experts": [seat["expert"] for seat in row.seats]}
        perform(application, "assign_experts", by=row.draw.by, at=at, data=data)
    except Refused as refusal:
        row.state, row.reason = DrawnPanel.State.REFUSED, str(refusal)[:300]
    row.save(update_fields=["state", "reason"])


@handles(adopting.KIND, _("转入新版规则"))
def adopt_rules(job: Any, at: datetime) -> None:
    """Moves cases to the version that was decided for them, each as the person who decided.

    What has changed since is not forced: the refusal is kept with its reason. A second run passes over what is settled.
    """
    items = AdoptionItem.objects.filter(pk__in=job.payload["items"], state=AdoptionItem.State.WAITING)
    rows = {item.pk: item for item in items.select_related("adoption__by", "adoption__version", "before")}
    each(job, at, {key: rows[key] for key in job.payload["items"] if key in rows}, lambda item: _adopt(item, at))


def _adopt(item: AdoptionItem, at: datetime) -> None:
    adoption, case = item.adoption, adopting.case_of(item)
    item.state = AdoptionItem.State.DONE
    try:
        data = {
            "version": adoption.version_id,
            "mapping": json.dumps(adopting.answers_for(adoption, case, at)),
            "undo": json.dumps(item.undo),
        }
        outcome = perform(case, "adopt_rules", by=adoption.by, at=at, reason=adoption.reason, data=data)
        item.undo = json.loads(outcome.entry.text)["facts"]["undo"]
    except Refused as refusal:
        item.state, item.reason = AdoptionItem.State.REFUSED, str(refusal)[:300]
    item.save(update_fields=["state", "reason", "undo"])
