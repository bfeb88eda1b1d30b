"""The fields of expertise an expert may be listed under, and a programme's rules may ask for.

A fixed list, so that a pool can be searched and a draw be repeated; the backgrounds of the acceptance panels that
are on record come first (agency, law, consulting, operation; programmes.md §2, card 1).
"""

from typing import Literal, get_args

FieldOfExpertise = Literal[
    "agency", "law", "consulting", "operation", "information", "finance", "management", "policy", "industry",
    "talent", "international",
]  # fmt: skip

EXPERTISE: dict[str, tuple[str, str]] = {
    "agency": ("专利商标代理", "Patent and trade mark agency"),
    "law": ("法律与维权", "Law and enforcement"),
    "consulting": ("咨询评议", "Consulting and analysis"),
    "operation": ("知识产权运营", "Operation of IP"),
    "information": ("专利信息与导航", "Patent information and navigation"),
    "finance": ("质押融资与保险", "Pledge finance and insurance"),
    "management": ("管理与标准化", "Management and standards"),
    "policy": ("公共政策与规划", "Public policy and planning"),
    "industry": ("产业与园区", "Industry and parks"),
    "talent": ("人才与教育", "People and education"),
    "international": ("国际事务", "International affairs"),
}

FIELDS: tuple[str, ...] = get_args(FieldOfExpertise)
