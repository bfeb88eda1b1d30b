"""What every endpoint is asked: its name, whose news, which kinds, which language; a channel's form adds its own."""

from django import forms
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from notifications.channels.base import Permanent, Temporary
from notifications.channels.guard import judge


class EndpointForm(forms.Form):
    """Base of the channels' forms. `config` are the names of the fields that are kept in `Endpoint.config`."""

    config: tuple[str, ...] = ()
    # Kept, and never shown again; an empty field keeps what is there.
    secrets: tuple[str, ...] = ()
    # False for a gateway to people: it has no kinds and no programme of its own.
    about_news = True

    name = forms.CharField(label=_("名称"), max_length=60, help_text=_("例如：规划司工作群。"))
    programme = forms.ChoiceField(label=_("哪个项目的消息"), required=False)
    kinds = forms.MultipleChoiceField(label=_("哪些消息"), widget=forms.CheckboxSelectMultiple)
    language = forms.ChoiceField(label=_("语言"), choices=[("zh-hans", "简体中文"), ("en", "English")])

    def __init__(self, *args, programmes=(), kinds=(), endpoint=None, **kwargs):
        self.endpoint = endpoint
        if endpoint is not None:
            open_ = {name: value for name, value in endpoint.config.items() if name not in self.secrets}
            kwargs.setdefault("initial", open_ | {"name": endpoint.name, "programme": endpoint.programme,
                                                  "kinds": endpoint.kinds, "language": endpoint.language})  # fmt: skip
        else:
            kwargs.setdefault("initial", {"kinds": [code for code, _label in kinds], "language": "zh-hans"})
        super().__init__(*args, **kwargs)
        self.fields["programme"].choices = [("", _t("全部项目")), *programmes]
        self.fields["kinds"].choices = list(kinds)
        if not self.about_news:
            for name in ("programme", "kinds", "language"):
                del self.fields[name]
        for name in self.secrets:
            field = self.fields[name]
            field.widget = forms.PasswordInput(render_value=False, attrs={"autocomplete": "off"})
            kept = endpoint.config.get(name, "") if endpoint is not None else ""
            if kept:
                field.required = False
                field.help_text = _t("已保存（末四位 %(tail)s）；留空不改。") % {"tail": kept[-4:]}
        self.order_fields(["name", *self.config, "programme", "kinds", "language"])

    def stored(self) -> dict:
        """What is kept in `Endpoint.config`."""
        before = self.endpoint.config if self.endpoint is not None else {}
        found = {name: self.cleaned_data[name] for name in self.config}
        return {name: found[name] or before.get(name, "") if name in self.secrets else found[name] for name in found}


def clean_address(value: str) -> str:
    """An address that requests may go to, as typed. Raises ValidationError with the reason and who can change it."""
    value = value.strip()
    if not value:
        return value
    try:
        judge(value)
    except (Permanent, Temporary) as fault:
        raise forms.ValidationError(fault.words()) from None
    return value
