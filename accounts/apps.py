from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AccountsConfig(AppConfig):
    name = "accounts"
    verbose_name = _("人员与单位")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self):
        from accounts import receivers, wall  # noqa: PLC0415 - needs the app registry

        receivers.connect()
        wall.connect()
