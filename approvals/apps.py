from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ApprovalsConfig(AppConfig):
    name = "approvals"
    verbose_name = _("评审与批复")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self):
        from approvals import acts, templating  # noqa: F401, PLC0415 - acts register themselves
        from approvals.documents import wording  # noqa: F401, PLC0415 - registers the sentences of documents
        from approvals.papers import words  # noqa: F401, PLC0415 - registers the kinds of letters
        from pilots.rules import designs  # noqa: PLC0415

        designs.register(templating.exists, templating.codes)
