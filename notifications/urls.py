"""Addresses of telling: inbox, deadlines, queue."""

from django.urls import path

from notifications.views import (
    calendar,
    channels,
    dead,
    inbox,
    outgoing,
    queue,
    telling,
    week,
    words,
    works,
)  # fmt: skip

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
    path("ops/channels/", channels.channels, name="channels"),
    path("ops/channels/new/<slug:code>/", channels.channel_new, name="channel_new"),
    path("ops/channels/<uuid:uuid>/", channels.channel, name="channel"),
    path("ops/channels/<uuid:uuid>/test/", channels.channel_test, name="channel_test"),
    path("ops/channels/<uuid:uuid>/switch/", channels.channel_switch, name="channel_switch"),
    path("ops/outgoing/", outgoing.outgoing, name="outgoing"),
    path("ops/dead/", dead.dead, name="dead"),
    path("ops/dead/retry/", dead.dead_retry, name="dead_retry"),
]
