from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PilotsConfig(AppConfig):
    name = "pilots"
    verbose_name = _("试点项目")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self):
        from pilots import acts  # noqa: F401, PLC0415 - registers the acts
