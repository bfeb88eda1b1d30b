"""What people write in a year's table: data in Chinese, read in every language of the pages."""

HEADINGS = ["日期", "类别", "名称"]
# Each kind as people write it, and as it is stored.
KINDS = {"放假": "holiday", "休": "holiday", "调休上班": "workday", "上班": "workday", "班": "workday"}
# Festivals whose dates the moon and the sun decide.
MOVABLE = frozenset({"春节", "清明节", "端午节", "中秋节"})
