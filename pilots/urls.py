"""Addresses around applications: public pages, the desk, lists, forms, cases, acts."""

from django.urls import path

from pilots.views import (
    act,
    application,
    applications,
    begin,
    changes,
    designation,
    desk,
    edit,
    files,
    mending,
    public,
    search,
    sheet,
    sites,
    successor,
    todo,
)

urlpatterns = [
    path("", public.home, name="home"),
    path("calls/", public.calls, name="calls"),
    path("calls/<uuid:uuid>/", public.call, name="call"),
    path("desk/", desk.desk, name="desk"),
    path("tasks/", todo.tasks, name="tasks"),
    path("search/", search.search, name="search"),
    path("applications/", applications.applications, name="applications"),
    path("applications/new/<uuid:uuid>/", begin.application_new, name="application_new"),
    path("applications/<uuid:uuid>/", application.application, name="application"),
    path("applications/<uuid:uuid>/edit/<slug:section>/", edit.edit, name="application_edit"),
    path("applications/<uuid:uuid>/save/<slug:section>/", edit.save, name="application_save"),
    path("applications/<uuid:uuid>/sheet/", sheet.sheet, name="application_sheet"),
    path("applications/<uuid:uuid>/sheet/template/", sheet.sheet_template, name="sheet_template"),
    path("applications/<uuid:uuid>/presence/<slug:section>/", edit.presence, name="application_presence"),
    path("files/<uuid:uuid>/", files.upload, name="upload"),
    path("do/<slug:model>/<uuid:uuid>/<slug:code>/", act.act, name="act"),
    path("pilots/", sites.sites, name="sites"),
    path("pilots/<uuid:uuid>/", designation.designation, name="designation"),
    path("pilots/<uuid:uuid>/changes/new/", changes.change_new, name="change_new"),
    path("pilots/<uuid:uuid>/rectification/", mending.rectification, name="rectification"),
    path("changes/<uuid:uuid>/", changes.change, name="change"),
    path("places/<int:pk>/successor/", successor.place_successor, name="place_successor"),
    path("places/<int:pk>/", sites.place, name="place"),
]
