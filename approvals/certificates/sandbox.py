"""Render designs nobody has approved yet in a child process that may use so much time and memory and no more.

Which path a design takes: packaged designs, and those of a site that were published after passing the gate, are
rendered in the worker itself: their files are fixed, their cost is known, and the words put into them are capped by
pre-flight. A draft is anything somebody is typing, and a style sheet that passes every check can still ask for a
page a kilometre long. So drafts are rendered here: the child has no secrets in its environment, no network where the
kernel lets a process give it up, 25 seconds of processor time and 1.2 GB of memory for a page, and is ended when it
takes longer on the clock. It is kept between pages, because starting it costs a second.
"""

import contextlib
import json
import os
import pickle
import select
import signal
import struct
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Mapping
from pathlib import Path
from threading import Lock

from accounts.confined import confine, environment
from approvals.certificates.attachments import Attachment
from approvals.certificates.design import Design
from approvals.certificates.errors import (
    AddressRefused,
    CertificateError,
    DoesNotFit,
    MissingGlyphs,
    PdfLibraryMissing,
    TooHeavy,
)
from approvals.certificates.text import CertificateText

ROOT = Path(__file__).resolve().parents[2]
CPU_SECONDS = 25
MEMORY_BYTES = 1_200_000_000
WALL_SECONDS = 60
PAGES = 200  # a child is replaced after so many, so that what leaks does not add up
BIGGEST_ANSWER = 50_000_000
_ERRORS = {
    "DoesNotFit": DoesNotFit, "MissingGlyphs": MissingGlyphs, "AddressRefused": AddressRefused,
    "PdfLibraryMissing": PdfLibraryMissing,
}  # fmt: skip
_LENGTH = struct.Struct(">BQ")
OK, FAILED = 0, 1


class Sandbox:
    """A child that renders one page at a time; started when needed, started again after it was ended."""

    def __init__(self, cpu: int = CPU_SECONDS, memory: int = MEMORY_BYTES, wall: float = WALL_SECONDS) -> None:
        self._limits = (cpu, memory)
        self._wall = wall
        self._lock = Lock()
        self._child: subprocess.Popen[bytes] | None = None
        self._done = 0
        self._home = tempfile.TemporaryDirectory(prefix="pilotage-sandbox-")

    def render(
        self, text: CertificateText, design: Design, attachments: Iterable[Attachment] = (),
        own_fonts: Mapping[str, bytes] | None = None,
    ) -> bytes:  # fmt: skip
        """*text* in *design*, as `render.render` makes it.

        Raises TooHeavy when the page took too much, otherwise what `render` raises; an error the child did not expect is
        a CertificateError.
        """
        request = pickle.dumps((dict(design.files), text, tuple(attachments), dict(own_fonts or {}), self._limits[0]))
        with self._lock:
            try:
                status, answer = self._ask(request)
            except (TooHeavy, OSError):
                self._end()
                raise TooHeavy("the page took more time or memory than a page may") from None
            self._done += 1
            if self._done >= PAGES:
                self._end()
        if status == OK:
            return answer
        # The child may be anybody's by now: it is believed no object, only short words.
        said = json.loads(answer)
        kind = _ERRORS.get(str(said.get("kind")))
        raise kind(str(said.get("words"))) if kind else CertificateError(str(said.get("words"))[:300])

    def close(self) -> None:
        """Ends the child and forgets its folder."""
        with self._lock:
            self._end()
            self._home.cleanup()

    @property
    def process(self) -> int | None:
        """Number of the child's process, None while there is none."""
        return self._child.pid if self._child else None

    def _ask(self, request: bytes) -> tuple[int, bytes]:
        if self._child is None or self._child.poll() is not None:
            self._start()
        child = self._child
        deadline = time.monotonic() + self._wall
        child.stdin.write(_LENGTH.pack(OK, len(request)) + request)
        child.stdin.flush()
        status, length = _LENGTH.unpack(self._read(child, _LENGTH.size, deadline))
        if length > BIGGEST_ANSWER:
            raise TooHeavy("answer")
        return status, self._read(child, length, deadline)

    @staticmethod
    def _read(child: "subprocess.Popen[bytes]", length: int, deadline: float) -> bytes:
        found = bytearray()
        descriptor = child.stdout.fileno()
        while len(found) < length:
            left = deadline - time.monotonic()
            if left <= 0 or not select.select([descriptor], [], [], left)[0]:
                raise TooHeavy("clock")
            part = os.read(descriptor, min(1 << 20, length - len(found)))
            if not part:  # ended by its limits
                raise TooHeavy("ended")
            found += part
        return bytes(found)

    def _start(self) -> None:
        memory = self._limits[1]
        start = f"import sys; sys.path.insert(0, {str(ROOT)!r}); from approvals.certificates import sandbox; sandbox.serve({memory})"
        self._child = subprocess.Popen(  # noqa: S603 - our own interpreter with our own words
            [sys.executable, "-c", start],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
            cwd=self._home.name, env=environment(self._home.name), start_new_session=True,
        )  # fmt: skip
        self._done = 0

    def _end(self) -> None:
        child, self._child = self._child, None
        if child is None:
            return
        with contextlib.suppress(ProcessLookupError):
            os.killpg(child.pid, signal.SIGKILL)
        for pipe in (child.stdin, child.stdout):
            with contextlib.suppress(OSError):
                pipe.close()
        child.wait()


_shared: Sandbox | None = None
_making = Lock()


def render(
    text: CertificateText, design: Design, attachments: Iterable[Attachment] = (),
    own_fonts: Mapping[str, bytes] | None = None,
) -> bytes:  # fmt: skip
    """`Sandbox.render` in this process's one sandbox."""
    global _shared  # noqa: PLW0603 - one child for a process, whoever asks first starts it
    with _making:
        if _shared is None:
            _shared = Sandbox()
    return _shared.render(text, design, attachments, own_fonts)


def serve(memory: int) -> None:
    """The child: reads requests, writes answers, until its input ends."""
    import resource  # noqa: PLC0415 - only the child needs it

    pipe, out = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever prints, prints no answer
    confine(memory)
    while head := pipe.read(_LENGTH.size):
        _status, length = _LENGTH.unpack(head)
        request = pickle.loads(pipe.read(length))  # noqa: S301 - from the parent alone
        status, answer = _answer(request, resource)
        out.write(_LENGTH.pack(status, len(answer)) + answer)
        out.flush()


def _answer(request: tuple, resource: object) -> tuple[int, bytes]:
    from approvals.certificates import design as designs  # noqa: PLC0415 - under the limits
    from approvals.certificates.fonts import Fonts  # noqa: PLC0415
    from approvals.certificates.render import render as make  # noqa: PLC0415

    files, text, attachments, own, cpu = request
    # The limit counts from the start of the process, so each page gets its own.
    used = resource.getrusage(resource.RUSAGE_SELF)
    spent = int(used.ru_utime + used.ru_stime) + 1
    resource.setrlimit(resource.RLIMIT_CPU, (spent + cpu, resource.RLIM_INFINITY))
    try:
        return OK, make(text, designs.read(files), attachments, fonts=Fonts(own))
    except MemoryError:
        os._exit(1)  # nothing that ran out of memory is used again
    except RecursionError:
        return FAILED, json.dumps({"kind": "DoesNotFit", "words": "nested too deeply"}).encode()
    except Exception as error:
        words = error.characters if isinstance(error, MissingGlyphs) else str(error)
        return FAILED, json.dumps({"kind": type(error).__name__, "words": words[:1000]}).encode()
