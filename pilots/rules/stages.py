"""The stages of programmes.md §3 that a programme may use, each with its owner and its time."""

from typing import Annotated, Literal, Self

from pydantic import Field, field_validator, model_validator

from accounts.roles import HOUSE, Role

from .parts import Period, Rule, Text, refuse

StageCode = Literal[
    "CALL", "DRAFT", "PREF", "PROV", "FORM", "SUPP", "EXP", "SITE", "SURV", "CUT", "SIGN", "NOTC", "DOC",
    "AGR", "PLAQ", "PLAN", "ANN", "MID", "CHG", "SELF", "PACC", "ACC", "RECT", "REX", "UPG", "REV",
]  # fmt: skip

STAGE_ORDER: tuple[StageCode, ...] = (
    "CALL", "DRAFT", "PREF", "PROV", "FORM", "SUPP", "EXP", "SITE", "SURV", "CUT", "SIGN", "NOTC", "DOC",
    "AGR", "PLAQ", "PLAN", "ANN", "MID", "CHG", "SELF", "PACC", "ACC", "RECT", "REX", "UPG", "REV",
)  # fmt: skip

# Reminded before, on and after the day, unless the stage says otherwise (programmes.md §3 REM; X).
DEFAULT_LADDER: tuple[int, ...] = (-7, -3, -1, 0, 1, 5)

# What may happen by itself, and the one stage it belongs to (programmes.md §5; deemed acceptance:
# Administrative Licensing Law art. 32, an office that does not ask in time has taken the case).
THEN_OF: dict[str, tuple[StageCode, ...]] = {
    "deemed_accepted": ("FORM",),
    "deemed_withdrawn": ("SUPP",),
    "deemed_waived": ("PLAN", "AGR"),
    "deemed_exit": ("SELF",),
}


class Stage(Rule):
    """One step: who owns it, how long it may take, what the system does when the time is over."""

    code: StageCode
    owner: Role
    due: Period
    ladder: list[Annotated[int, Field(ge=-400, le=400)]] = list(DEFAULT_LADDER)
    # What happens by itself when nobody acted; empty: reminders and escalation only.
    then: Literal["", "deemed_accepted", "deemed_withdrawn", "deemed_waived", "deemed_exit"] = ""
    optional: bool = False
    # Why this stage is used where practice knows it as optional or not at all; printed on the programme's page.
    note: Text | None = None

    @field_validator("owner")
    @classmethod
    def _owner_is_of_business(cls, owner: Role) -> Role:
        if owner in HOUSE:
            raise ValueError("系统管理员和安全管理员不办理业务，不能承办环节")
        return owner

    @model_validator(mode="after")
    def _then_is_its_own(self) -> Self:
        if self.then and self.code not in THEN_OF[self.then]:
            refuse([(("then",), f"{self.then} 只用于环节 {'、'.join(THEN_OF[self.then])}，不用于 {self.code}")])
        return self


STAGE_LABELS: dict[str, tuple[str, str]] = {
    "CALL": ("发布通知", "Call for applications"),
    "DRAFT": ("填报", "Drafting"),
    "PREF": ("市级审核", "Prefecture check"),
    "PROV": ("省级推荐", "Provincial recommendation"),
    "FORM": ("形式审查", "Formality check"),
    "SUPP": ("补正", "Supplement"),
    "EXP": ("专家评审", "Expert review"),
    "SITE": ("实地考察", "Site inspection"),
    "SURV": ("第三方调查", "Third-party survey"),
    "CUT": ("拟定名单", "Ranked list"),
    "SIGN": ("审签", "Sign-off"),
    "NOTC": ("公示", "Public notice"),
    "DOC": ("批复发文", "Approval document"),
    "AGR": ("签订协议", "Agreement"),
    "PLAQ": ("颁发证书", "Certificate"),
    "PLAN": ("报送建设方案", "Work plan"),
    "ANN": ("年度报告", "Periodic report"),
    "MID": ("中期评估", "Mid-term evaluation"),
    "CHG": ("变更备案", "Change filing"),
    "SELF": ("自评总结", "Self-evaluation"),
    "PACC": ("省级初验", "Provincial pre-acceptance"),
    "ACC": ("验收", "Acceptance"),
    "RECT": ("限期整改", "Rectification"),
    "REX": ("复核", "Re-examination"),
    "UPG": ("升级", "Upgrade"),
    "REV": ("撤销", "Revocation"),
}
