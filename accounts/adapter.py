"""What allauth asks us about accounts: who may come in, how often one may try, where mails go."""

import logging
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from urllib.parse import quote

from allauth.account.adapter import DefaultAccountAdapter
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import close_old_connections, connection
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from accounts import events, sso, throttle
from accounts.clock import SHANGHAI
from accounts.models import AccountEvent

log = logging.getLogger(__name__)

# Mails about forgotten passwords leave beside the request: a mail server that takes its time would tell by it which
# addresses are known.
sending = ThreadPoolExecutor(max_workers=2, thread_name_prefix="account-mail")


class ClosedDoorAdapter(DefaultAccountAdapter):
    """Accounts are made by administrators; nobody signs up by themselves."""

    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "username_password_mismatch": _("用户名或密码不正确。"),
        "incorrect_password": _("密码不正确。"),
        "incorrect_code": _("验证码不正确。"),
        "enter_current_password": _("当前密码不正确。"),
        "account_inactive": _("此账号已停用。"),
        "invalid_password_reset": _("重设链接无效或已用过。"),
        "too_many_login_attempts": _("输错次数过多，请半小时后再试。"),
    }

    def is_open_for_signup(self, request):
        return False

    # --- tries
    def pre_authenticate(self, request, **credentials):
        try:
            self._login_failed_rl_usage = throttle.take(request, credentials.get("username", ""))
        except throttle.TooMany as refused:
            if refused.first and refused.user is not None:
                events.record(refused.user, AccountEvent.Kind.LOCKED, request)
            raise ValidationError(_wait_words(refused.seconds), code="too_many_login_attempts") from None

    def get_login_stages(self):
        ours = {"allauth.mfa.stages.AuthenticateStage": "accounts.stages.SecondFactorStage"}
        return [ours.get(stage, stage) for stage in super().get_login_stages()]

    def login(self, request, user):
        super().login(request, user)
        sso.mark(request)

    def post_login(self, request, user, **kwargs):
        response = super().post_login(request, user, **kwargs)
        throttle.remember(request, response, user)
        events.record(user, AccountEvent.Kind.SIGNED_IN, request)
        return response

    def add_message(self, request, level, message_template=None, *args, **kwargs):
        # "Signed in as …" says nothing that the corner of the page does not say.
        if message_template not in {"account/messages/logged_in.txt", "account/messages/logged_out.txt"}:
            super().add_message(request, level, message_template, *args, **kwargs)

    # --- the second factor, password first: it is the one everybody has
    def get_reauthentication_methods(self, user):
        words = {
            "reauthenticate": _t("使用密码"),
            "mfa_reauthenticate": _t("使用验证码或恢复码"),
            "mfa_reauthenticate:webauthn": _t("使用通行密钥"),
        }
        return [
            one | {"description": words.get(one["id"], one["description"])}
            for one in super().get_reauthentication_methods(user)
        ]

    # --- forgotten passwords
    def get_reset_password_from_key_url(self, key):
        """Never with a host the request named: whoever asks chooses it, and somebody else reads the mail."""
        path = reverse("account_reset_password_from_key", kwargs={"uidb36": "UID", "key": "KEY"})
        return settings.SITE_URL + path.replace("UID-KEY", quote(key))

    def send_password_reset_mail(self, user, email, context):
        """At most three an hour; who asks is not told whether one went. It goes to the address on file."""
        if not user.email or not throttle.take_reset(context["request"], user):
            return
        events.record(user, AccountEvent.Kind.RESET_ASKED, context["request"])
        mail = self.render_mail("account/email/password_reset_key", user.email, context)
        sending.submit(_send, mail)


def _send(mail):
    try:
        mail.send()
    except Exception:
        log.exception("a mail about a forgotten password could not be sent")
    finally:
        # The demonstration's mailbox is a table; a thread has a connection of its own.
        if not connection.in_atomic_block:
            close_old_connections()


def _wait_words(seconds):
    """When one may try again, in minutes and by the clock on the wall."""
    until = (timezone.now() + timedelta(seconds=seconds)).astimezone(SHANGHAI)
    return _t("输错次数过多。请在 %(minutes)s 分钟后（%(time)s 以后）再试；忘记密码可以重设。") % {
        "minutes": -(-seconds // 60),
        "time": until.strftime("%H:%M"),
    }
