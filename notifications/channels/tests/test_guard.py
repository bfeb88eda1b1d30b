"""Where outgoing requests may not go: every spelling of the office's own network."""

import socket

import pytest

from notifications.channels.base import Permanent, Temporary
from notifications.channels.guard import judge

REFUSED = [
    "https://127.0.0.1/", "https://127.1/", "https://127.0.0.1:8443/x", "https://[::1]/", "https://0.0.0.0/", "https://[::]/",
    "https://2130706433/", "https://0x7f000001/", "https://0x7f.0.0.1/", "https://0177.0.0.1/", "https://017700000001/",
    "https://[::ffff:127.0.0.1]/", "https://[::ffff:7f00:1]/", "https://[::ffff:10.0.0.1]/", "https://169.254.169.254/latest/meta-data/",
    "https://[::ffff:169.254.169.254]/", "https://10.0.0.1/", "https://10.255.255.255/", "https://172.16.0.1/",
    "https://172.31.255.255/", "https://192.168.1.1/", "https://100.64.0.1/", "https://198.18.0.1/", "https://192.0.2.1/",
    "https://224.0.0.1/", "https://255.255.255.255/", "https://240.0.0.1/", "https://[fc00::1]/", "https://[fd12:3456::1]/",
    "https://[fe80::1]/", "https://[ff02::1]/", "https://[2002:7f00:1::]/", "https://[2002:0a00:0001::1]/",
    "https://[64:ff9b::7f00:1]/", "https://[64:ff9b::a00:1]/", "https://localhost/", "https://LOCALHOST/",
    "http://169.254.169.254/", "http://127.0.0.1:6379/",
]  # fmt: skip
MALFORMED = [
    "", "//127.0.0.1/", "127.0.0.1", "ftp://93.184.216.34/", "file:///etc/passwd", "gopher://127.0.0.1:6379/_x",
    "javascript:alert(1)", "https://user:pass@93.184.216.34/", "https://93.184.216.34@127.0.0.1/",
    "https://127.0.0.1#@93.184.216.34/", "https://93.184.216.34\\@127.0.0.1/", "https://93.184.216.34 /", "https:///x",
    "https://93.184.216.34:99999/", "https://[::1/", "https://[fe80::1%25eth0]/", "https://93.184.216.34/\r\nX: y",
    "https://93.184.216.34/路径",
]  # fmt: skip


@pytest.mark.parametrize("url", REFUSED + MALFORMED)
def test_refused(url):
    with pytest.raises((Permanent, Temporary)) as refused:
        judge(url)
    assert isinstance(refused.value, Permanent) or "无法解析" in refused.value.zh


def test_a_refusal_says_who_can_allow_it():
    with pytest.raises(Permanent) as refused:
        judge("https://10.0.0.1/")
    assert "PILOTAGE_OUTGOING_ALLOW" in refused.value.zh
    assert "PILOTAGE_OUTGOING_ALLOW" in refused.value.en


def test_the_planted_positive_a_public_address_passes():
    target = judge("https://93.184.216.34/hook?x=1")
    assert (target.ip, target.port, target.path, target.host_header) == (
        "93.184.216.34",
        443,
        "/hook?x=1",
        "93.184.216.34",
    )


def test_public_addresses_need_tls():
    with pytest.raises(Permanent, match="https"):
        judge("http://93.184.216.34/")


def names(monkeypatch, **hosts):
    def lookup(host, port, **_more):
        return [
            (socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in hosts[host.replace(".", "_")]
        ]

    monkeypatch.setattr(socket, "getaddrinfo", lookup)


def test_a_name_is_judged_by_every_address_it_has(monkeypatch):
    names(
        monkeypatch,
        good_example=["93.184.216.34"],
        bad_example=["93.184.216.34", "10.0.0.5"],
        inner_example=["192.168.3.4"],
    )
    assert judge("https://good.example/").ip == "93.184.216.34"
    for name in ("bad", "inner"):
        with pytest.raises(Permanent):
            judge(f"https://{name}.example/")


def test_the_administrator_can_name_networks_and_hosts(monkeypatch, settings):
    names(monkeypatch, im_office=["10.3.0.9"], other_office=["10.3.0.9"], db_office=["192.168.0.2"])
    settings.OUTGOING_ALLOW = ["10.3.0.9", "db.office"]
    assert judge("http://im.office:8080/").ip == "10.3.0.9"
    assert judge("https://db.office/").ip == "192.168.0.2"
    settings.OUTGOING_ALLOW = ["IM.office", "172.16.0.0/12"]
    assert judge("https://im.office/").ip == "10.3.0.9"
    with pytest.raises(Permanent):
        judge("https://other.office/")
