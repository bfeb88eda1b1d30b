from django.db import models
from django.utils.translation import gettext_lazy as _


class Organisation(models.Model):
    """A body that acts: a government, an office, a committee, an institution, an enterprise."""

    class Kind(models.TextChoices):
        NATIONAL_OFFICE = "national_office", _("国家局")
        DIVISION = "division", _("国家局司室")
        MINISTRY = "ministry", _("部委")
        PROVINCE_GOV = "province_gov", _("省级人民政府")
        PROVINCE_OFFICE = "province_office", _("省级知识产权局")
        CITY_GOV = "city_gov", _("市级人民政府")
        CITY_OFFICE = "city_office", _("市级知识产权局")
        DISTRICT_GOV = "district_gov", _("区县人民政府")
        DISTRICT_OFFICE = "district_office", _("区县知识产权局")
        ZONE_COMMITTEE = "zone_committee", _("开发区管理委员会")
        INSTITUTION = "institution", _("事业单位或机构")
        ENTERPRISE = "enterprise", _("企业")
        ASSOCIATION = "association", _("社会组织")

    name = models.CharField(_("名称"), max_length=80, unique=True)
    name_en = models.CharField(_("英文名"), max_length=120, blank=True)
    kind = models.CharField(_("类别"), max_length=24, choices=Kind.choices)
    place = models.ForeignKey(
        "accounts.Place", models.PROTECT, related_name="organisations", verbose_name=_("所在地区")
    )
    credit_code = models.CharField(_("统一社会信用代码"), max_length=18, blank=True)
    successor = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="predecessors", verbose_name=_("承接单位")
    )

    class Meta:
        verbose_name = _("单位")
        verbose_name_plural = _("单位")
        ordering = ["name"]

    def __str__(self):
        return self.name
