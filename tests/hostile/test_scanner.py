"""A virus scanner that was named is asked, and believed; while it does not answer nothing is let in (trust.md H5)."""

import contextlib
import socket
import struct
import threading

import pytest
from django.core.exceptions import ImproperlyConfigured, ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile

from pilots import scanning, uploads

PDF = b"%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n"
EVIL = b"%PDF-1.4\nplanted evil\n%%EOF\n"
LIMITS = uploads.Limits(("pdf",), 20)


class Daemon(threading.Thread):
    """Speaks clamd's protocol and knows one virus; `mood` makes it fall ill."""

    def __init__(self, mood="well"):
        super().__init__(daemon=True)
        self.mood, self.seen = mood, []
        self.server = socket.create_server(("127.0.0.1", 0))
        self.address = f"127.0.0.1:{self.server.getsockname()[1]}"

    def stop(self):
        # Closing alone would leave a waiting `accept` waiting.
        with contextlib.suppress(OSError):
            self.server.shutdown(socket.SHUT_RDWR)
        self.server.close()
        self.join()

    def run(self):
        while True:
            try:
                line, _peer = self.server.accept()
            except OSError:
                return
            with line, line.makefile("rb") as given:
                self.answer(line, given)

    def answer(self, line, given):
        if self.mood == "hangs up":
            return
        if self.mood == "babbles":
            line.sendall(b"\xff\xfe what?\n")
            return
        command = given.readline().strip().lstrip(b"nz")
        if command == b"PING":
            line.sendall(b"PONG\n")
            return
        data = b""
        while size := struct.unpack("!L", given.read(4))[0]:
            data += given.read(size)
        self.seen.append(data)
        if self.mood == "full":
            line.sendall(b"INSTREAM size limit exceeded. ERROR\n")
        else:
            line.sendall(b"stream: Planted.Evil FOUND\n" if b"planted evil" in data else b"stream: OK\n")


@pytest.fixture
def daemon(settings):
    """`daemon(mood)`: a scanner on this machine, which the installation names."""
    made = []

    def _daemon(mood="well"):
        made.append(Daemon(mood))
        made[-1].start()
        settings.CLAMD = made[-1].address
        return made[-1]

    yield _daemon
    for one in made:
        one.stop()


def given(data):
    return SimpleUploadedFile("承诺函.pdf", data)


def test_a_clean_file_is_let_in_and_was_looked_at_whole(daemon):
    scanner = daemon()
    assert uploads.read(given(PDF), LIMITS).data == PDF
    assert scanner.seen == [PDF]


def test_what_the_scanner_finds_is_named_and_not_kept(daemon):
    daemon()
    with pytest.raises(ValidationError, match=r"查毒程序发现 Planted\.Evil，没有保存"):
        uploads.read(given(EVIL), LIMITS)


@pytest.mark.parametrize("mood", ["hangs up", "babbles", "full"])
def test_a_scanner_that_is_ill_lets_nothing_in(daemon, mood):
    daemon(mood)
    with pytest.raises(ValidationError, match="查毒服务暂时没有应答"):
        uploads.read(given(PDF), LIMITS)


def test_a_scanner_that_is_gone_lets_nothing_in_and_the_doctor_sees_it(daemon, settings):
    daemon().stop()
    with pytest.raises(ValidationError, match="查毒服务暂时没有应答"):
        uploads.read(given(PDF), LIMITS)
    assert not scanning.answers()


def test_a_socket_that_is_not_there_is_a_scanner_that_is_gone(settings, tmp_path):
    settings.CLAMD = f"unix:{tmp_path / 'clamd.ctl'}"
    with pytest.raises(ValidationError, match="查毒服务暂时没有应答"):
        uploads.read(given(PDF), LIMITS)


def test_without_a_scanner_the_rules_of_our_own_count(settings):
    settings.CLAMD = ""
    assert uploads.read(given(EVIL), LIMITS).format == "pdf"


def test_an_address_that_is_none_is_said_at_once(settings):
    settings.CLAMD = "clamd"
    with pytest.raises(ImproperlyConfigured):
        scanning.scanner()


@pytest.mark.django_db
def test_the_doctor_tells_of_a_scanner_that_answers(daemon):
    from config.management.commands import doctor

    scanner = daemon()
    assert doctor.scanner() == ("green", f"{scanner.address} answers")
    scanner.stop()
    assert doctor.scanner()[0] == "red"
