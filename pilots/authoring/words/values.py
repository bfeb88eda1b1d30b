"""Words of the values of fixed lists. Stages, seats and fields of expertise have theirs already."""

_AUTHORITY = {
    "national_panel": ("国家验收组", "National panel"), "province": ("省局", "Province"),
    "province_then_national": ("先省级初验，再国家验收", "The province first, then the national panel"),
}  # fmt: skip
_ANSWER = {
    "text": ("一行文字", "Line of text"), "paragraph": ("段落", "Paragraph"), "integer": ("整数", "Whole number"),
    "decimal": ("小数", "Decimal number"), "money": ("金额（万元）", "Money (10,000 yuan)"), "percent": ("百分比", "Percent"),
    "date": ("日期", "Date"), "choice": ("单选", "One of several"), "choices": ("多选", "Several of them"),
    "phone": ("电话", "Telephone"), "email": ("电子邮箱", "E-mail"), "yes_no": ("是或否", "Yes or no"),
    "table": ("表格", "Table"), "indicators": ("指标表", "Table of indicators"),
}  # fmt: skip

VALUES = {
    "Rules.shape": {
        "I": ("I 先批复、建设、后验收", "I designation, building, acceptance"),
        "II": ("II 先建设、后验收、再运行", "II building, acceptance, operation"),
        "III": ("III 先培育、后认定、再续展", "III cultivated, recognised, renewed"),
        "IV": ("IV 认定后定期复核", "IV recognised, then re-examined"),
        "V": ("V 竞争遴选，财政支持", "V competitive, funded"),
        "VI": ("VI 委托承担", "VI commissioned"),
        "VII": ("VII 奖项", "VII prize"),
        "VIII": ("VIII 备案或设立后考核", "VIII filing"),
    },
    "Applicants.per": {"place": ("地区", "Place"), "organisation": ("单位", "Body"), "project": ("项目", "Project")},
    "Window.kind": {
        "batch": ("发通知，分批受理", "In batches, after a call"), "standing": ("每年固定日期截止", "Until the same day every year"),
        "rolling": ("常年受理", "At any time"), "commissioned": ("委托承担，不公开受理", "By invitation"),
    },
    "Quota.kind": {
        "absolute": ("按数量", "A number"), "share": ("按比例", "A share"), "rank_only": ("不限数量，须排序", "No limit, ranked"),
        "none": ("不限", "No limit"),
    },
    "FieldSpec.type": _ANSWER,
    "Column.type": _ANSWER,
    "Material.formats": {name: (name.upper(), name.upper()) for name in ("pdf", "doc", "docx", "xls", "xlsx", "jpg", "png", "zip")},
    "Period.unit": {
        "working": ("个工作日", "working days"), "calendar": ("个自然日", "calendar days"), "month": ("个月", "months"),
        "year": ("年", "years"),
    },
    "Stage.then": {
        "": ("只提醒和督办", "Reminders and escalation only"), "deemed_accepted": ("视为受理", "Deemed accepted"),
        "deemed_withdrawn": ("视为撤回", "Deemed withdrawn"), "deemed_waived": ("视为放弃", "Deemed waived"),
        "deemed_exit": ("视为退出", "Deemed exit"),
    },
    "Scoring.aggregation": {"mean": ("平均分", "Mean"), "trimmed_mean": ("去掉最高分和最低分后平均", "Trimmed mean")},
    "Scoring.draw": {"balanced": ("全批均衡抽取", "Drawn over the whole batch"), "by_hand": ("逐件指定", "Put together by hand")},
    "Criterion.scale": {"5": ("五分制", "1 to 5"), "10": ("十分制", "1 to 10"), "100": ("百分制", "0 to 100")},
    "Cutoff.tie": {
        "head_decides": ("由司局负责人裁定", "The head decides"), "all_in": ("全部入选", "All get in"),
        "higher_criterion": ("比较某一评分项", "By one criterion"),
    },
    "Document.kind": {
        "通知": ("通知", "Notice"), "批复": ("批复", "Reply"), "函": ("函", "Letter"), "决定": ("决定", "Decision"),
        "名单通知": ("名单通知", "Notice of the list"), "委托函": ("委托函", "Letter of commission"),
    },
    "Document.per": {"batch": ("一批一件", "The batch"), "place": ("一地一件", "Each place")},
    "Term.style": {
        "anniversary": ("满若干月之日止", "To the anniversary"), "end_month_inclusive": ("止于末月（含）", "To the end of the last month"),
        "stated": ("公文写明起止日", "Days printed in the document"),
    },
    "Term.anchor": {
        "document_date": ("成文日期", "Date of the document"), "stated_month": ("公文写明的月份", "The month it states"),
        "plan_date": ("方案印发日", "Day of the plan"), "agreement_date": ("协议签订日", "Day of the agreement"),
        "operation_start": ("投入运行日", "Start of operation"), "filing_date": ("备案日", "Day of filing"),
    },
    "Report.rhythm": {"yearly": ("每年", "Yearly"), "half_yearly": ("每半年", "Half-yearly"), "quarterly": ("每季", "Quarterly")},
    "Grade.effect": {
        "none": ("没有后果", "Nothing"), "excellent": ("优秀，可提前升级", "Excellent: opens an early upgrade"),
        "restrict": ("限制运行", "Restricted operation"), "propose_revocation": ("提请撤销", "Revocation is proposed"),
    },
    "Indicator.kind": {"stock": ("存量", "Stock"), "flow": ("增量", "Flow")},
    "Indicator.measure": {"cumulative": ("累计数", "Cumulative"), "in_period": ("当期数", "In the period")},
    "MidTerm.authority": _AUTHORITY,
    "Acceptance.authority": _AUTHORITY,
    "MidBand.consequence": {
        "pass": ("继续建设", "Go on"), "improve": ("限期改进", "Improve by a day"), "propose_revocation": ("提请撤销", "Revocation is proposed"),
    },
    "Acceptance.methods": {
        "report_heard": ("听取汇报", "Report heard"), "site_seen": ("查看现场", "Site seen"), "file_checked": ("审阅材料", "Papers read"),
    },
    "Band.consequence": {
        "accept": ("验收合格", "Accepted"), "operate": ("投入运行", "Goes into operation"), "rectify": ("限期整改", "Rectification"),
        "revoke": ("撤销", "Revoked"), "new_round": ("转入新一轮", "New round"), "lapse": ("期满失效", "Lapses"),
    },
    "RenewalBand.consequence": {"renew": ("复核通过", "Renewed"), "lapse": ("复核不通过", "Lapses")},
    "Changes.kinds": {
        "name": ("单位更名", "Name"), "operator": ("变更承担单位", "Operator"), "scope": ("调整范围", "Scope"),
        "contact": ("更换经办人", "Contact"), "extension": ("延长期限", "Extension"), "early_acceptance": ("提前验收", "Early acceptance"),
    },
    "Upgrade.precondition": {
        "accepted": ("验收合格", "Accepted"), "term_over": ("期满", "The term is over"),
        "last_assessment_excellent": ("最近一次考核优秀", "Last assessment excellent"), "one_year": ("满一年", "After one year"),
    },
    "Tranche.condition": {
        "approved": ("批复后", "On approval"), "plan_filed": ("方案报送后", "When the plan is filed"),
        "mid_term": ("中期评估后", "After the mid-term"), "accepted": ("验收合格后", "On acceptance"),
    },
}  # fmt: skip
