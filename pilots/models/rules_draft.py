"""A rules document being written: copied from a version, edited by officers, published by somebody else."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django_fsm import FSMField, transition

from accounts.authority import Scope
from accounts.roles import Role

from .case import Case, CaseQuerySet


class RulesDraftState(models.TextChoices):
    EDITING = "editing", _("编写中")
    SUBMITTED = "submitted", _("待审核发布")
    PUBLISHED = "published", _("规则已发布")
    DISCARDED = "discarded", _("草案已弃用")


S = RulesDraftState
# Still to be decided; one programme may have several.
OPEN = (S.EDITING, S.SUBMITTED)
# Who reads drafts. Those who fill in and judge applications read what was published.
READERS = (Role.PROGRAMME_OFFICER, Role.DIVISION_HEAD, Role.AUDITOR)


class RulesDraft(Case):
    # None while the programme does not exist yet: it comes into being with its first published version.
    programme = models.ForeignKey(
        "pilots.Programme", models.PROTECT, null=True, blank=True, related_name="drafts", verbose_name=_("试点项目")
    )
    # Fixed when the draft begins: whoever has a seat in one programme must not write rules for another.
    code = models.CharField(_("代码"), max_length=60)
    title = models.CharField(_("名称"), max_length=80, blank=True)
    base = models.ForeignKey(
        "pilots.RulesVersion", models.PROTECT, null=True, blank=True, related_name="copies", verbose_name=_("复制自")
    )
    # As typed, whether it can be read or not; `rev` counts saves, so that two people see each other's.
    text = models.TextField(_("规则文本"))
    rev = models.PositiveIntegerField(default=0)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    editors = models.ManyToManyField(settings.AUTH_USER_MODEL, related_name="+", blank=True)
    saved_at = models.DateTimeField(null=True, blank=True)
    saved_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    # What stood there before the last row was taken away, while nothing has been saved since: it can be put back.
    undo = models.TextField(blank=True)
    undo_rev = models.PositiveIntegerField(null=True, blank=True)
    started_at = models.DateTimeField()
    note = models.TextField(_("修改说明"), blank=True)
    submitted_at = models.DateTimeField(null=True, blank=True)
    published = models.OneToOneField(
        "pilots.RulesVersion", models.PROTECT, null=True, blank=True, related_name="draft", verbose_name=_("规则版本")
    )
    state = FSMField(default=S.EDITING, choices=S.choices, protected=True)

    objects = CaseQuerySet.as_manager()
    related = ("programme", "base", "author", "published")

    class Meta:
        verbose_name = _("规则草案")
        verbose_name_plural = _("规则草案")
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(state=S.PUBLISHED, published__isnull=False)
                | ~Q(state=S.PUBLISHED) & Q(published__isnull=True),
                name="rules_draft_published_has_version",
            ),
            models.CheckConstraint(
                condition=~Q(state=S.SUBMITTED) | Q(submitted_at__isnull=False) & ~Q(note=""),
                name="rules_draft_submitted_has_note",
            ),
        ]

    def __str__(self):
        return str(_("%(name)s规则草案") % {"name": self.title or self.code})

    def get_absolute_url(self):
        return reverse("rules_draft", args=[self.uuid])

    @classmethod
    def reach(cls, authority):
        return authority.programmes(*READERS, field="code")

    def scope(self):
        return Scope(programme=self.code)

    @property
    def rules(self):
        """The rules as they stand in the text. Raises RulesError while the text has faults."""
        from pilots.authoring.reading import read  # noqa: PLC0415 - authoring reads models

        return read(self.text)

    def hands(self):
        """Keys of everybody who wrote in it; read once per object."""
        if not hasattr(self, "_hands"):
            self._hands = {self.author_id, *self.editors.values_list("pk", flat=True)} if self.pk else set()
        return self._hands

    def duties(self, at):
        from pilots.authoring.duties import draft_duties  # noqa: PLC0415

        return draft_duties(self, at)

    @transition(field=state, source=S.EDITING, target=S.SUBMITTED)
    def submit(self):
        """The author puts it before the division head."""

    @transition(field=state, source=S.SUBMITTED, target=S.EDITING)
    def return_to_author(self):
        """Back, with what has to change."""

    @transition(field=state, source=S.SUBMITTED, target=S.PUBLISHED)
    def publish(self):
        """It is a version now, and never changes again."""

    @transition(field=state, source=[S.EDITING, S.SUBMITTED], target=S.DISCARDED)
    def discard(self):
        """Nothing comes of it; what was written stays readable."""
