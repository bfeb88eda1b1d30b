"""Requests to use the seal (用印审批): which certificates, with which words, agreed to by whom (certificates.md §7).

A certificate is made and sealed only under an approved request. What is approved is the list as it was shown: its hash is
kept, and words that changed since are not sealed.
"""

import hashlib
import json
from collections.abc import Iterable
from typing import Any

from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django_fsm import FSMField, transition

from accounts.authority import Scope
from accounts.roles import Role
from approvals.deadlines import seal_use_duties
from pilots.models.case import Case, CaseQuerySet

# Those who read requests: who asks, who decides, who audits.
SEAL_READERS = (Role.PROGRAMME_OFFICER, Role.DOCUMENT_CLERK, Role.DIVISION_HEAD, Role.LEADER, Role.AUDITOR)


class SealUseState(models.TextChoices):
    WAITING = "waiting", _("待审批")
    APPROVED = "approved", _("已批准")
    RETURNED = "returned", _("已退回")
    WITHDRAWN = "withdrawn", _("已撤回")


S = SealUseState


class SealUse(Case):
    """One request for certificates of one programme."""

    programme = models.ForeignKey("pilots.Programme", models.PROTECT, related_name="seal_uses")
    number = models.CharField(_("审批单号"), max_length=30, unique=True)
    state = FSMField(default=S.WAITING, choices=S.choices, protected=True)
    note = models.CharField(_("说明"), max_length=300, blank=True)
    # The number of certificates, and the hash of the list as it was asked for.
    size = models.PositiveIntegerField(_("份数"), default=0)
    sha256 = models.CharField(max_length=64, blank=True)
    asked_at = models.DateTimeField()
    asked_by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+", verbose_name=_("申请人"))
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey("accounts.User", models.PROTECT, null=True, blank=True, related_name="+")
    # All pages in one file for the printer, made once everything is issued.
    print_sha256 = models.CharField(max_length=64, blank=True)
    print_size = models.PositiveIntegerField(default=0)

    objects = CaseQuerySet.as_manager()
    related = ("programme", "asked_by", "decided_by")

    class Meta:
        verbose_name = _("用印审批")
        verbose_name_plural = _("用印审批")
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=[S.APPROVED, S.RETURNED], decided_at__isnull=False, decided_by__isnull=False)
                | Q(state__in=[S.WAITING, S.WITHDRAWN], decided_at__isnull=True),
                name="seal_use_decided_by_somebody",
            ),
        ]

    def __str__(self):
        return self.number

    def get_absolute_url(self):
        return reverse("seal_use", args=[self.uuid])

    @classmethod
    def reach(cls, authority):
        return authority.programmes(*SEAL_READERS, field="programme__code")

    def scope(self):
        return Scope(programme=self.programme.code)

    def duties(self, at):
        return seal_use_duties(self, at)

    @property
    def group(self):
        """The group under which its jobs are counted."""
        return f"seal:{self.uuid}"

    @transition(field=state, source=S.WAITING, target=S.APPROVED)
    def approve(self):
        """The seal may be used on exactly this list."""

    @transition(field=state, source=S.WAITING, target=S.RETURNED)
    def send_back(self):
        """Not like this; the certificates may be asked for again."""

    @transition(field=state, source=S.WAITING, target=S.WITHDRAWN)
    def withdraw(self):
        """Taken back by those who asked."""


class SealUseItem(models.Model):
    """One line of a request, with what the pre-flight said of it on that day."""

    seal_use = models.ForeignKey(SealUse, models.CASCADE, related_name="items")
    certificate = models.ForeignKey("approvals.Certificate", models.PROTECT, related_name="seal_items")
    position = models.PositiveIntegerField()
    # Warnings that were accepted: errors keep a certificate out of a request.
    findings = models.JSONField(default=list, blank=True)

    class Meta:
        verbose_name = _("用印项")
        verbose_name_plural = _("用印项")
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["seal_use", "certificate"], name="seal_use_names_a_certificate_once"),
        ]

    def __str__(self):
        return f"{self.seal_use_id}:{self.position}"


def list_hash(certificates: Iterable[Any]) -> str:
    """SHA-256 of numbers, codes, words and dates of certificates, in their order: what somebody approves."""
    rows = [
        [row.serial, row.code, row.words, str(row.valid_from), str(row.valid_to or "")] for row in certificates
    ]  # fmt: skip
    text = json.dumps(rows, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()
