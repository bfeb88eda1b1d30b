"""Where outgoing requests may go: public addresses, and what the installation's administrator named.

Addresses of webhooks, gateways and private bots are typed by people. Without this an officer's form would be a door into
the office's inner network (SSRF). The name is resolved here, every address it has is judged, and the request is then
made to the very address that was judged: a name that answers differently the second time gains nothing.
"""

import socket
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from urllib.parse import urlsplit

from django.conf import settings

from notifications.channels.base import Permanent, Temporary

_PORTS = {"http": 80, "https": 443}
# IPv6 that carries an IPv4 address through a translator (RFC 6052).
_NAT64 = IPv6Network("64:ff9b::/96")
_ASK = "如确需发往该地址，请系统管理员把它写入 PILOTAGE_OUTGOING_ALLOW。"
_ASK_EN = "If this is intended, the system administrator can name it in PILOTAGE_OUTGOING_ALLOW."


@dataclass(frozen=True)
class Target:
    """A judged address: where to connect, and what to say there."""

    scheme: str
    host: str
    port: int
    ip: str
    # Path and query.
    path: str

    @property
    def host_header(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _PORTS[self.scheme] else f"{host}:{self.port}"


def judge(url: str) -> Target:
    """Where a request to `url` connects. Raises Permanent with the reason, or Temporary when the name has no answer."""
    scheme, host, port, path = _parts(url)
    named = host.lower() in _allowed()[1]
    addresses = _resolve(host, port)
    private = [one for one in addresses if not named and not _public(one) and not _in_networks(one)]
    if private:
        raise Permanent(
            f"地址 {host} 指向内网或保留地址 {private[0]}，已拒绝。{_ASK}",
            f"{host} leads to the private or reserved address {private[0]}: refused. {_ASK_EN}",
        )
    if scheme == "http" and not named and not all(_in_networks(one) for one in addresses):
        raise Permanent(
            f"发往公网地址 {host} 须使用 https。{_ASK}", f"A public address ({host}) needs https. {_ASK_EN}"
        )
    return Target(scheme, host, port, str(addresses[0]), path)


def _parts(url: str) -> tuple[str, str, int, str]:
    if any(ord(char) <= 32 or ord(char) == 127 or char == "\\" for char in url):
        raise Permanent("地址中有空格、反斜杠或控制字符。", "The address has a space, backslash or control character.")
    try:
        parts = urlsplit(url)
        port = parts.port or _PORTS.get(parts.scheme, 0)
    except ValueError:
        raise Permanent("地址格式不正确。", "This is not an address.") from None
    if parts.scheme not in _PORTS:
        raise Permanent("地址须以 https:// 开头。", "The address must begin with https://.")
    if parts.username is not None or parts.password is not None or "@" in parts.netloc:
        raise Permanent("地址中不能带用户名或密码。", "The address must not hold a user name or password.")
    if not parts.hostname or "%" in parts.hostname:
        raise Permanent("地址中没有可用的主机名。", "The address has no usable host name.")
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    if not path.isascii():
        raise Permanent("地址的路径须为 ASCII 字符（请先编码）。", "The path must be ASCII (percent-encoded).")
    return parts.scheme, parts.hostname, port, path


def _resolve(host: str, port: int) -> list[IPv4Address | IPv6Address]:
    try:
        # Decimal, hexadecimal and octal spellings of IPv4 become what the connection would make of them.
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise Temporary(f"域名 {host} 无法解析：{error}", f"The name {host} cannot be resolved: {error}") from error
    return list(dict.fromkeys(ip_address(str(address[0]).partition("%")[0]) for *_rest, address in found))


def _public(address: IPv4Address | IPv6Address) -> bool:
    if isinstance(address, IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour or (address.teredo[1] if address.teredo else None)
        if inner is None and address in _NAT64:
            inner = IPv4Address(int(address) & 0xFFFFFFFF)
        if inner is not None:
            return _public(inner)
    return address.is_global and not (address.is_multicast or address.is_reserved or address.is_unspecified)


def _in_networks(address: IPv4Address | IPv6Address) -> bool:
    if isinstance(address, IPv6Address) and address.ipv4_mapped:
        address = address.ipv4_mapped
    return any(address in network for network in _allowed()[0])


def _allowed() -> tuple[list[IPv4Network | IPv6Network], set[str]]:
    networks, hosts = [], set()
    for entry in settings.OUTGOING_ALLOW:
        try:
            networks.append(ip_network(entry.strip(), strict=False))
        except ValueError:
            hosts.add(entry.strip().lower())
    return networks, hosts
