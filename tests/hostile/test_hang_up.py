"""Clients that hang up in the middle of an upload, on a real server: nothing half is seen, nothing is left (trust.md F8)."""

import json
import socket
import sqlite3
import struct
import subprocess
import sys
import time
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from django.test.client import BOUNDARY, MULTIPART_CONTENT

from config.drills.house import ROOT, House, wait_until

pytestmark = pytest.mark.timeout(300)
PDF = b"%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n"
SIZE = 4 * 1024 * 1024
SHARES = (0.0, 0.0001, 0.1, 0.3, 0.45, 0.6, 0.75, 0.9, 0.99, 0.99999)


@pytest.fixture
def line(tmp_path):
    """`line(share, abruptly)`: sends so much of a file of 4 MB to a server and hangs up; what is there afterwards."""
    house = House(tmp_path, f"sqlite:///{tmp_path / 'cut.sqlite3'}", {"PILOTAGE_DEMO": "1"})
    scene = json.loads(house.run("tests.hostile.scene"))
    with served(house) as port:
        yield Line(house, scene, port)


@contextmanager
def served(house):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [str(Path(sys.executable).parent / "gunicorn"), "config.wsgi:application", "--bind", f"127.0.0.1:{port}",
               "--workers", "1", "--threads", "4", "--worker-class", "gthread", "--log-level", "critical"]  # fmt: skip
    with subprocess.Popen(command, cwd=ROOT, env=house.environment) as server:
        try:
            assert wait_until(lambda: _answers(port), 60, 0.2)
            yield port
        finally:
            server.terminate()


def _answers(port):
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


class Line:
    def __init__(self, house, scene, port):
        self.house, self.scene, self.port = house, scene, port
        head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="commitment"; filename="a.pdf"\r\nContent-Type: application/pdf\r\n\r\n'
        self.body = head.encode() + PDF * (SIZE // len(PDF)) + f"\r\n--{BOUNDARY}--\r\n".encode()
        # Parts of the file that were seen on the volume while they came.
        self.seen = 0

    def send(self, share, *, abruptly=False):
        """The status of the answer where the body was whole; 0 after hanging up."""
        cut = int(len(self.body) * share)
        with socket.create_connection(("127.0.0.1", self.port), timeout=30) as line:
            line.sendall(self._head())
            line.sendall(self.body[:cut])
            if cut == len(self.body):
                return int(line.recv(64).split()[1])
            if share >= 0.45:
                # More than is kept in memory has come: the half is on the volume now.
                self.seen += wait_until(self.half, 10)
            if abruptly:
                # Reset, as a line that breaks, and not the end that a client announces.
                line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        return 0

    def _head(self):
        cookies = f"sessionid={self.scene['session']}; csrftoken={self.scene['csrf']}"
        lines = (
            f"POST {self.scene['path']} HTTP/1.1", "Host: 127.0.0.1", f"Content-Type: {MULTIPART_CONTENT}",
            f"Content-Length: {len(self.body)}", f"Cookie: {cookies}", f"X-CSRFToken: {self.scene['csrf']}", "Connection: close",
        )  # fmt: skip
        return ("\r\n".join(lines) + "\r\n\r\n").encode()

    def uploads(self):
        with closing(sqlite3.connect(self.house.folder / "cut.sqlite3", timeout=20)) as database:
            return database.execute("SELECT COUNT(*) FROM pilots_upload").fetchone()[0]

    def half(self):
        return list((self.house.folder / "files" / "incoming").glob("*"))

    def kept(self):
        return {one.name for one in (self.house.folder / "files").rglob("*") if one.is_file()}


def test_ten_cut_lines_leave_nothing_and_a_whole_one_is_kept(line):
    before, files = line.uploads(), line.kept()
    for number, share in enumerate(SHARES):
        assert line.send(share, abruptly=number % 2 == 1) == 0
        assert wait_until(lambda: not line.half(), 10), share
        # Whatever was to be written about it is written by now.
        time.sleep(0.2)
        assert (share, line.uploads(), line.kept()) == (share, before, files)
    assert line.seen >= 4, "no half was ever there: the cuts showed nothing"
    # The planted positive: nothing but the cut kept the file out.
    assert line.send(1.0) == 302
    assert line.uploads() == before + 1
    # The server closes what it read when the answer is out.
    assert wait_until(lambda: not line.half(), 10)
    assert len(line.kept()) == len(files) + 1
