"""One request: pinned to the judged address, bounded in time and size, never led elsewhere."""

import socket
import time

import pytest

from notifications.channels import http
from notifications.channels.base import Temporary
from notifications.channels.guard import Target


def test_it_connects_to_the_address_that_was_judged(http_server, monkeypatch):
    """The name answers differently the second time it is asked: nobody asks a second time."""
    port = http_server.url.rpartition(":")[2]
    asked = []

    def lookup(host, at_port, *_rest, **_more):
        asked.append(host)
        address = "127.0.0.1" if len(asked) == 1 else "10.255.255.1"
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, at_port))]

    judged = socket.getaddrinfo
    monkeypatch.setattr("notifications.channels.guard.socket.getaddrinfo", lookup)
    target = http.judge(f"http://rebind.example:{port}/x")
    monkeypatch.setattr("notifications.channels.guard.socket.getaddrinfo", judged)
    monkeypatch.setattr(http, "judge", lambda url: target)
    assert http.post(f"http://rebind.example:{port}/x", b"{}", {}).ok
    assert asked == ["rebind.example"]
    assert http_server.requests[0][1]["Host"] == f"rebind.example:{port}"


def test_a_redirect_is_not_followed(http_server):
    http_server.reply(302, b"", [("Location", f"{http_server.url}/inner")])
    assert http.post(http_server.url, b"{}", {}).status == 302
    assert len(http_server.requests) == 1


def test_only_the_beginning_of_an_answer_is_read(http_server):
    http_server.reply(200, b"x" * 10_000_000)
    assert len(http.post(http_server.url, b"{}", {}).text) == http.MOST_BYTES


def test_who_never_answers_is_left_alone(http_server, monkeypatch):
    monkeypatch.setattr(http, "WHOLE", 0.5)
    http_server.answer = lambda handler: http_server.over.wait(20)
    began = time.monotonic()
    with pytest.raises(Temporary, match="没有答复"):
        http.post(http_server.url, b"{}", {})
    assert time.monotonic() - began < 3


def test_an_answer_that_trickles_is_cut(http_server, monkeypatch):
    """Every byte comes in time, the whole never does."""
    monkeypatch.setattr(http, "WHOLE", 0.6)

    def trickle(handler):
        handler.send_response(200)
        handler.send_header("Content-Length", "4000")
        handler.end_headers()
        for _n in range(100):
            handler.wfile.write(b"x")
            handler.wfile.flush()
            if http_server.over.wait(0.1):
                return

    http_server.answer = trickle
    began = time.monotonic()
    with pytest.raises(Temporary):
        http.post(http_server.url, b"{}", {})
    assert time.monotonic() - began < 3


def test_nobody_there(settings):
    settings.OUTGOING_ALLOW = ["127.0.0.1"]
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with pytest.raises(Temporary, match="失败"):
        http.post(f"http://127.0.0.1:{port}/", b"{}", {})


def test_the_certificate_must_be_the_names(tmp_path, monkeypatch):
    """A TLS server that is somebody else: pinned to its address, yet refused."""
    import ssl
    import threading

    key, certificate = self_signed(tmp_path, "right.example")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    listener = socket.create_server(("127.0.0.1", 0))
    listener.settimeout(5)

    def serve():
        for _n in range(2):
            try:
                raw, _peer = listener.accept()
                with context.wrap_socket(raw, server_side=True) as wrapped:
                    while not wrapped.recv(65536).endswith(b"{}"):
                        pass
                    wrapped.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
            except OSError:
                pass

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    trusting = ssl.create_default_context
    monkeypatch.setattr(http.ssl, "create_default_context", lambda: trusting(cafile=str(certificate)))
    port = listener.getsockname()[1]
    monkeypatch.setattr(http, "judge", lambda url: Target("https", url.split("/")[2], port, "127.0.0.1", "/"))
    assert http.post("https://right.example/", b"{}", {}).text == "ok"
    with pytest.raises(Temporary, match="失败"):
        http.post("https://wrong.example/", b"{}", {})
    listener.close()
    thread.join(5)


def self_signed(folder, name):
    from datetime import UTC, datetime, timedelta

    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import NameOID

    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder().subject_name(subject).issuer_name(subject).public_key(key.public_key())
        .serial_number(x509.random_serial_number()).not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    files = folder / "key.pem", folder / "certificate.pem"
    files[0].write_bytes(key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
                                           serialization.NoEncryption()))  # fmt: skip
    files[1].write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    return files
