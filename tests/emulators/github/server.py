"""The HTTP side: routing, authentication, limits, ETags, pagination, faults and `git push`."""

import hashlib
import json
import os
import re
import subprocess
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, parse_qsl, unquote, urlencode, urlsplit

from tests.emulators.github import payloads
from tests.emulators.github.faults import Fault
from tests.emulators.github.git import ENVIRONMENT, Missing
from tests.emulators.github.store import Repository, Store, Token, now
from tests.emulators.github.webhooks import Webhooks

API = "/api/v3"
LIMIT = 5_000  # requests an hour


@dataclass
class Request:
    """What a route is given."""

    github: "GitHub"
    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes
    token: Token | None = None

    @property
    def root(self) -> str:
        return self.github.root

    def json(self) -> dict[str, Any]:
        """Return the body as JSON."""
        values: dict[str, Any] = json.loads(self.body or b"{}")
        return values

    def form(self) -> dict[str, str]:
        """Return the body as a form."""
        return dict(parse_qsl(self.body.decode(), keep_blank_values=True))


@dataclass
class Answer:
    """What a route gives: JSON, or bytes of a type."""

    payload: Any = None
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes | None = None
    content_type: str = "application/json; charset=utf-8"


class Refused(Exception):
    """An error as GitHub answers it."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status, self.message = status, message


Route = Callable[..., Answer]
ROUTES: list[tuple[str, re.Pattern[str], Route]] = []


def route(method: str, pattern: str) -> Callable[[Route], Route]:
    """Answer requests of this method whose path is `pattern`, `{name}` standing for a part, `{name*}` for many."""
    expression = re.sub(r"\{(\w+)\*\}", r"(?P<\1>.+)", pattern)
    expression = re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", expression)

    def register(function: Route) -> Route:
        ROUTES.append((method, re.compile(expression), function))
        return function

    return register


def page(request: Request, rows: list[Any], wrap: str = "") -> Answer:
    """Answer one page of rows, with links to the others."""
    size = max(1, min(int(request.query.get("per_page") or 30), 100))
    number = max(1, int(request.query.get("page") or 1))
    shown = rows[(number - 1) * size : number * size]
    last = max(1, -(-len(rows) // size))
    links = []
    for relation, target in (("prev", number - 1), ("next", number + 1), ("last", last), ("first", 1)):
        if 1 <= target <= last and target != number:
            query = urlencode(request.query | {"page": target})
            links.append(f'<{request.root}{request.path}?{query}>; rel="{relation}"')
    headers = {"Link": ", ".join(links)} if links else {}
    payload: Any = {"total_count": len(rows), wrap: shown} if wrap else shown
    return Answer(payload, headers=headers)


class GitHub(ThreadingHTTPServer):
    """An emulated GitHub that listens on loopback until it is closed."""

    daemon_threads = True
    request_queue_size = 64

    def __init__(self, folder: Path, port: int = 0) -> None:
        from tests.emulators.github import api, asked, pages  # noqa: F401  they register their routes

        super().__init__(("127.0.0.1", port), Handler)
        self.store = Store(folder)
        self.webhooks = Webhooks(self.store)
        self.faults: list[Fault] = []
        self.calls: list[str] = []  # of the API, as "GET /path"
        self.answers: list[tuple[str, int, Any]] = []
        self.remaining = LIMIT
        self.login = "octocat"  # who is logged in in the browser
        Thread(target=self.serve_forever, args=(0.02,), daemon=True).start()

    @property
    def root(self) -> str:
        """The address of the pages."""
        return f"http://127.0.0.1:{self.server_address[1]}"

    @property
    def api_url(self) -> str:
        """The address of the REST API."""
        return self.root + API

    def close(self) -> None:
        """Stop listening and sending."""
        self.webhooks.close()
        self.shutdown()
        self.server_close()

    def fault(self, pattern: str, status: int = 0, **values: Any) -> Fault:
        """Switch a fault on."""
        fault = Fault(pattern, status, **values)
        self.faults.append(fault)
        return fault

    def pushed(self, repository: Repository, before: dict[str, str], after: dict[str, str]) -> None:
        """Tell the App about every reference that moved."""
        repository.pushed_at = now()
        for ref in sorted({*before, *after}):
            old, new = before.get(ref, "0" * 40), after.get(ref, "0" * 40)
            if old != new and ref.startswith(("refs/heads/", "refs/tags/")):
                self.webhooks.send("push", payloads.push(repository, ref, old, new, self.root), repository)


class Handler(BaseHTTPRequestHandler):
    server: GitHub
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self._serve()

    def do_POST(self) -> None:
        self._serve()

    def do_DELETE(self) -> None:
        self._serve()

    def log_request(self, code: object = "-", size: object = "-") -> None:
        """Keep quiet."""

    def _serve(self) -> None:
        parts = urlsplit(self.path)
        body = self._body()
        query = {name: values[-1] for name, values in parse_qs(parts.query, keep_blank_values=True).items()}
        headers = {name.lower(): value for name, value in self.headers.items()}
        request = Request(self.server, self.command, unquote(parts.path), query, headers, body)
        with suppress(BrokenPipeError, ConnectionResetError):
            if re.fullmatch(r"/[^/]+/[^/]+\.git/.+", parts.path):
                self._git(request, parts.query)
            else:
                self._send(*self._answer(request))

    def _body(self) -> bytes:
        if self.headers.get("Transfer-Encoding") == "chunked":
            pieces = []
            while size := int(self.rfile.readline(), 16):
                pieces.append(self.rfile.read(size))
                self.rfile.readline()
            self.rfile.readline()
            return b"".join(pieces)
        return self.rfile.read(int(self.headers.get("Content-Length") or 0))

    def _answer(self, request: Request) -> tuple[Answer, Fault | None]:
        github = self.server
        is_api, call = request.path.startswith(API + "/"), ""
        if is_api:
            call = f"{request.method} {request.path.removeprefix(API)}"
            github.calls.append(call)
            github.remaining -= 1
        with github.store.lock:
            fault = next((f for f in github.faults if f.strikes(request.method, request.path)), None)
        if fault is not None and fault.delay:
            time.sleep(fault.delay)
        if fault is not None and fault.status:
            answer = Answer(payloads.error(fault.message), fault.status, dict(fault.headers))
        else:
            answer = self._routed(request, API if is_api else "")
            if fault is not None and fault.change is not None:
                answer.payload = fault.change(answer.payload)
        if is_api:
            self._add_headers(request, answer)
            if fault is None:
                github.answers.append((call, answer.status, answer.payload))
        return answer, fault

    def _routed(self, request: Request, prefix: str) -> Answer:
        path = request.path
        try:
            request.token = self._token(request.headers.get("authorization", ""))
            for method, pattern, function in ROUTES:
                if method == request.method and (match := pattern.fullmatch(path)):
                    with self.server.store.lock:
                        return function(request, **match.groupdict())
        except Refused as refused:
            return Answer(payloads.error(refused.message), refused.status)
        except Missing:
            return Answer(payloads.error("Not Found"), 404)
        return Answer(payloads.error("Not Found"), 404) if prefix else Answer(None, 404, body=b"Not Found")

    def _token(self, authorization: str) -> Token | None:
        scheme, _, value = authorization.partition(" ")
        if scheme.lower() not in ("bearer", "token") or (
            value.count(".") == 2 and not value.startswith("ghs_")
        ):
            return None  # nobody, or the App's own JWT, which its routes read
        token = self.server.store.tokens.get(value)
        if token is None or token.expires < time.time():
            raise Refused(401, "Bad credentials")
        if token.installation:
            installation = self.server.store.installations.get(token.installation)
            if installation is None:
                raise Refused(401, "Bad credentials")
            if installation.suspended_at:
                raise Refused(403, "This installation has been suspended")
        return token

    def _add_headers(self, request: Request, answer: Answer) -> None:
        reset = str(int(time.time()) + 3_600)
        limits = {
            "Limit": LIMIT,
            "Remaining": self.server.remaining,
            "Used": LIMIT - self.server.remaining,
            "Reset": reset,
        }
        for name, value in limits.items():
            answer.headers.setdefault(f"X-RateLimit-{name}", str(value))
        answer.headers.setdefault("X-RateLimit-Resource", "core")
        answer.headers["X-GitHub-Api-Version-Selected"] = request.headers.get(
            "x-github-api-version", "2022-11-28"
        )
        if answer.status == 200 and answer.body is None:
            etag = f'W/"{hashlib.sha256(json.dumps(answer.payload).encode()).hexdigest()}"'
            answer.headers["ETag"] = etag
            if request.headers.get("if-none-match") == etag:
                answer.status, answer.payload, answer.body = 304, None, b""

    def _send(self, answer: Answer, fault: Fault | None) -> None:
        body = answer.body if answer.body is not None else json.dumps(answer.payload).encode()
        self.send_response(answer.status)
        self.send_header("Content-Type", answer.content_type)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        if fault is not None and fault.cut is not None:
            self.send_header("Connection", "close")
            self.end_headers()
            self.wfile.write(body[: fault.cut])
            self.close_connection = True
            return
        self.end_headers()
        if fault is not None and fault.stall:
            self.wfile.write(body[: len(body) // 2])
            self.wfile.flush()
            time.sleep(fault.stall)
            body = body[len(body) // 2 :]
        self.wfile.write(body)

    def _git(self, request: Request, query: str) -> None:
        """Serve clones and pushes; a push that moved references is told to the App."""
        owner, name = request.path.split("/")[1:3]
        repository = self.server.store.named(f"{owner}/{name.removesuffix('.git')}")
        if repository is None:
            self._send(Answer(None, 404, body=b"Not Found"), None)
            return
        environment = ENVIRONMENT | {
            "GIT_PROJECT_ROOT": str(self.server.store.root), "GIT_HTTP_EXPORT_ALL": "1", "PATH_INFO": request.path,
            "REQUEST_METHOD": request.method, "QUERY_STRING": query, "REMOTE_ADDR": "127.0.0.1", "REMOTE_USER": owner,
            "CONTENT_TYPE": request.headers.get("content-type", ""), "CONTENT_LENGTH": str(len(request.body)),
            "HTTP_CONTENT_ENCODING": request.headers.get("content-encoding", ""),
            "GIT_PROTOCOL": request.headers.get("git-protocol", ""), "PATH": os.environ["PATH"],
            "GIT_CONFIG_COUNT": "1", "GIT_CONFIG_KEY_0": "safe.directory", "GIT_CONFIG_VALUE_0": "*",
        }  # fmt: skip
        receives = request.path.endswith("/git-receive-pack")
        before = repository.git.refs() if receives else {}
        done = subprocess.run(
            ["git", "http-backend"], input=request.body, capture_output=True, env=environment, check=False
        )
        if receives:
            self.server.pushed(repository, before, repository.git.refs())
        head, _, content = done.stdout.partition(b"\r\n\r\n")
        headers = dict(line.split(": ", 1) for line in head.decode().splitlines())
        status = int(headers.pop("Status", "200 OK").split()[0])
        kind = headers.pop("Content-Type", "text/plain")
        self._send(Answer(None, status, headers, content, kind), None)
