"""The steps of the drill of a restore, each a process of its own: `python -m config.drills.restoring STEP`."""

import json
import re
import sys
from collections import Counter
from datetime import datetime, timedelta
from pathlib import Path

CERTIFICATES = 3
# What is written after the restore: it was never sent, and must be.
NEW = 20
PLAYED = timedelta(hours=48)


def begin(mails):
    """An office with a request that waits for its approval, and `mails` messages that wait to leave."""
    from config.drills.filling import fill, migrated  # noqa: PLC0415 - Django is set up by the caller
    from workflows.sweep import settle  # noqa: PLC0415

    migrated()
    walk, _request = fill(CERTIFICATES)
    settle(walk.at)
    _put("before", int(mails), walk.at)
    _note(walk.at)


def work():
    """What happens between the backup and the fire: the request is approved, everything leaves."""
    _live(_moment())


def wipe():
    """Takes every table of a PostgreSQL database away."""
    from django.db import connection  # noqa: PLC0415

    from config.backups import databases  # noqa: PLC0415

    databases.wipe(connection.get_connection_params())


def after(mails):
    """Life after the restore, and what it came to."""
    from accounts.models import User  # noqa: PLC0415
    from config.drills import postbox, verifying  # noqa: PLC0415
    from notifications import epoch, outbox  # noqa: PLC0415
    from notifications.models import Message  # noqa: PLC0415

    at, before = _moment(), len(postbox.letters())
    _put("after", NEW, at)
    held = not outbox.send_due(at) and epoch.held(at)
    faults = [] if held else ["nothing was held after the restore"]
    if len(postbox.letters()) != before:
        faults.append("letters left before anybody had looked")
    count = epoch.release(at, by=User.objects.get(username="officer"), reason="drill")
    _live(at)
    arrived = Counter()
    for letter in postbox.letters():
        # A letter names a case in its subject and again in its text; twice is when two letters name it.
        arrived.update(set(re.findall(r"drill-\w+-\d{5}", letter["body"])))
    wanted = [f"drill-before-{n:05d}" for n in range(int(mails))] + [f"drill-after-{n:05d}" for n in range(NEW)]
    resent = sum(number - 1 for number in arrived.values() if number > 1)
    swallowed = sum(word not in arrived for word in wanted)
    if resent:
        faults.append(f"{resent} messages were sent again")
    if swallowed:
        faults.append(f"{swallowed} of {len(wanted)} messages never arrived")
    if waiting := Message.objects.due(at + PLAYED).count():
        faults.append(f"{waiting} messages are still waiting after {PLAYED}")
    wrong, looked = verifying.faults()
    return looked | {"faults": faults + wrong, "resent": resent, "swallowed": swallowed, "arrived": len(arrived),
                     "already_went": count.already_went, "would_go": count.would_go}  # fmt: skip


def _live(at):
    from approvals.models import SealUse  # noqa: PLC0415
    from config.demo.world import ground  # noqa: PLC0415
    from workflows import perform  # noqa: PLC0415
    from workflows.timeline import travel  # noqa: PLC0415

    perform(SealUse.objects.get(), "approve", by=ground(at)["head"], at=at)
    travel(at, at + PLAYED)


def _put(word, number, at):
    """Messages to one person, each with a word of its own that can be found in the letters."""
    from accounts.models import User  # noqa: PLC0415
    from notifications import outbox  # noqa: PLC0415

    officer = User.objects.get(username="officer")
    for n in range(number):
        case = f" drill-{word}-{n:05d} "
        outbox.put(outbox.write("outcome", f"drill:{word}:{n}", [officer], at, case=case, done="通过", reason=""))


def _file():
    from django.conf import settings  # noqa: PLC0415

    return Path(settings.VAR_DIR) / "moment"


def _note(at):
    _file().write_text(at.isoformat(), encoding="ascii")


def _moment():
    return datetime.fromisoformat(_file().read_text(encoding="ascii"))


STEPS = {"begin": begin, "work": work, "wipe": wipe, "after": after}


def main(step, *words):
    import django  # noqa: PLC0415

    django.setup()
    from django.conf import settings  # noqa: PLC0415

    settings.EMAIL_BACKEND = "config.drills.postbox.Postbox"
    said = STEPS[step](*words)
    if said is not None:
        sys.stdout.write(json.dumps(said, ensure_ascii=False))


if __name__ == "__main__":
    main(*sys.argv[1:])
