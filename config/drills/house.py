"""An installation of its own for a drill: a folder, a database, an approved request of many certificates, workers to kill."""

import os
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from django.conf import settings

ROOT = Path(settings.BASE_DIR)


@dataclass
class House:
    """Where a drill happens. `url` names its database; files and sent-log lie in `folder`."""

    folder: Path
    url: str
    # Further variables, such as PILOTAGE_DEMO for pages with cards to sign in by.
    more: dict[str, str] = field(default_factory=dict)

    @property
    def environment(self):
        """The environment of the processes of the drill: nothing of the installation it is started from."""
        own = {name: value for name, value in os.environ.items() if not name.startswith(("PILOTAGE_", "DJANGO_"))}
        return own | {
            "DATABASE_URL": self.url, "PILOTAGE_VAR": str(self.folder), "PILOTAGE_WAKE_WORKER": "0",
            "DJANGO_SETTINGS_MODULE": "config.settings", "EMAIL_URL": "dummymail://", "LOG_LEVEL": "CRITICAL",
            "PILOTAGE_PLAIN_STATIC": "1", "SECRET_KEY": settings.SECRET_KEY,
            "PILOTAGE_PG_BIN": settings.PG_BIN, **self.more,
        }  # fmt: skip

    def manage(self, *words):
        """Runs a management command in the drill; returns what it printed. Raises CalledProcessError."""
        return self.run("django", *words)

    def run(self, module, *words):
        """Runs `python -m MODULE WORDS` in the drill; returns what it printed. Raises CalledProcessError."""
        command = [sys.executable, "-m", module, *map(str, words)]
        done = subprocess.run(command, cwd=ROOT, env=self.environment, check=True, stdout=subprocess.PIPE, text=True)  # noqa: S603
        return done.stdout.strip()

    @contextmanager
    def nursery(self):
        """Where workers come from: Django is loaded once, every worker is a fork with connections of its own."""
        command = [sys.executable, "-m", "config.drills.workers"]
        with subprocess.Popen(  # noqa: S603
            command, cwd=ROOT, env=self.environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1
        ) as home:  # fmt: skip
            yield Nursery(home)
            home.stdin.close()


class Nursery:
    """Asks the process that forks workers."""

    def __init__(self, home):
        self._home = home

    def ask(self, *words):
        self._home.stdin.write(" ".join(map(str, words)) + "\n")
        answer = self._home.stdout.readline()
        if not answer:
            raise RuntimeError("the nursery of workers has died")
        return int(answer)

    def start(self, point="", nth=0, blow=signal.SIGKILL):
        """A new worker, which deals itself `blow` at `point` for the `nth` time where one is given; returns its process."""
        return self.ask("start", point or "-", nth, int(blow))

    def issued(self):
        """How many certificates are issued by now."""
        return self.ask("issued")

    def expire(self):
        """A dead worker's lease ends after a minute; from now on it is as if that minute had passed."""
        return self.ask("expire")

    def finish(self, alive=()):
        """Lets the workers that are alive end, and one more do what the dead ones held; returns how long it took (seconds)."""
        began = time.perf_counter()
        for pid in alive:
            self.wait(pid)
        self.expire()
        self.wait(self.start())
        return time.perf_counter() - began

    def reach(self, cases, number, of):
        """Waits until the share of the certificates is issued after which the blow `number` of `of` falls, and a moment."""
        share = int(cases * 0.9 * (number + 1) / (of + 1))
        wait_until(lambda: self.issued() >= share, 120)

    def wait(self, pid):
        """How a worker ended: 0, or the signal."""
        return self.ask("wait", pid)

    def kill(self, pid):
        """Kills a worker as a power cut would; True when it was still alive."""
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            return False
        return self.wait(pid) == signal.SIGKILL


def wait_until(true, seconds, pause=0.01):
    """Waits until `true()`; returns whether it came to pass within `seconds`."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if true():
            return True
        time.sleep(pause)
    return False
