"""A guard against being sent to addresses that only we can reach."""

import socket
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address

NAT64 = IPv6Network("64:ff9b::/96")


class PrivateAddressError(Exception):
    """A host whose address is not on the public internet."""


def resolve(host: str, port: int) -> list[str]:
    """Return the IP addresses of a host; raise `OSError` for a name that does not resolve."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except UnicodeError as error:
        raise OSError(str(error)) from error
    return list(dict.fromkeys(str(sockaddr[0]) for *_, sockaddr in found))


def public_addresses(host: str, port: int) -> list[str]:
    """Return the IP addresses of a host; raise `PrivateAddressError` if any of them is not global.

    Connect to one of the returned addresses rather than to the name: a second look-up may answer otherwise
    (DNS rebinding). Raises `OSError` for a name that does not resolve.
    """
    addresses = resolve(host, port)
    for address in addresses:
        if not is_public(ip_address(address)):
            raise PrivateAddressError(f"{host} is at {address}, which is not a public address.")
    return addresses


def is_public(address: IPv4Address | IPv6Address) -> bool:
    """Tell addresses of the internet, also where an IPv6 address only wraps an IPv4 one."""
    if isinstance(address, IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour or (address.teredo or (None, None))[1]
        if address in NAT64:
            inner = IPv4Address(int(address) & 0xFFFFFFFF)
        if inner is not None:
            return is_public(inner)
    return address.is_global and not address.is_multicast
