"""`./manage.py demo`: database, demonstration, web, worker and scheduler; prints the address and the log-ins."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

FOLDER = "demo"


class Command(BaseCommand):
    help = "Builds and starts the demonstration on this machine."

    def add_arguments(self, parser):
        parser.add_argument("--port", type=int, default=int(os.environ.get("PORT", "8000")))
        parser.add_argument("--reset", action="store_true", help="start again from the seed")
        parser.add_argument("--seed-only", action="store_true", help="build the demonstration and stop")

    def handle(self, *args, port, reset, seed_only, **options):
        folder = Path(settings.VAR_DIR) / FOLDER
        if reset and folder.exists():
            shutil.rmtree(folder)
        folder.mkdir(parents=True, exist_ok=True)
        if not seed_only:
            port = free_port(port, self.stdout.write)
        environment = os.environ | {
            "PILOTAGE_VAR": str(folder),
            "PILOTAGE_DEMO": "1",
            "DATABASE_URL": f"sqlite:///{folder / 'demo.sqlite3'}",
            "FILES_DIR": str(folder / "files"),
            # Inside, so that --reset begins anew with it: the demonstration has no backup to be outside of.
            "PILOTAGE_SENT_LOG": str(folder / "outside" / "sent.sqlite3"),
            "PILOTAGE_ANCHOR_LOG": str(folder / "anchors" / "anchors.jsonl"),
            "BROKER_URL": "filesystem://",
            "SITE_URL": f"http://127.0.0.1:{port}",
            "PYTHONUNBUFFERED": "1",
        }
        environment.pop("DJANGO_SETTINGS_MODULE", None)
        manage = [sys.executable, str(settings.BASE_DIR / "manage.py")]
        self.stdout.write("demo: database")
        run([*manage, "migrate", "--verbosity", "0"], environment)
        run([*manage, "messages", "--compile"], environment)
        run([*manage, "collectstatic", "--noinput", "--verbosity", "0"], environment)
        run([*manage, "seed_demo"], environment)
        if seed_only:
            return
        serve(port, environment, self.stdout.write)


def free_port(port, say):
    """The port asked for, or the next free one within ten."""
    for candidate in range(port, port + 10):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", candidate))
            except OSError:
                continue
            if candidate != port:
                say(f"demo: port {port} is busy, using {candidate} (choose another with PORT=… make demo)")
            return candidate
    raise CommandError(f"ports {port} to {port + 9} are all busy; choose another one with PORT=… make demo")


def run(command, environment):
    if subprocess.run(command, env=environment, check=False).returncode:  # noqa: S603
        raise CommandError(
            f"`{' '.join(command[1:])}` failed; the lines above say why. `make demo-reset` starts afresh"
        )


def serve(port, environment, say):
    """Web, and a worker that is its own scheduler, until interrupted. One dies: the others are ended too."""
    bin_dir = Path(sys.executable).parent
    commands = [
        [str(bin_dir / "gunicorn"), "config.wsgi:application", "--bind", f"127.0.0.1:{port}", "--workers", "1",
         "--threads", "8", "--worker-class", "gthread", "--log-level", "warning"],
        [str(bin_dir / "celery"), "-A", "config", "--quiet", "worker", "--beat", "--pool", "solo", "--loglevel", "warning",
         "--without-gossip", "--without-mingle", "--without-heartbeat"],
    ]  # fmt: skip
    children = [subprocess.Popen(command, env=environment, cwd=settings.BASE_DIR) for command in commands]  # noqa: S603
    wait_for(port, children)
    say(
        f"\n  试点通 Pilotage  http://127.0.0.1:{port}/\n"
        "  演示身份（密码均为 demo）: applicant 申报单位, province 省局, checker 形审与文印, expert1 评审专家, officer 项目主管,\n"
        "  head 司局负责人, countersigner 会签人, leader 局领导, handler 异议核查员, assessor 验收组长, auditor 审计员\n"
        f"  导览 guide: http://127.0.0.1:{port}/demo/    Ctrl+C 停止 stops\n"
    )
    stop = {"asked": False}

    def ask(_signal, _frame):
        stop["asked"] = True

    signal.signal(signal.SIGTERM, ask)
    signal.signal(signal.SIGINT, ask)
    while not stop["asked"] and all(child.poll() is None for child in children):
        time.sleep(0.5)
    for child in children:
        if child.poll() is None:
            child.terminate()
    for child in children:
        try:
            child.wait(15)
        except subprocess.TimeoutExpired:
            child.kill()
    if not stop["asked"]:
        raise CommandError("a process of the demonstration ended; the lines above say why")


def wait_for(port, children, seconds=60):
    """Returns when the web server answers."""
    for _try in range(seconds * 5):
        if any(child.poll() is not None for child in children):
            return
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.2)
