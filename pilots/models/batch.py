"""A batch (第N批): one call, one quota table, one list, one signature, one notice, one document."""

from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django_fsm import FSMField, transition

from accounts.authority import Scope
from accounts.roles import HOUSE, Role

from .case import Case, CaseQuerySet
from .intake import Invitation

# Those who see a batch before its call goes out.
RUNNERS = (
    Role.PROGRAMME_OFFICER, Role.DIVISION_HEAD, Role.LEADER, Role.COUNTERSIGNER, Role.PUBLICITY_OFFICER,
    Role.DOCUMENT_CLERK, Role.AUDITOR, Role.FORMALITY_CHECKER, Role.EXPERT_SECRETARY, Role.OBJECTION_HANDLER,
)  # fmt: skip


class BatchState(models.TextChoices):
    DRAFT = "draft", _("编制中")
    OPEN = "open", _("申报中")
    REVIEWING = "reviewing", _("评审中")
    LISTED = "listed", _("名单待确认")
    COUNTERSIGN = "countersign", _("会签中")
    LEADER = "leader", _("待签发")
    TO_PUBLISH = "to_publish", _("待公示")
    NOTICE = "notice", _("公示中")
    DOCUMENT = "document", _("待发文")
    ISSUED = "issued", _("已批复")
    CANCELLED = "cancelled", _("已取消")


S = BatchState


class Batch(Case):
    programme = models.ForeignKey("pilots.Programme", models.PROTECT, related_name="batches")
    rules_version = models.ForeignKey("pilots.RulesVersion", models.PROTECT, related_name="batches")
    # How applications come in, as the rules said when it was begun (rules: window.kind).
    intake = models.CharField(max_length=12, default="batch", editable=False)
    number = models.CharField(_("批次编号"), max_length=30, unique=True)
    title = models.CharField(_("批次名称"), max_length=120)
    title_en = models.CharField(max_length=160, blank=True)
    call_text = models.TextField(_("通知正文"), blank=True)
    call_number = models.CharField(_("通知文号"), max_length=40, blank=True)
    opens_on = models.DateField(_("申报开始"))
    closes_at = models.DateTimeField(_("申报截止"))
    # How many places this call offers, where it is fewer than the rules' most.
    places = models.PositiveSmallIntegerField(_("本批名额"), null=True, blank=True)
    state = FSMField(default=S.DRAFT, choices=S.choices, protected=True)
    published_at = models.DateTimeField(null=True, blank=True)
    # The round of review all of it is in (rules: scoring.round).
    round = models.PositiveSmallIntegerField(_("评审轮次"), default=1)
    list_version = models.PositiveIntegerField(default=0)
    list_hash = models.CharField(max_length=64, blank=True)
    signed_at = models.DateTimeField(null=True, blank=True)
    signed_by = models.ForeignKey("accounts.User", models.PROTECT, null=True, blank=True, related_name="+")
    notice_from = models.DateField(null=True, blank=True)
    notice_to = models.DateField(null=True, blank=True)
    notice_provisional = models.BooleanField(default=False)
    document_number = models.CharField(_("批复文号"), max_length=40, blank=True)
    document_date = models.DateField(null=True, blank=True)

    objects = CaseQuerySet.as_manager()
    related = ("programme", "rules_version")

    class Meta:
        verbose_name = _("批次")
        verbose_name_plural = _("批次")
        ordering = ["-opens_on", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(state__in=[S.TO_PUBLISH, S.NOTICE, S.DOCUMENT, S.ISSUED])
                | Q(signed_by__isnull=False, signed_at__isnull=False),
                name="batch_signed_has_signer",
            ),
            models.CheckConstraint(
                condition=~Q(state=S.NOTICE) | Q(notice_from__isnull=False, notice_to__isnull=False),
                name="batch_notice_has_days",
            ),
            models.CheckConstraint(
                condition=Q(state=S.ISSUED) & ~Q(document_number="") & Q(document_date__isnull=False)
                | ~Q(state=S.ISSUED),
                name="batch_issued_has_document",
            ),
            models.CheckConstraint(
                condition=Q(state__in=[S.DRAFT, S.CANCELLED]) | Q(published_at__isnull=False),
                name="batch_open_was_published",
            ),
        ]

    def __str__(self):
        return self.title

    def get_absolute_url(self):
        return reverse("batch", args=[self.uuid])

    @property
    def rules(self):
        return self.rules_version.rules

    @property
    def cutoff(self):
        """The rules' cut-off with the places of this very call."""
        cutoff = self.rules.cutoff
        offered = [places for places in (cutoff.max_places, self.places) if places is not None]
        return cutoff.model_copy(update={"max_places": min(offered, default=None)})

    @classmethod
    def reach(cls, authority):
        if authority.has(*HOUSE):
            # Its call and its notice are public pages; what is inside is no business of theirs.
            return Q(pk__in=[])
        # A published batch is no secret; a draft belongs to those who run the programme.
        published = ~Q(state__in=[S.DRAFT, S.CANCELLED])
        runs = authority.programmes(*RUNNERS, field="programme__code")
        # A commission is between the office and those it asked.
        organisations = [held.organisation_id for held in authority.held if held.organisation_id]
        asked = Q(pk__in=Invitation.objects.filter(organisation__in=organisations).values("batch"))
        return published & (~Q(intake="commissioned") | asked) | runs

    def scope(self):
        return Scope(programme=self.programme.code)

    def reopened_for(self, province):
        """The reopening of the window for `province` (a place or its key), or None; read once per object."""
        if not hasattr(self, "_reopenings"):
            self._reopenings = {row.place_id: row for row in self.reopenings.filter(ended_at__isnull=True)}
        return self._reopenings.get(getattr(province, "pk", province))

    def closing_for(self, province):
        """The first instant that is too late for applications from `province`."""
        row = self.reopened_for(province)
        return max(self.closes_at, row.closes_at) if row else self.closes_at

    def takes_from(self, place, at):
        """True when applications for `place` are taken at `at`; a place's province may have its window open again."""
        if self.state == S.OPEN and at < self.closes_at:
            return True
        if self.state not in (S.OPEN, S.REVIEWING):
            return False
        row = self.reopened_for(place.recommending_unit())
        return row is not None and at < row.closes_at

    def quota_of(self, place):
        """How many `place` (a province) may recommend in this batch, or None for no limit."""
        return self.quotas_of([place]).get(place.pk)

    def quotas_of(self, places):
        """{place pk: how many it may recommend} for provinces; a place without a limit is left out."""
        quota = self.rules.quota
        if quota.kind in ("rank_only", "none"):
            return {}
        own = {row.place_id: row.places for row in self.quotas.all()}
        return self.usual_quotas_of(places) | {place.pk: own[place.pk] for place in places if place.pk in own}

    def usual_quotas_of(self, places):
        """The same by the rules alone, before this batch's own numbers."""
        quota = self.rules.quota
        if quota.kind in ("rank_only", "none"):
            return {}
        shares = self._shares(places, quota.share_percent) if quota.kind == "share" else {}
        return {place.pk: self._quota(place, shares) for place in places}

    def _quota(self, place, usual):
        by_place = self.rules.quota.by_place
        named = next((by_place[key] for key in (place.code, place.name) if key and key in by_place), None)
        return usual.get(place.pk, self.rules.quota.places) if named is None else named

    def _shares(self, places, percent):
        """A share of the titles each province holds in this programme, rounded down, at least one (card 20)."""
        from .designation import RUNNING, Designation  # noqa: PLC0415 - designations know their batch

        held = list(
            Designation.objects.filter(batch__programme=self.programme, state__in=RUNNING).values_list(
                "place__path", flat=True
            )
        )
        return {
            place.pk: max(int(sum(path.startswith(place.path) for path in held) * percent / 100), 1) for place in places
        }

    def duties(self, at):
        from pilots.deadlines import batch_duties  # noqa: PLC0415 - deadlines read models

        return batch_duties(self, at)

    @transition(field=state, source=S.DRAFT, target=S.OPEN)
    def publish(self):
        """The call goes out and applications are taken."""

    @transition(field=state, source=S.DRAFT, target=S.CANCELLED)
    def cancel(self):
        """A call that never went out is dropped."""

    @transition(field=state, source=S.OPEN, target=S.REVIEWING)
    def close(self):
        """No more applications; those submitted go on."""

    @transition(field=state, source=S.REVIEWING, target=S.CANCELLED)
    def end_empty(self):
        """Nothing is left that could be put on a list."""

    @transition(field=state, source=S.REVIEWING, target=S.LISTED)
    def draw_list(self):
        """The ranked list is put before the division head."""

    @transition(field=state, source=S.LISTED, target=S.COUNTERSIGN)
    def confirm_to_countersign(self):
        """The division head agrees; other divisions or ministries countersign."""

    @transition(field=state, source=S.LISTED, target=S.LEADER)
    def confirm_to_leader(self):
        """The division head agrees; nobody countersigns."""

    @transition(field=state, source=S.COUNTERSIGN, target=S.LEADER)
    def countersign(self):
        """The last countersigner has agreed."""

    @transition(field=state, source=[S.LISTED, S.COUNTERSIGN, S.LEADER], target=S.REVIEWING)
    def send_back(self):
        """Back to the programme officer; a new version of the list has to be drawn."""

    @transition(field=state, source=[S.COUNTERSIGN, S.LEADER], target=S.LISTED)
    def send_back_to_head(self):
        """Back to the division head, who has to confirm again."""

    @transition(field=state, source=S.LEADER, target=S.TO_PUBLISH)
    def sign_for_notice(self):
        """Signed; the public is asked before anything is issued."""

    @transition(field=state, source=S.LEADER, target=S.DOCUMENT)
    def sign(self):
        """Signed; this programme has no public notice."""

    @transition(field=state, source=S.TO_PUBLISH, target=S.NOTICE)
    def publish_notice(self):
        """The public notice starts."""

    @transition(field=state, source=S.NOTICE, target=S.DOCUMENT)
    def close_notice(self):
        """The notice is over."""

    @transition(field=state, source=S.DOCUMENT, target=S.ISSUED)
    def issue(self):
        """The document has its number and date; designations come into being."""


class Quota(models.Model):
    """How many one province may recommend in one batch, where it differs from the rules' number."""

    batch = models.ForeignKey(Batch, models.CASCADE, related_name="quotas")
    place = models.ForeignKey("accounts.Place", models.PROTECT)
    places = models.PositiveSmallIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["batch", "place"], name="quota_once")]

    def __str__(self):
        return f"{self.batch} {self.place}: {self.places}"
