"""How an installation without a beat looks: `python -m config.drills.silence begin|look|approve` prints one JSON object.

"begin" makes the last sweep eleven minutes old, "approve" does what a person does: approves the request of the drill.
"""

import json
import sys


def main(word):
    import django  # noqa: PLC0415

    django.setup()
    from datetime import timedelta  # noqa: PLC0415

    from django.conf import settings  # noqa: PLC0415
    from django.test import Client  # noqa: PLC0415
    from django.utils import timezone  # noqa: PLC0415

    from accounts.models import User  # noqa: PLC0415
    from approvals.models import SealUse  # noqa: PLC0415
    from notifications.models import Deadline, Heartbeat  # noqa: PLC0415
    from workflows import perform  # noqa: PLC0415

    now = timezone.now()
    if word == "begin":
        Heartbeat.objects.update_or_create(name="sweep", defaults={"at": now - timedelta(minutes=11)})
    if word == "approve":
        head = User.objects.filter(grants__role="division_head").first()
        perform(SealUse.objects.get(), "approve", by=head, at=now)
    browser = Client(headers={"host": "127.0.0.1"})
    health = browser.get("/healthz").status_code
    browser.force_login(
        User.objects.filter(grants__role="programme_officer").first(), backend=settings.AUTHENTICATION_BACKENDS[0]
    )
    page = browser.get("/desk/", follow=True).content.decode()
    late = Deadline.objects.acting(now).count()
    sys.stdout.write(json.dumps({"health": health, "late": late, "banner": "定时任务" in page}))


if __name__ == "__main__":
    main(sys.argv[1])
