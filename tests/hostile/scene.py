"""A draft whose applicant is signed in, in an installation of its own: `python -m tests.hostile.scene` prints where and who."""

import json
import sys
from datetime import UTC, datetime

START = datetime(2017, 3, 7, 1, tzinfo=UTC)


def main():
    import django

    django.setup()
    from django.conf import settings
    from django.middleware.csrf import _get_new_csrf_string
    from django.test import Client
    from django.urls import reverse
    from django.utils import timezone

    from accounts.models import ClockShift
    from config.drills.filling import migrated
    from pilots.models import Upload
    from tests.world import build_world

    migrated()
    walk, application = build_world(START).application(to="draft")
    seconds = int((walk.at - timezone.now()).total_seconds())
    ClockShift.objects.create(pk=1, seconds=seconds)
    browser = Client(headers={"host": "127.0.0.1"})
    browser.force_login(walk.leader_of(application), backend=settings.AUTHENTICATION_BACKENDS[0])
    said = {
        "path": reverse("application_edit", args=[application.uuid, "materials"]), "csrf": _get_new_csrf_string(),
        "session": browser.cookies[settings.SESSION_COOKIE_NAME].value, "uploads": Upload.objects.count(),
    }  # fmt: skip
    sys.stdout.write(json.dumps(said))


if __name__ == "__main__":
    main()
