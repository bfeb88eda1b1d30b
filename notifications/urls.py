"""Addresses of telling: inbox, deadlines, queue."""

from django.urls import path

from notifications.views import calendar, inbox, queue, telling, week, words, works

urlpatterns = [
    path("inbox/", inbox.inbox, name="inbox"),
    path("inbox/read/", inbox.read_all, name="inbox_read"),
    path("inbox/<uuid:uuid>/", inbox.open_message, name="message"),
    path("calendar/", calendar.calendar, name="calendar"),
    path("calendar/mine.ics", calendar.ics, name="calendar_ics"),
    path("calendar/feed/<str:key>.ics", telling.feed, name="calendar_feed"),
    path("me/telling/", telling.telling, name="telling"),
    path("me/feed/", telling.feed_address, name="feed_address"),
    path("words/", words.words, name="words"),
    path("words/<slug:code>/", words.words_of, name="words_of"),
    path("week/", week.week, name="week"),
    path("ops/works/", works.works, name="works"),
    path("ops/works/stop/", works.work_stop, name="work_stop"),
    path("ops/works/resume/", works.work_resume, name="work_resume"),
    path("ops/", queue.ops, name="ops"),
    path("ops/retry/<uuid:uuid>/", queue.retry, name="ops_retry"),
]
