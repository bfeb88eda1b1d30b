from django.apps import AppConfig
from django.contrib.staticfiles.apps import StaticFilesConfig


class ConfigConfig(AppConfig):
    name = "config"
    verbose_name = "Pilotage"

    def ready(self):
        from config import deploying, signs  # noqa: F401, PLC0415 - registers checks and receivers


class OwnStaticFiles(StaticFilesConfig):
    """viewflow ships 20 MB of front end that our own pages do not use."""

    ignore_patterns = [*StaticFilesConfig.ignore_patterns, "viewflow", "*.map"]
