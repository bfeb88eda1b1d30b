"""Sweeps through an outage of the mail server in played time: `python -m config.drills.mailing HOURS PORT` prints JSON."""

import json
import sys
from collections import Counter
from datetime import timedelta

STEP = timedelta(minutes=10)


class Sink:
    """Takes every letter and remembers its id and addressees."""

    def __init__(self):
        self.letters = []

    async def handle_DATA(self, _server, _session, envelope):  # noqa: N802 - aiosmtpd's name for it
        from email import message_from_bytes  # noqa: PLC0415

        self.letters.append((message_from_bytes(envelope.content)["Message-ID"], tuple(envelope.rcpt_tos)))
        return "250 taken"


def main(hours, port):
    import django  # noqa: PLC0415

    django.setup()
    from aiosmtpd.controller import Controller  # noqa: PLC0415 - a mail server of the tests

    from notifications import jobs, outbox  # noqa: PLC0415
    from notifications.models import Message  # noqa: PLC0415

    letters = Message.objects.filter(channel="email")
    while jobs.work(letters.order_by("-not_before").first().not_before):
        pass
    # Living up to here there was no server either: those tries do not count.
    letters.exclude(state=Message.State.DROPPED).update(
        state=Message.State.QUEUED, attempts=0, tried_from=None, bundle=None, error="", error_en=""
    )
    at = letters.order_by("-not_before").first().not_before
    # The outage begins when all of it is due, and ends within office hours: digests wait for those.
    back = _office_hour(at + timedelta(hours=hours))
    while at < back:
        outbox.send_due(at)
        at += STEP
    refused = sum(letters.values_list("attempts", flat=True))
    gone_early = letters.filter(state=Message.State.SENT).count()
    sink = Sink()
    server = Controller(sink, hostname="127.0.0.1", port=port)
    server.start()
    try:
        at, late = back, None
        while late is None and at <= back + timedelta(hours=12):
            outbox.send_due(at)
            if not letters.filter(
                state__in=[Message.State.QUEUED, Message.State.SENDING], not_before__lte=back
            ).exists():
                late = int((at - back).total_seconds() // 60)
            at += STEP
    finally:
        server.stop()
    faults = []
    if gone_early:
        faults.append(f"{gone_early} letters are marked as sent although nobody took them")
    lost = letters.exclude(state__in=[Message.State.SENT, Message.State.DROPPED, Message.State.QUEUED])
    if lost.exists():
        faults.append(f"lost: {lost.count()} given up, {lost.first().state}: {lost.first().error[:80]}")
    if double := [name for name, times in Counter(sink.letters).items() if times > 1]:
        faults.append(f"double: {len(double)} letters came more than once")
    addressees = set(letters.filter(state=Message.State.SENT).values_list("user__email", flat=True))
    if missing := addressees - {to for _name, tos in sink.letters for to in tos}:
        faults.append(f"lost: nothing came to {len(missing)} addressees")
    sys.stdout.write(json.dumps({
        "faults": faults, "refused": refused, "letters": len(sink.letters), "late": late,
        "waiting": letters.filter(state=Message.State.QUEUED).count(),
    }))  # fmt: skip


def _office_hour(moment):
    """Ten in the morning of the next working day from *moment* on."""
    from accounts import clock  # noqa: PLC0415
    from notifications import calendars, preferences  # noqa: PLC0415

    moment = moment.astimezone(clock.SHANGHAI).replace(hour=10, minute=0)
    while not preferences.office_hours(moment, calendars.current()):
        moment += timedelta(days=1)
    return moment


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
