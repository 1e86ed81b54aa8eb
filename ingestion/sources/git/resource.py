"""What names a repository: a path on this machine, or an https address."""

import re
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import quote, urlsplit

from ingestion.sources.errors import InvalidResource

# Hosts whose repositories have one address with and without `.git`, and the number of parts of their paths, if fixed.
FORGES = {"github.com": 2, "bitbucket.org": 2, "codeberg.org": 2, "gitlab.com": None}

HOST = re.compile(r"[a-z0-9_]([a-z0-9_.-]{0,251}[a-z0-9])?")
SCP_LIKE = re.compile(r"(?:[^@/\s]+@)?(?P<host>[^:/@\s]+):(?P<path>[^/].*)")
SSH = re.compile(
    r"(?:git\+)?ssh(?:\+git)?://(?:[^@/]+@)?(?P<host>[^:/]+)(?::\d+)?/(?P<path>.+)", re.IGNORECASE
)
PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class Address:
    """Where a remote repository is. An IPv6 `host` has no brackets; `path` begins with a slash."""

    scheme: str
    host: str
    port: int
    path: str

    def __str__(self) -> str:
        return self.origin + self.path

    @property
    def origin(self) -> str:
        """The address without the path."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.scheme}://{host}" + ("" if self.port == PORTS[self.scheme] else f":{self.port}")


def is_local(resource_id: str) -> bool:
    """Tell a path from an address."""
    return resource_id.startswith("/")


def normalize(raw: str, *, allow_local: bool, allow_private_hosts: bool) -> str:
    """Return an absolute path or an address, each in its one spelling; raise `InvalidResource`."""
    raw = raw.strip()
    if not raw or not raw.isprintable():
        raise InvalidResource("Give a repository's address, for example https://github.com/owner/repository.")
    if "://" in raw:
        return str(parse_address(raw, allow_private_hosts=allow_private_hosts))
    if raw.startswith(("/", ".", "~")) or (allow_local and Path(raw).exists()):
        if not allow_local:
            raise InvalidResource(
                "Only staff may connect paths of this machine. Give the repository's https address instead."
            )
        return str(_local_path(raw))
    if re.match(r"[\w-]+(\.[\w-]+)+/", raw):
        return str(parse_address(f"https://{raw}", allow_private_hosts=allow_private_hosts))
    if match := SCP_LIKE.fullmatch(raw):
        raise _refuse_ssh(match)
    hint = f"https://github.com/{raw}" if re.fullmatch(r"[\w.-]+/[\w.-]+", raw) and raw[0] != "-" else ""
    raise InvalidResource(
        f"{raw!r} is not a repository's address. Write the whole of it, {hint or 'https://…'}."
    )


def parse_address(raw: str, *, allow_private_hosts: bool) -> Address:
    """Read an address; plain http is for private hosts, where those are allowed."""
    if match := SSH.fullmatch(raw):
        raise _refuse_ssh(match)
    if re.match(r"[^/]*//[^/]*@", raw):
        raise InvalidResource("Leave user name and token out of the address: a token has its own field.")
    try:
        parts = urlsplit(raw)
        host = (parts.hostname or "").rstrip(".").encode("idna").decode().lower()
        port = parts.port
    except ValueError:
        raise InvalidResource(f"{raw!r} is not an address. Write https://host/path.") from None
    if parts.scheme not in PORTS or not (HOST.fullmatch(host) or _is_ip(host)):
        raise InvalidResource(f"{raw!r} cannot be read. Give an address that begins with https://.")
    if parts.query or parts.fragment:
        raise InvalidResource("Leave out what follows ? or # in the address.")
    if parts.scheme == "http" and not (allow_private_hosts and not _is_public(host)):
        raise InvalidResource("Use https:// in the address: http:// would send the contents unprotected.")
    path = quote(parts.path.rstrip("/"), safe="/%~+:@!$&'()*,;=")
    segments = path.split("/")[1:]
    if not path or {"", ".", ".."} & set(segments):
        raise InvalidResource(f"{raw!r} has no repository in it. Write https://host/owner/repository.")
    if host in FORGES:
        wanted = FORGES[host] or (segments.index("-") if "-" in segments else len(segments))
        if len(segments) != wanted:
            whole = "/".join(segments[:wanted]) if len(segments) > wanted else "owner/repository"
            raise InvalidResource(
                f"Give the repository itself, https://{host}/{whole}, and its branch separately."
            )
        path = path.removesuffix(".git")
    return Address(parts.scheme, host, port or PORTS[parts.scheme], path)


def git_directory(path: Path) -> Path | None:
    """Return the git directory of a checkout, a linked worktree or a bare repository at exactly this path."""
    try:
        if (path / ".git").exists():
            return path / ".git"
        if (path / "HEAD").is_file() and (path / "objects").is_dir():
            return path
    except PermissionError:
        pass
    return None


def _local_path(raw: str) -> Path:
    try:
        path = Path(raw).expanduser().resolve()
        path.as_posix().encode()
    except (OSError, RuntimeError, UnicodeEncodeError) as error:
        raise InvalidResource(f"{raw!r} cannot be read: {error}.") from None
    if path.name == ".git" and git_directory(path.parent):
        path = path.parent
    if git_directory(path):
        return path
    outer = next((parent for parent in path.parents if git_directory(parent)), None)
    hint = (
        f" It is inside the repository {outer}: give that." if outer else " Give the folder that holds .git."
    )
    raise InvalidResource(f"There is no git repository at {path}.{hint}")


def _refuse_ssh(match: re.Match[str]) -> InvalidResource:
    https = f"https://{match['host']}/{match['path'].removesuffix('.git')}"
    return InvalidResource(
        f"Addresses for ssh are not supported. Use {https}, with a token if it is private."
    )


def _is_ip(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return "%" not in host  # the zone of a link-local address


def _is_public(host: str) -> bool:
    """Tell public hosts by their spelling alone; names are looked up only when they are used."""
    if _is_ip(host):
        return ip_address(host).is_global
    return "." in host and not host.endswith((".localhost", ".local", ".internal", ".lan", ".home.arpa"))
