"""The library pages load: ``{% load ui %}`` brings every tag of the kit.

The tags live in sibling modules by theme; this module only joins their registers, so that a page
never has to know which file a component is written in.
"""

from django import template

from templates.templatetags import ui_forms, ui_marks, ui_pages, ui_pictures, ui_tables

register = template.Library()
for part in (ui_marks, ui_pages, ui_forms, ui_tables, ui_pictures):
    register.tags.update(part.register.tags)
    register.filters.update(part.register.filters)
