"""An identity provider on loopback that speaks OpenID Connect: it knows one person, and checks what it is sent."""

import base64
import hashlib
import json
import secrets
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa

CLIENT_ID, CLIENT_SECRET = "lightfast", "oidc-s3cret-of-the-client"


class Provider(ThreadingHTTPServer):
    """Listens until it is shut down; `person` is who has logged in there."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self.person: dict[str, Any] = {}
        self.codes: dict[str, dict[str, str]] = {}
        self.tokens: set[str] = set()
        Thread(target=self.serve_forever, args=(0.02,), daemon=True).start()

    @property
    def url(self) -> str:
        """The address of the issuer."""
        return f"http://127.0.0.1:{self.server_address[1]}"

    def claims(self, asked: dict[str, str]) -> dict[str, Any]:
        """Return what is said of the person."""
        now = int(time.time())
        about = {"iss": self.url, "aud": CLIENT_ID, "iat": now, "exp": now + 300, **self.person}
        return about | ({"nonce": asked["nonce"]} if "nonce" in asked else {})


class Handler(BaseHTTPRequestHandler):
    server: Provider

    def do_GET(self) -> None:
        """Answer what people's browsers and the client ask."""
        parts = urlsplit(self.path)
        query, url = dict(parse_qsl(parts.query)), self.server.url
        match parts.path:
            case "/.well-known/openid-configuration":
                names = ("authorization", "token", "userinfo")
                endpoints = {f"{name}_endpoint": f"{url}/{name}" for name in names}
                self._json({"issuer": url, "jwks_uri": f"{url}/keys", **endpoints})
            case "/keys":
                public = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(self.server.key.public_key()))
                self._json({"keys": [{**public, "kid": "1", "use": "sig", "alg": "RS256"}]})
            case "/authorization" if query.get("client_id") == CLIENT_ID:
                code = secrets.token_hex(8)
                self.server.codes[code] = query
                self.send_response(302)
                back = urlencode({"code": code, "state": query["state"]})
                self.send_header("Location", f"{query['redirect_uri']}?{back}")
                self.end_headers()
            case "/userinfo" if self.headers["Authorization"].removeprefix("Bearer ") in self.server.tokens:
                self._json(self.server.claims({}))
            case _:
                self._json({"error": "invalid_request"}, 400)

    def do_POST(self) -> None:
        """Exchange a code for tokens."""
        body = self.rfile.read(int(self.headers["Content-Length"]))
        form = dict(parse_qsl(body.decode()))
        asked = self.server.codes.pop(form.get("code", ""), None)
        given = base64.b64encode(f"{CLIENT_ID}:{CLIENT_SECRET}".encode()).decode()
        known = (
            form.get("client_secret") == CLIENT_SECRET or self.headers["Authorization"] == f"Basic {given}"
        )
        digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).decode().rstrip("=")
        if asked is None or not known or asked.get("code_challenge") != challenge:
            self._json({"error": "invalid_grant"}, 400)
            return
        token = secrets.token_hex(16)
        self.server.tokens.add(token)
        signed = jwt.encode(self.server.claims(asked), self.server.key, "RS256", headers={"kid": "1"})
        self._json({"access_token": token, "token_type": "Bearer", "expires_in": 300, "id_token": signed})

    def log_request(self, code: object = "-", size: object = "-") -> None:
        """Keep quiet."""

    def _json(self, values: object, status: int = 200) -> None:
        body = json.dumps(values).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
