"""Talking to a remote repository."""

import re
from base64 import b64encode
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.request import getproxies, proxy_bypass

from django.template.defaultfilters import filesizeformat

from ingestion.sources.errors import (
    AuthorizationError,
    InvalidResource,
    NotFound,
    SourceError,
    TooLarge,
    Unavailable,
)
from ingestion.sources.git.process import Git, GitFailed
from ingestion.sources.git.resource import FORGES, Address
from lightfast.lib.network import PrivateAddressError, public_addresses, resolve

LIST_SECONDS = 90
FETCH_SECONDS = 3600
STALLED = (("http.lowSpeedLimit", "1000"), ("http.lowSpeedTime", "60"))  # bytes a second, seconds

# The user name that goes with a token, where the provider minds.
USERNAMES = {"bitbucket.org": "x-token-auth", "gitlab.com": "oauth2"}

NO_REPOSITORY = re.compile(r"repository .* not found|returned error: (404|410|451)", re.IGNORECASE)
REFUSED = re.compile(r"Authentication failed|could not read (Username|Password)|returned error: (401|403)")
REDIRECTED = re.compile(r"returned error: 30[12378]|unable to update url base from redirection")
NETWORK = re.compile(
    r"returned error: (408|429|5\d\d)|unable to access|Could not resolve|[Tt]imed out|timed out after|Failed to connect"
    r"|Connection (refused|reset)|Recv failure|Send failure|early EOF|hung up|RPC failed|transfer closed|Empty reply"
    r"|Operation too slow|SSL|GnuTLS|TLS|HTTP/2 stream|remote error|protocol error|not our ref|unadvertised object"
    r"|No space left"
)
TOO_LARGE = re.compile(r"File too large")
NO_SHALLOW = re.compile(r"dumb http transport does not support shallow|does not support shallow")
NOWHERE = Git(Path("/dev/null"))


class Damaged(Exception):
    """Git failed for a reason that is not the remote's: the local copy cannot be used."""


@dataclass(frozen=True, slots=True)
class Remote:
    """A remote repository and how we may read it."""

    address: Address
    token: str = ""
    username: str = ""
    allow_private: bool = False
    most_bytes: int = 0

    def list_refs(self, *patterns: str) -> dict[str, str]:
        """Return object ids by ref name, and the branch that HEAD names under `HEAD->`."""
        output = b""
        for url in self._urls():
            try:
                output = self._connected(NOWHERE).run(
                    "ls-remote", "--symref", "--quiet", "--", url, *patterns, seconds=LIST_SECONDS
                )
                break
            except GitFailed as failure:
                if not REDIRECTED.search(failure.stderr) or url == self._urls()[-1]:
                    raise self._explain(failure) from None
        refs = {}
        for line in output.decode(errors="replace").splitlines():
            left, _, name = line.partition("\t")
            if left.startswith("ref: "):
                refs[f"{name}->"] = left.removeprefix("ref: ").removeprefix("refs/heads/")
            else:
                refs[name] = left
        return refs

    def fetch(self, git: Git, revision: str, ref: str, *, commits: int = 1) -> None:
        """Fetch one commit with all its files and no history, or so many before it, and name it `ref`.

        Raises `TooLarge` for more than `most_bytes`, another `SourceError` for what is the remote's fault, `Damaged`
        for the rest.
        """
        options = ("--quiet", "--no-tags", "--no-write-fetch-head", "--no-auto-gc")
        depth = [f"--depth={commits}"]
        urls = list(self._urls())
        while urls:
            try:
                self._connected(replace(git, most_bytes=self.most_bytes)).run(
                    "fetch", *options, *depth, "--", urls[0], f"+{revision}:{ref}", seconds=FETCH_SECONDS
                )
            except GitFailed as failure:
                if TOO_LARGE.search(failure.stderr):
                    raise TooLarge(
                        f"{self.address} has more than the {filesizeformat(self.most_bytes)} that may be copied of a"
                        " repository. Whoever runs this installation can allow more with GIT_COPY_BYTES."
                    ) from None
                if REDIRECTED.search(failure.stderr) and len(urls) > 1:
                    urls.pop(0)
                elif NO_SHALLOW.search(failure.stderr) and depth:
                    depth = []
                elif any(
                    kind.search(failure.stderr) for kind in (NO_REPOSITORY, REFUSED, REDIRECTED, NETWORK)
                ):
                    raise self._explain(failure) from None
                else:
                    raise Damaged(failure.reason) from failure
            else:
                return

    def _urls(self) -> tuple[str, ...]:
        """Return the addresses to try: some hosts redirect to the one with `.git`, and redirects are not followed."""
        url = str(self.address)
        if self.address.host in FORGES:
            return (f"{url}.git",)
        return (url,) if url.endswith(".git") else (url, f"{url}.git")

    def _connected(self, git: Git) -> Git:
        """Allow git this one host, at addresses that we have checked, which it must not look up again."""
        address = self.address
        ips = self._ip_addresses()
        config = [("http.followRedirects", "false"), *STALLED]
        if ips and ":" not in address.host:
            pinned = ",".join(f"[{ip}]" if ":" in ip else ip for ip in ips)
            config.append(("http.curloptResolve", f"{address.host}:{address.port}:{pinned}"))  # git >= 2.37
        if self.token:
            username = self.username or USERNAMES.get(address.host, "x-access-token")
            credentials = b64encode(f"{username}:{self.token}".encode()).decode()
            config.append((f"http.{address.origin}/.extraHeader", f"Authorization: Basic {credentials}"))
        return replace(git, config=(*git.config, *config), protocols=(address.scheme,))

    def _ip_addresses(self) -> list[str]:
        """Resolve the host; nothing where a proxy has to do it because this machine cannot."""
        scheme, host, port = self.address.scheme, self.address.host, self.address.port
        try:
            return resolve(host, port) if self.allow_private else public_addresses(host, port)
        except PrivateAddressError as error:
            raise InvalidResource(
                f"{error} Whoever runs this installation can allow private hosts with ALLOW_PRIVATE_HOSTS."
            ) from None
        except OSError as error:
            if scheme in getproxies() and not proxy_bypass(host):
                return []
            raise Unavailable(
                f"The host {host} was not found: {error.strerror or error}. Check the address."
            ) from None

    def _explain(self, failure: GitFailed) -> SourceError:
        said = failure.stderr
        if REDIRECTED.search(said):
            return NotFound(f"{self.address} has moved. Open it in a browser and connect its new address.")
        if NO_REPOSITORY.search(said):
            return NotFound(f"There is no repository at {self.address}, or the token may not see it.")
        if REFUSED.search(said):
            if self.token:
                return AuthorizationError(
                    f"{self.address} refuses the token. Make one that can read the repository."
                )
            return AuthorizationError(
                f"{self.address} asks for a login: it is private, or does not exist. Check the address, or add a token."
            )
        if "timed out after" in said:
            return Unavailable(f"{self.address} is too slow: {said}.")
        return Unavailable(f"{self.address} could not be read: {failure.reason}.")
