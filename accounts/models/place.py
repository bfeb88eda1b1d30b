"""The tree of places. Parents, not code prefixes: plan-listed cities, province-run counties,
XPCC and development zones break prefixes (design/architecture.md, "Who may see and do")."""

from django.db import models
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _


class PlaceQuerySet(models.QuerySet):
    def within(self, place):
        """Places in the subtree of `place`, itself included."""
        return self.filter(path__startswith=place.path)

    def provinces(self):
        """The units that recommend: provinces, municipalities, regions, XPCC and plan-listed cities."""
        return self.filter(kind__in=Place.RECOMMENDING_KINDS)


class Place(models.Model):
    class Kind(models.TextChoices):
        NATION = "nation", _("国家")
        PROVINCE = "province", _("省")
        AUTONOMOUS_REGION = "autonomous_region", _("自治区")
        MUNICIPALITY = "municipality", _("直辖市")
        SAR = "sar", _("特别行政区")
        XPCC = "xpcc", _("新疆生产建设兵团")
        PLAN_LISTED_CITY = "plan_listed_city", _("计划单列市")
        SUB_PROVINCIAL_CITY = "sub_provincial_city", _("副省级城市")
        PREFECTURE_CITY = "prefecture_city", _("地级市")
        COUNTY_CITY = "county_city", _("县级市")
        DISTRICT = "district", _("市辖区")
        COUNTY = "county", _("县")
        DEVELOPMENT_ZONE = "development_zone", _("开发区")

    RECOMMENDING_KINDS = (
        Kind.PROVINCE,
        Kind.AUTONOMOUS_REGION,
        Kind.MUNICIPALITY,
        Kind.XPCC,
        Kind.PLAN_LISTED_CITY,
    )

    name = models.CharField(_("名称"), max_length=60)
    short_name = models.CharField(_("简称"), max_length=20)
    name_en = models.CharField(_("英文名"), max_length=80, blank=True)
    kind = models.CharField(_("类别"), max_length=24, choices=Kind.choices)
    code = models.CharField(
        _("区划代码"), max_length=6, null=True, blank=True, help_text=_("GB/T 2260 六位代码；开发区没有代码")
    )
    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="children", verbose_name=_("上级")
    )
    path = models.CharField(max_length=120, db_index=True, editable=False)
    initials = models.CharField(max_length=40, blank=True, editable=False)
    valid_from = models.DateField(_("启用日期"), null=True, blank=True)
    valid_to = models.DateField(_("停用日期"), null=True, blank=True)
    successor = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="predecessors", verbose_name=_("更名或并入")
    )

    objects = PlaceQuerySet.as_manager()

    class Meta:
        verbose_name = _("地区")
        verbose_name_plural = _("地区")
        ordering = ["path"]
        constraints = [
            # A code is reused after a renaming, so it is unique only among units in force.
            models.UniqueConstraint(
                fields=["code"],
                condition=models.Q(code__isnull=False, valid_to__isnull=True),
                name="place_code_in_force",
            ),
            models.UniqueConstraint(fields=["path"], name="place_path_once"),
        ]

    def __str__(self):
        return self.display_name

    @property
    def display_name(self):
        """The name in the language of the page."""
        return self.name_en if self.name_en and get_language() == "en" else self.name

    def save(self, *args, **kwargs):
        from accounts.pinyin import initials  # noqa: PLC0415 - the dictionary is 2 MB and only writers need it

        self.initials = initials(self.name)
        super().save(*args, **kwargs)
        path = f"{self.parent.path if self.parent else ''}{self.pk}."
        if path != self.path:
            self._move_to(path)

    def _move_to(self, path):
        """Re-roots the subtree; a county that changes its city takes its zones along."""
        old = self.path
        self.path = path
        type(self).objects.filter(pk=self.pk).update(path=path)
        if old:
            for child in type(self).objects.filter(path__startswith=old).exclude(pk=self.pk):
                type(self).objects.filter(pk=child.pk).update(path=path + child.path[len(old) :])

    def is_in_force(self, day):
        """True when the unit exists on `day` (both ends inclusive)."""
        return (self.valid_from is None or self.valid_from <= day) and (self.valid_to is None or day <= self.valid_to)

    def current(self):
        """The unit that stands for this one now: itself, or the end of its chain of successors."""
        place = self
        while place.successor is not None:
            place = place.successor
        return place

    def recommending_unit(self):
        """The unit that recommends this place: the nearest plan-listed city or province-level unit above it, or itself."""
        node = self
        while node is not None and node.kind not in self.RECOMMENDING_KINDS:
            node = node.parent
        return node or self

    @property
    def ancestor_ids(self):
        """Primary keys from the nation down to this place."""
        return [int(part) for part in self.path.split(".") if part]
