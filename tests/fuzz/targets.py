"""What is fuzzed: each takes bytes, and raises for what must not be."""

import hashlib
import hmac
from collections.abc import Callable

from ingestion.pipeline.chunk import chunk
from ingestion.pipeline.chunking.tokens import estimate_tokens
from ingestion.pipeline.decode import inspect
from ingestion.pipeline.lexemes import to_tsvector
from ingestion.pipeline.select import Config, ConfigError, Problem, Selector, parse_config
from ingestion.sources.base import VerifiedDelivery
from ingestion.sources.errors import BadDelivery, BadSignature
from ingestion.sources.github import inbox
from lightfast.lib.errors import UserError
from search.coloring import colored
from search.modes import Mode
from search.query import parse
from search.reading import rendered

PATHS = [
    f"a.{suffix}"
    for suffix in ("py", "js", "ts", "tsx", "go", "java", "c", "cpp", "cs", "rb", "rs", "php", "md", "txt")
]
NAMES = ["src/a.py", "a/b/c/d.md", "é/\u202e.txt", "-", "a" * 300, "node_modules/x.js", ".env", "a\nb"]
SECRET = "secret"


def chunker(data: bytes) -> None:
    """Any text in any language is cut into pieces that are exactly it, none too large."""
    text = data[2:].decode(errors="replace")
    path, budget = PATHS[data[0] % len(PATHS)] if data else "a", 8 + (data[1] if len(data) > 1 else 0)
    pieces = chunk(text, path, max_tokens=budget)
    assert "".join(piece.text for piece in pieces) == text
    assert all(estimate_tokens(piece.text) <= budget for piece in pieces)
    for piece in pieces[:20]:
        to_tsvector(piece.text, path=path, heading=piece.heading)


def config(data: bytes) -> None:
    """Any bytes are a configuration that selects, or problems with a line and what to do."""
    problems: list[Problem] = []
    try:
        found = parse_config(data, "lightfast.yml")
    except ConfigError as error:
        problems, found = error.problems, Config("lightfast.yml")
        assert problems, "nothing is said"
    assert all(problem.line >= 1 and problem.message for problem in problems)
    selector = Selector(found)
    for name in NAMES:
        selector.decide(name, 10)


def query(data: bytes) -> None:
    """Anything that is typed is a query, or is refused with words."""
    typed = data[1:].decode(errors="replace")
    try:
        parse(typed, mode=list(Mode)[data[0] % len(Mode)] if data else Mode.HYBRID)
    except UserError:
        pass


def signature(data: bytes) -> None:
    """No headers and no body pass without the secret, and with it they are read or refused."""
    head, _, body = data.partition(b"\n\n")
    headers = {}
    for line in head.decode("latin-1").split("\n"):
        name, _, value = line.partition(":")
        headers[name.strip().lower()] = value.strip()
    right = "sha256=" + hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()
    try:
        inbox.verify(headers, body, SECRET)
        assert headers["x-hub-signature-256"] == right
    except (BadSignature, BadDelivery):
        pass
    try:
        delivery = inbox.verify({**headers, "x-hub-signature-256": right}, body, SECRET)
    except BadDelivery:
        return
    assert isinstance(delivery, VerifiedDelivery)
    assert inbox.consequence(delivery).outcome


def decoding(data: bytes) -> None:
    """Any bytes are text that a database takes, or left out for a reason."""
    text, reason = inspect(data)
    assert (text is None) != (reason is None)
    assert text is None or ("\0" not in text and text.encode())


def reading(data: bytes) -> None:
    """Any text in Markdown, or as code in color, becomes HTML in which nothing acts."""
    text = data.decode(errors="replace")
    html = rendered(text)
    for sign in ("<script", "<iframe", "<img", " onerror=", " onload=", "javascript:"):
        tags = [part.partition(">")[0] for part in html.split("<")[1:]]
        assert not any(sign.lstrip("< ") in tag.split('"')[0].split() for tag in tags), sign
    assert len(colored(text, "python")) == text.count("\n") + 1


Harness = Callable[[bytes], None]
TARGETS: dict[str, Harness] = {
    target.__name__: target for target in (chunker, config, query, signature, decoding, reading)
}
# Where each begins: something that goes far.
SEEDS: dict[str, list[bytes]] = {
    "chunker": [
        bytes([n, 40]) + b"def f():\n    pass\n\nclass A { int b() { return 1; } }\n" for n in range(14)
    ],
    "config": [
        b"version: 1\nstore: code\ninclude:\n  - src/\n  - '*.md'\nexclude: [tests/, '!a/**/b', '[a-c]?']\n"
    ],
    "query": [b'\0repo:shop lang:go -path:vendor/ "a b" kind:issue after:2026-01-31 before:7d state:open x'],
    "signature": [
        (
            b"x-github-event: push\nx-github-delivery: 1\ncontent-type: application/json\nx-hub-signature-256: x\n\n"
            b'{"ref": "refs/heads/main", "repository": {"id": 1, "default_branch": "main"}, "installation": {"id": 2}}'
        ),
        (
            b"x-github-event: installation\nx-github-delivery: 1\ncontent-type: application/x-www-form-urlencoded\n\n"
            b"payload=%7B%22action%22%3A%22deleted%22%2C%22installation%22%3A%7B%22id%22%3A1%7D%7D"
        ),
    ],
    "decoding": [b"text\n", b"\xff\xfea\0b\0", b"\xef\xbb\xbfa", "é".encode("latin-1") * 9],
    "reading": [
        b"# a\n\n[b](http://c) ![d](e) <i>f</i> `g` **h**\n\n|i|j|\n|-|-|\n|k|l|\n\n```py\ndef f(): pass\n```\n> m\n"
    ],
}
