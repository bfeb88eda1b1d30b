"""Sample forms of the component gallery: one field of every kind, and the filters of a list."""

import datetime

from django import forms


class SampleForm(forms.Form):
    """One field of every kind the kit can draw."""

    name = forms.CharField(label="项目名称", max_length=80)
    phone = forms.CharField(label="联系电话", required=False, help_text="仅用于审查人员联系，不公开。")
    agencies = forms.IntegerField(
        label="现有服务机构数", help_text="截至上月末在集聚区注册并实际经营的知识产权服务机构。"
    )
    money = forms.DecimalField(
        label="地方配套资金",
        min_value=100,
        decimal_places=2,
        help_text="三年建设期合计，精确到 0.01 万元。",
        error_messages={
            "min_value": "配套资金填写为 %(show_value)s 万元，低于本项目要求的 100 万元。请检查单位是否为“万元”。"
        },
    )
    kind = forms.ChoiceField(
        label="建设主体",
        widget=forms.RadioSelect,
        choices=[("gov", "区县人民政府"), ("zone", "开发区管委会"), ("park", "园区运营单位")],
    )
    province = forms.ChoiceField(label="所在省份", choices=[("51", "四川"), ("44", "广东"), ("32", "江苏")])
    start = forms.DateField(label="计划开工日期", required=False, widget=forms.DateInput)
    basis = forms.MultipleChoiceField(
        label="已有工作基础",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        choices=[("plan", "已出台专项规划"), ("fund", "已设立专项资金"), ("team", "已成立领导小组")],
    )
    plan = forms.FileField(label="实施方案", required=False, widget=forms.FileInput(attrs={"accept": ".pdf,.docx"}))
    summary = forms.CharField(
        label="建设方案摘要",
        required=False,
        max_length=800,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text="可直接从 Word 粘贴，格式会自动清理。",
    )
    promise = forms.BooleanField(label="所填内容真实，并已经本单位负责人审核")

    def __init__(self, *args, **kwargs):
        """Attach the kit's extras: units, second lines, file limit."""
        super().__init__(*args, **kwargs)
        self.fields["agencies"].unit = "家"
        self.fields["money"].unit = "万元"
        self.fields["plan"].max_bytes = 20 * 1024 * 1024
        self.fields["kind"].hints = {
            "gov": "市辖区、县、县级市",
            "zone": "国家级或省级开发区",
            "park": "须有政府授权文件",
        }


class SampleFilter(forms.Form):
    """Filters of a list page."""

    q = forms.CharField(
        label="关键词",
        required=False,
        widget=forms.TextInput(attrs={"placeholder": "编号、单位或项目名称", "type": "search"}),
    )
    programme = forms.ChoiceField(
        label="项目", required=False, choices=[("", "全部项目"), ("jjq", "集聚试验区"), ("sfq", "集聚示范区")]
    )
    stage = forms.ChoiceField(
        label="阶段",
        required=False,
        choices=[("", "全部阶段"), ("review", "专家评审"), ("check", "形式审查")],
    )


SUMMARY = (
    "以知识产权服务业集聚发展为主线，依托现有产业园区建设公共服务平台，三年内引进和培育专利代理、运营、咨询、"
    "质押评估等机构不少于60家；设立专项资金每年800万元，建立季度报告与年度评估机制。"
)
FORM_DATA = {
    "name": "成都高新区集聚试验区建设项目",
    "phone": "028-0000 1100",
    "agencies": 17,
    "money": "2381.00",
    "kind": "zone",
    "province": "51",
    "start": datetime.date(2027, 3, 1),
    "basis": ["plan", "team"],
    "summary": SUMMARY,
}
