"""Registers the templates package as a Django app, so its tags and static files are found."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class TemplatesConfig(AppConfig):
    """The UI kit: shells, components, style sheet and script."""

    name = "templates"
    label = "templates"
    verbose_name = _("界面")
