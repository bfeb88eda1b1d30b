"""The roles of programmes.md §4 and how far each one reaches."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Role(models.TextChoices):
    """A seat somebody holds. What a seat may do is said by the acts (`accounts.acts`)."""

    APPLICANT_CONTACT = "applicant_contact", _("申报单位经办人")
    APPLICANT_LEADER = "applicant_leader", _("申报单位负责人")
    PREFECTURE_OFFICER = "prefecture_officer", _("市级审核员")
    PROVINCE_OFFICER = "province_officer", _("省局推荐员")
    PROVINCE_LEADER = "province_leader", _("省局负责人")
    FORMALITY_CHECKER = "formality_checker", _("形式审查员")
    PROGRAMME_OFFICER = "programme_officer", _("项目主管")
    EXPERT_SECRETARY = "expert_secretary", _("评审秘书")
    EXPERT = "expert", _("评审专家")
    DIVISION_HEAD = "division_head", _("司局负责人")
    COUNTERSIGNER = "countersigner", _("会签人")
    LEADER = "leader", _("局领导")
    PUBLICITY_OFFICER = "publicity_officer", _("公示专员")
    OBJECTION_HANDLER = "objection_handler", _("异议核查员")
    DOCUMENT_CLERK = "document_clerk", _("文印专员")
    ACCEPTANCE_LEAD = "acceptance_group_lead", _("验收组长")
    SURVEY_CONTRACTOR = "survey_contractor", _("调查机构")
    AUDITOR = "auditor", _("审计员")
    SYSTEM_ADMIN = "system_admin", _("系统管理员")
    SECURITY_ADMIN = "security_admin", _("安全管理员")
    SYSTEM = "system", _("系统")
    PUBLIC = "public", _("社会公众")


class Reach(models.TextChoices):
    """What a grant of a role must name."""

    ORGANISATION = "organisation", _("本单位")
    PLACE = "place", _("本辖区")
    PROGRAMME = "programme", _("指定项目或全部项目")
    PERSONAL = "personal", _("指派给本人的事项")
    HOUSE = "house", _("本系统的账号与授权")


_BY_REACH = {
    Reach.ORGANISATION: {Role.APPLICANT_CONTACT, Role.APPLICANT_LEADER},
    Reach.PLACE: {Role.PREFECTURE_OFFICER, Role.PROVINCE_OFFICER, Role.PROVINCE_LEADER},
    Reach.PERSONAL: {Role.EXPERT},
    Reach.HOUSE: {Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN},
}
REACH: dict[str, Reach] = dict.fromkeys(Role, Reach.PROGRAMME) | {
    role: reach for reach, roles in _BY_REACH.items() for role in roles
}

# The three separated administrators (三员分立, GB/T 22239 level 3): nobody holds two of these, and nobody who holds one
# has a part in business (`accounts.granting`).
ADMINISTRATORS = frozenset({Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN, Role.AUDITOR})
# Those among them who look after accounts and rights, and see nothing of business.
HOUSE = frozenset(role for role, reach in REACH.items() if reach is Reach.HOUSE)

# Who organises reviews: draws and replaces experts, keeps the pool, convenes discussions (programmes.md §4).
ORGANISERS = (Role.EXPERT_SECRETARY, Role.PROGRAMME_OFFICER)

# Contractors: their grant opens nothing by itself. What they see is said case by case (`Application.reach`).
NARROW = frozenset({Role.SURVEY_CONTRACTOR})

# Nobody holds these by grant: the scheduler and the passer-by have no account.
UNGRANTABLE = frozenset({Role.SYSTEM, Role.PUBLIC})
