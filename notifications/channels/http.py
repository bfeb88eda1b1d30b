"""One request to an address somebody typed: judged, pinned, short, and never led elsewhere.

Connecting takes three seconds at most, the whole answer ten, however slowly it trickles; four kilobytes of it are read;
a redirect is an answer, not an invitation.
"""

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import suppress
from dataclasses import dataclass
from http.client import HTTPException

from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import HTTPError

from notifications.channels.base import Answer, Letter, Temporary, Undelivered
from notifications.channels.guard import Target, judge

CONNECT, WHOLE = 3.0, 10.0
MOST_BYTES = 4096
SIDE_BY_SIDE = 8


@dataclass(frozen=True)
class Reply:
    """What the other side said: status and the beginning of the body."""

    status: int
    text: str

    @property
    def ok(self) -> bool:
        return 200 <= self.status < 300

    def line(self) -> str:
        """The answer on one short line, for people."""
        return " ".join(f"HTTP {self.status} {self.text}".split())[:300]


def post(url: str, body: bytes, headers: dict[str, str]) -> Reply:
    """POSTs `body`. Raises Permanent where the address is not allowed, Temporary where there is no answer."""
    status, answer = exchange(url, body, headers)
    return Reply(status, answer.decode("utf-8", "replace"))


def exchange(url: str, body: bytes, headers: dict[str, str], most: int = MOST_BYTES) -> tuple[int, bytes]:
    """POSTs `body` and returns the status and up to `most` bytes of the answer. Raises as `post` does."""
    target = judge(url)
    connection = _connection(target)
    late, line = threading.Event(), []

    def cut() -> None:
        late.set()
        for sock in line:
            with suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)

    # A read time-out counts from the last byte; only a watch of our own ends an answer that trickles.
    watch = threading.Timer(WHOLE, cut)
    watch.daemon = True
    watch.start()
    try:
        connection.connect()
        # Kept here: the connection forgets its socket when the other side wants to close after the answer.
        line.append(connection.sock)
        connection.timeout = WHOLE
        send = {"Host": target.host_header, "Accept-Encoding": "identity", "User-Agent": "Pilotage"} | headers
        connection.request("POST", target.path, body=body, headers=send, preload_content=False)
        answer = connection.getresponse()
        data = answer.read(most, decode_content=False)
        if late.is_set():
            raise TimeoutError
        return answer.status, data
    except (HTTPError, HTTPException, OSError) as error:
        if late.is_set() or isinstance(error, TimeoutError) or "timed out" in str(error):
            raise Temporary(f"{target.host} 在限定时间内没有答复", f"{target.host} did not answer in time") from error
        raise Temporary(f"连接 {target.host} 失败：{error}", f"No connection to {target.host}: {error}") from error
    finally:
        watch.cancel()
        connection.close()


def _connection(target: Target) -> HTTPConnection:
    if target.scheme == "http":
        return HTTPConnection(target.ip, target.port, timeout=CONNECT)
    # Connected to the judged address; the certificate must still be the name's.
    return HTTPSConnection(
        target.ip, target.port, timeout=CONNECT, server_hostname=target.host,
        ssl_context=ssl.create_default_context(), cert_reqs=ssl.CERT_REQUIRED,
    )  # fmt: skip


def side_by_side(letters: list[Letter], one: Callable[[Letter], None]) -> Iterator[Answer]:
    """Answers of several letters at a time: a slow neighbour holds nobody. `one` raises Undelivered or returns."""

    def attempt(letter: Letter) -> Answer:
        try:
            one(letter)
        except Undelivered as fault:
            return letter, fault
        return letter, None

    with ThreadPoolExecutor(SIDE_BY_SIDE, thread_name_prefix="channel") as pool:
        # Reading an id here keeps the threads away from lazy database look-ups.
        futures = [pool.submit(attempt, letter) for letter in letters]
        try:
            for future in as_completed(futures):
                yield future.result()
        finally:
            for future in futures:
                future.cancel()
