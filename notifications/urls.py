"""Addresses of telling: inbox, deadlines, calendar, queue."""

from django.urls import path

from notifications.views import calendar, deadline, feeds, inbox, ledger, queue, telling, years

urlpatterns = [
    path("inbox/", inbox.inbox, name="inbox"),
    path("inbox/read/", inbox.read_all, name="inbox_read"),
    path("inbox/<uuid:uuid>/", inbox.open_message, name="message"),
    path("calendar/", calendar.calendar, name="calendar"),
    path("calendar/mine.ics", calendar.ics, name="calendar_ics"),
    path("calendar/feed/<slug:key>.ics", telling.feed, name="calendar_feed"),
    path("calendar/years/", years.years, name="years"),
    path("calendar/years/load/", years.load, name="year_load"),
    path("calendar/years/<int:number>/", years.year, name="year"),
    path("calendar/years/<uuid:uuid>/", years.loaded, name="year_loaded"),
    path("calendar/years/<uuid:uuid>/progress/", years.loaded_progress, name="year_progress"),
    path("deadlines/", ledger.ledger, name="deadlines"),
    path("deadlines/feeds/", feeds.feeds, name="feeds"),
    path("deadlines/feeds/<slug:programme>/", feeds.feed_change, name="feed_change"),
    path("deadlines/feeds/<slug:key>.ics", feeds.programme_feed, name="programme_feed"),
    path("deadlines/<uuid:uuid>/", deadline.deadline, name="deadline"),
    path("me/telling/", telling.telling, name="telling"),
    path("me/feed/", telling.feed_address, name="feed_address"),
    path("ops/", queue.ops, name="ops"),
    path("ops/retry/<uuid:uuid>/", queue.retry, name="ops_retry"),
]
