"""Templates of certificates as versions: written by an officer, published by somebody else, never changed afterwards.

A template is the three files of a design (approvals/certificates/design.py). Packaged designs need no row; a published
version with the same code takes the place of a packaged one.
"""

from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from django_fsm import FSMField, transition

from accounts.authority import Scope
from accounts.roles import Role
from approvals.certificates.fonts import FACES
from pilots.models.case import Case, CaseQuerySet

TEMPLATE_READERS = (Role.PROGRAMME_OFFICER, Role.DOCUMENT_CLERK, Role.DIVISION_HEAD, Role.AUDITOR)


class TemplateState(models.TextChoices):
    EDITING = "editing", _("编写中")
    PUBLISHED = "published", _("已发布")
    DISCARDED = "discarded", _("已弃用")


S = TemplateState


class CertificateTemplate(Case):
    """One version of a template."""

    code = models.CharField(_("代码"), max_length=40)
    # `version` of a case counts acts; this is the number people see.
    edition = models.PositiveIntegerField(_("版本"))
    state = FSMField(default=S.EDITING, choices=S.choices, protected=True)
    # What design.toml says, kept for lists; empty while it cannot be read.
    label = models.CharField(_("名称"), max_length=60, blank=True)
    label_en = models.CharField(max_length=80, blank=True)
    kind = models.CharField(_("文种"), max_length=12, blank=True)
    # File name → text, as typed, whether it can be read or not; `rev` counts saves.
    files = models.JSONField(default=dict)
    rev = models.PositiveIntegerField(default=0)
    # Code (and version) it was copied from.
    base = models.CharField(_("复制自"), max_length=60, blank=True)
    author = models.ForeignKey("accounts.User", models.PROTECT, related_name="+")
    editors = models.ManyToManyField("accounts.User", related_name="+", blank=True)
    started_at = models.DateTimeField()
    saved_at = models.DateTimeField(null=True, blank=True)
    saved_by = models.ForeignKey("accounts.User", models.PROTECT, null=True, blank=True, related_name="+")
    # Identity of the files, and what the gate of the fast path said on the day of publication.
    sha256 = models.CharField(max_length=64, blank=True)
    gate = models.JSONField(null=True, blank=True)
    published_at = models.DateTimeField(null=True, blank=True)

    objects = CaseQuerySet.as_manager()
    related = ("author", "saved_by")

    class Meta:
        verbose_name = _("证书模板")
        verbose_name_plural = _("证书模板")
        ordering = ["code", "-edition"]
        constraints = [
            models.UniqueConstraint(fields=["code", "edition"], name="template_edition_once"),
            models.CheckConstraint(
                condition=Q(state=S.PUBLISHED, published_at__isnull=False) & ~Q(sha256="")
                | ~Q(state=S.PUBLISHED) & Q(published_at__isnull=True),
                name="template_published_has_identity",
            ),
        ]

    def __str__(self):
        return f"{self.shown} v{self.edition}"

    def get_absolute_url(self):
        return reverse("template", args=[self.uuid])

    @property
    def shown(self):
        """Its name in the language of the page."""
        english = (get_language() or "").startswith("en")
        return (self.label_en if english and self.label_en else self.label) or self.code

    @classmethod
    def reach(cls, authority):
        # One set of templates serves all programmes, so a seat in any of them reads it.
        return ~Q(pk__in=[]) if authority.has(*TEMPLATE_READERS) else Q(pk__in=[])

    def scope(self):
        return Scope()

    def hands(self):
        """Keys of everybody who wrote in it."""
        return {self.author_id, *self.editors.values_list("pk", flat=True)}

    @transition(field=state, source=S.EDITING, target=S.PUBLISHED)
    def publish(self):
        """It is a version now, and never changes again."""

    @transition(field=state, source=S.EDITING, target=S.DISCARDED)
    def discard(self):
        """Nothing comes of it; what was written stays readable."""


class SiteFont(models.Model):
    """A font file an office brought for one face, prepared for printing. The newest active one of a face is used."""

    face = models.CharField(_("字体位置"), max_length=16, choices=[(face, face) for face in FACES])
    name = models.CharField(_("文件名"), max_length=120)
    # The prepared file in the store of files; what was uploaded is not kept.
    sha256 = models.CharField(max_length=64)
    size = models.PositiveIntegerField()
    characters = models.PositiveIntegerField(_("字数"))
    at = models.DateTimeField()
    by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+")
    # None while it is in use.
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey("accounts.User", models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        verbose_name = _("自备字体")
        verbose_name_plural = _("自备字体")
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["face"], condition=Q(ended_at__isnull=True), name="one_font_in_use_for_a_face"
            ),
        ]

    def __str__(self):
        return f"{self.face} {self.name}"
