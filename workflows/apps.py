from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class WorkflowsConfig(AppConfig):
    name = "workflows"
    verbose_name = _("流程")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from pilots.catalogue import proving  # noqa: PLC0415 - models are ready only now
        from workflows import checks, handlers, outside  # noqa: F401, PLC0415 - registers checks, job handlers, words
        from workflows.proofs import prover  # noqa: PLC0415

        proving.register(prover.findings)
