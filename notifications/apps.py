from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class NotificationsConfig(AppConfig):
    name = "notifications"
    verbose_name = _("提醒与消息")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from notifications import recount  # noqa: F401, PLC0415 - registers a job handler; models are ready only now
