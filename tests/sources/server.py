"""A real git server on loopback: `git http-backend` behind the standard library's HTTP server."""

import os
import subprocess
from base64 import b64encode
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from urllib.parse import unquote, urlsplit


class GitServer(ThreadingHTTPServer):
    """Serves the bare repositories and checkouts under `root`; behaves badly on demand."""

    daemon_threads = True

    def __init__(self, root: Path) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.root = root
        self.credentials = ""  # `user:token` that every request has to bring
        self.status = 0  # answered instead of serving, if set
        self.redirects: dict[str, str] = {}  # first part of a path to where it has moved
        self.requests: list[str] = []
        self.hosts: set[str] = set()
        Thread(target=self.serve_forever, args=(0.02,), daemon=True).start()

    @property
    def port(self) -> int:
        return int(self.server_address[1])

    def url(self, name: str, host: str = "127.0.0.1") -> str:
        return f"http://{host}:{self.port}/{name}"


class Handler(BaseHTTPRequestHandler):
    server: GitServer

    def do_GET(self) -> None:
        self._answer()

    def do_POST(self) -> None:
        self._answer()

    def log_request(self, code: object = "-", size: object = "-") -> None:
        """Keep quiet."""

    def _answer(self) -> None:
        self.server.requests.append(self.path)
        self.server.hosts.add(self.headers["Host"])
        parts = urlsplit(self.path)
        first = parts.path.split("/")[1]
        expected = f"Basic {b64encode(self.server.credentials.encode()).decode()}"
        if self.server.status:
            self._plain(self.server.status)
        elif self.server.credentials and self.headers["Authorization"] != expected:
            self._plain(401, ("WWW-Authenticate", 'Basic realm="git"'))
        elif first in self.server.redirects:
            self._plain(301, ("Location", self.path.replace(first, self.server.redirects[first], 1)))
        else:
            self._serve(parts.path, parts.query)

    def _plain(self, status: int, *headers: tuple[str, str]) -> None:
        self.send_response(status)
        for name, value in (*headers, ("Content-Length", "0")):
            self.send_header(name, value)
        self.end_headers()

    def _serve(self, path: str, query: str) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        environment = {
            "PATH": os.environ["PATH"],
            "HOME": os.devnull,
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_PROJECT_ROOT": str(self.server.root),
            "GIT_HTTP_EXPORT_ALL": "1",
            "REQUEST_METHOD": self.command,
            "PATH_INFO": unquote(path),
            "QUERY_STRING": query,
            "CONTENT_TYPE": self.headers.get("Content-Type", ""),
            "CONTENT_LENGTH": str(len(body)),
            "HTTP_CONTENT_ENCODING": self.headers.get("Content-Encoding", ""),
            "GIT_PROTOCOL": self.headers.get("Git-Protocol", ""),
            "REMOTE_ADDR": "127.0.0.1",
        }
        done = subprocess.run(["git", "http-backend"], input=body, capture_output=True, env=environment)
        head, _, content = done.stdout.partition(b"\r\n\r\n")
        headers = dict(line.split(": ", 1) for line in head.decode().splitlines())
        self.send_response(int(headers.pop("Status", "200 OK").split()[0]))
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)
