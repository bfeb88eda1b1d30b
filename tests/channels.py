"""Real servers on 127.0.0.1 for messages to arrive at, and short words to make messages with."""

import threading
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from aiosmtpd.controller import Controller
from django.utils import timezone

from accounts.models import User
from notifications import outbox
from notifications.models import Endpoint, Job, Message

# Tuesday 7 March 2017, 09:30 in Shanghai: office hours of a working day.
AT = datetime(2017, 3, 7, 1, 30, tzinfo=UTC)
VALUES = {
    "label": "初审",
    "label_en": "Check",
    "case": "徐汇区",
    "due": "2017-03-10",
    "days": 3,
    "basis": "",
    "holder": "x",
}


def make_person(name="told", **more):
    defaults = {"name": "被通知人", "email": f"{name}@example.invalid"}
    return User.objects.create(username=name, **defaults | more)


def tell(*people, kind="overdue", key="k", at=AT, programme="", url="/x/"):
    """Puts a message to people (and to whoever listens to the programme) into the outbox."""
    outbox.put(outbox.write(kind, f"{key}:{kind}", people, at, url=url, programme=programme, **VALUES))


def make_endpoint(channel, config, *, name="工作群", kinds=("overdue",), programme="", language="zh-hans", active=True):
    return Endpoint.objects.create(channel=channel, name=name, config=config, kinds=list(kinds), programme=programme,
                                   language=language, active=active, created_at=AT)  # fmt: skip


def lapse():
    """The minute of every lease is over: it is counted by the database's clock, which no test can move.

    A second ago and not now: SQLite's clock knows milliseconds, and cuts the rest off.
    """
    for model, state in ((Message, Message.State.SENDING), (Job, Job.State.RUNNING)):
        model.objects.filter(state=state).update(lease_until=timezone.now() - timedelta(seconds=1))


@pytest.fixture
def person(db):
    return make_person()


@dataclass
class Inbox:
    """What an SMTP server took: parsed mails; `refuse` maps an address to the answer to RCPT."""

    mails: list = field(default_factory=list)
    refuse: dict = field(default_factory=dict)
    connections: int = 0

    async def handle_HELO(self, server, session, envelope, hostname):
        session.host_name = hostname
        self.connections += 1
        return "250 here"

    async def handle_EHLO(self, server, session, envelope, hostname, responses):
        session.host_name = hostname
        self.connections += 1
        return responses

    async def handle_RCPT(self, server, session, envelope, address, options):
        if address in self.refuse:
            return self.refuse[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        mail = message_from_bytes(envelope.content, policy=policy.default)
        self.mails.append(mail)
        return "250 taken"


@contextmanager
def smtp(port=0):
    handler = Inbox()
    controller = Controller(handler, hostname="127.0.0.1", port=port or free_port())
    controller.start()
    handler.port = controller.port
    try:
        yield handler
    finally:
        controller.stop()


def free_port():
    import socket

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture
def smtp_server(settings):
    """An SMTP server that mail of this test really goes to."""
    with smtp() as server:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = "127.0.0.1", server.port, 5
        yield server


@dataclass
class Web:
    """A web server: every request it got, and how it answers (a function of the handler)."""

    requests: list = field(default_factory=list)
    answer: object = None
    url: str = ""

    def reply(self, status=200, body=b"{}", headers=()):
        def answer(handler):
            handler.send_response(status)
            for name, value in headers:
                handler.send_header(name, value)
            handler.send_header("Content-Length", str(len(body)))
            handler.end_headers()
            handler.wfile.write(body)

        self.answer = answer
        return self


@pytest.fixture
def http_server(settings):
    """A web server on this machine, named in PILOTAGE_OUTGOING_ALLOW."""
    web = Web().reply()
    over = threading.Event()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            length = int(self.headers.get("Content-Length", 0))
            web.requests.append((self.path, dict(self.headers.items()), self.rfile.read(length)))
            with suppress(OSError):
                web.answer(self)

        def log_message(self, *args):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    web.over = over
    web.url = f"http://127.0.0.1:{server.server_port}"
    settings.OUTGOING_ALLOW = ["127.0.0.0/8"]
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield web
    over.set()
    server.shutdown()
    server.server_close()
