"""Messages per second and worker to a local sink, and what writing them costs: mail over SMTP, and webhooks over HTTP."""

import os
import socket
import subprocess
import sys
import tempfile
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
MESSAGES = 6000


def main():
    folder = tempfile.mkdtemp(prefix="pilotage-bench-")
    os.environ |= {"PILOTAGE_VAR": folder, "PILOTAGE_WAKE_WORKER": "0", "DJANGO_SETTINGS_MODULE": "config.settings",
                   "PILOTAGE_OUTGOING_ALLOW": "127.0.0.0/8"}  # fmt: skip
    os.environ.setdefault("DATABASE_URL", f"sqlite:///{folder}/bench.sqlite3")
    subprocess.run([sys.executable, str(ROOT / "manage.py"), "migrate", "--verbosity", "0"], check=True)
    import django

    django.setup()
    from django.conf import settings
    from django.db import connection

    sink = subprocess.Popen([sys.executable, "-m", "bench.outbox", "sink"], cwd=ROOT, stdout=subprocess.PIPE)
    mail_port, web_port = (int(sink.stdout.readline()) for _server in range(2))
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", mail_port
    print(f"{connection.vendor}, one worker")
    try:
        settings.EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"
        mails(1, "a sink in the process, one mail per message")
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        mails(1, "mail over SMTP, one mail per message")
        mails(5, "mail over SMTP, five messages a mail")
        webhooks(web_port)
    finally:
        sink.terminate()


def mails(each, words):
    from accounts.models import User
    from notifications import outbox

    at = moment()
    people = User.objects.bulk_create([
        User(username=f"{words}-{n}", name=f"人{n}", email=f"p{n}@example.invalid") for n in range(MESSAGES // each)
    ])  # fmt: skip
    began = time.perf_counter()
    for number in range(each):
        outbox.put(outbox.write("overdue", f"{words}-{number}", people, at, url="/x/", **VALUES))
    wrote = time.perf_counter() - began
    report(words, wrote, lambda: outbox.send_due(at, MESSAGES))


def webhooks(port):
    """Each message for a system of its own: the dearest case, since what is for one leaves as one."""
    from notifications import outbox
    from notifications.channels.webhook.form import new_secret
    from notifications.models import Endpoint

    at = moment()
    Endpoint.objects.bulk_create([
        Endpoint(channel="webhook", name=str(n), kinds=["overdue"], created_at=at,
                 config={"url": f"http://127.0.0.1:{port}/", "secret": new_secret()})
        for n in range(500)
    ])  # fmt: skip
    for each, words in ((1, "500 systems, one message each"), (12, "500 systems, twelve messages each")):
        began = time.perf_counter()
        for number in range(each):
            outbox.put(outbox.write("overdue", f"w{each}-{number}", [], at, programme="x", url="/x/", **VALUES))
        report(f"webhook, {words}", time.perf_counter() - began, lambda: outbox.send_due(at, MESSAGES))


VALUES = {
    "label": "初审",
    "label_en": "Check",
    "case": "徐汇区国家知识产权服务业集聚发展试验区",
    "due": "2026-03-10",
    "days": 3,
    "basis": "",
    "holder": "x",
}


def moment():
    """Noon of a Tuesday."""
    from datetime import UTC, datetime

    return datetime(2026, 3, 10, 4, tzinfo=UTC)


def report(words, wrote, send):
    from notifications.models import Message

    n = Message.objects.outgoing().count()
    began = time.perf_counter()
    sent = send()
    seconds = time.perf_counter() - began
    assert sent == n, (sent, n)
    print(f"{words:<44}{n:>6} written in {wrote:5.2f} s, sent in {seconds:5.2f} s: {n / seconds:7,.0f} messages/s")


def sink():
    """A mail server and a web server that say yes to everything, in a process of their own."""
    listener = socket.create_server(("127.0.0.1", 0))
    # Python's default of five waiting connections would measure the sink's retransmissions.
    ThreadingHTTPServer.request_queue_size = 128
    web = ThreadingHTTPServer(("127.0.0.1", 0), Web)
    threading.Thread(target=web.serve_forever, daemon=True).start()
    sys.stdout.write(f"{listener.getsockname()[1]}\n{web.server_port}\n")
    sys.stdout.flush()
    while True:
        threading.Thread(target=converse, args=(listener.accept()[0],), daemon=True).start()


class Web(BaseHTTPRequestHandler):
    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(204)
        self.end_headers()

    def log_message(self, *args):
        pass


def converse(line):
    with line, line.makefile("rwb", buffering=65536) as file:

        def say(words):
            file.write(words + b"\r\n")
            file.flush()

        say(b"220 sink")
        for command in file:
            verb = command[:4].upper()
            if verb == b"DATA":
                say(b"354 go on")
                while file.readline() != b".\r\n":
                    pass
            say(b"221 bye" if verb == b"QUIT" else b"250 yes")
            if verb == b"QUIT":
                return


if __name__ == "__main__":
    sink() if sys.argv[1:] == ["sink"] else main()
