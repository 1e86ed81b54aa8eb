"""A guard against being sent to addresses that only we can reach."""

import ipaddress
import socket


class PrivateAddressError(Exception):
    """A host whose address is not on the public internet."""


def public_addresses(host: str, port: int) -> list[str]:
    """Resolve `host` and return its addresses; raise `PrivateAddressError` if any of them is not global.

    Connect to one of the returned addresses rather than to the name: a second look-up may answer otherwise
    (DNS rebinding). Raises `OSError` for a name that does not resolve.
    """
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    addresses = list(dict.fromkeys(str(sockaddr[0]) for *_, sockaddr in found))
    for address in addresses:
        if not ipaddress.ip_address(address.partition("%")[0]).is_global:
            raise PrivateAddressError(f"{host} is at {address}, which is not a public address.")
    return addresses
