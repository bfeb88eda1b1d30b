"""The page a new account begins with: a password of one's own, by a link that ends and works once."""

from django import forms
from django.contrib import messages
from django.contrib.auth.forms import SetPasswordForm
from django.contrib.auth.views import PasswordResetConfirmView
from django.urls import reverse_lazy
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from accounts import events
from accounts.access import PUBLIC
from accounts.activation import tokens
from accounts.models import AccountEvent


class FirstPasswordForm(SetPasswordForm):
    """Twice the same password, checked like any other."""

    new_password1 = forms.CharField(
        label=_("密码"), strip=False, widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=_("至少 12 个字符；一句好记的话比一个难记的词好。"),
    )  # fmt: skip
    new_password2 = forms.CharField(
        label=_("再输入一次"), strip=False, widget=forms.PasswordInput(attrs={"autocomplete": "new-password"})
    )
    use_required_attribute = False


class Activate(PasswordResetConfirmView):
    """Django's page moves the token into the session at once, so that no address with a secret is left in the history."""

    access = PUBLIC
    token_generator = tokens
    form_class = FirstPasswordForm
    template_name = "accounts/activate.html"
    success_url = reverse_lazy("account_login")
    reset_url_token = "new"  # noqa: S105 - the word that stands in the address instead

    def form_valid(self, form):
        answer = super().form_valid(form)
        events.record(self.user, AccountEvent.Kind.ACTIVATED, self.request)
        messages.success(self.request, _t("密码已设置，请登录。"))
        return answer


activate = Activate.as_view()
