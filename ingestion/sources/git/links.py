"""Pages of files at the places that host repositories."""

import re
from urllib.parse import quote, urlsplit

REMOTES = (
    re.compile(r"https://(?:[^@/]*@)?(?P<host>[^/:@]+)(?::\d+)?/(?P<path>.+)"),
    re.compile(r"ssh://(?:[^@/]*@)?(?P<host>[^/:@]+)(?::\d+)?/(?P<path>.+)"),
    re.compile(r"(?:[^@/:\s]+@)(?P<host>[^/:@\s]+):(?P<path>[^/].*)"),
)
FILES = {
    "github": "{root}/blob/{revision}/{path}",
    "gitlab": "{root}/-/blob/{revision}/{path}",
    "bitbucket": "{root}/src/{revision}/{path}",
    "forgejo": "{root}/src/commit/{revision}/{path}",
}
LINES = {
    "github": ("#L{first}", "#L{first}-L{last}"),
    "gitlab": ("#L{first}", "#L{first}-{last}"),
    "bitbucket": ("#lines-{first}", "#lines-{first}:{last}"),
    "forgejo": ("#L{first}", "#L{first}-L{last}"),
}
RENDERED = (".md", ".markdown", ".rst", ".adoc", ".ipynb", ".mdx", ".org", ".textile")


def file_url(remote: str, revision: str, key: str) -> str:
    """Return the page of a file at a revision; an empty string for a host whose pages we do not know."""
    for pattern in REMOTES:
        if match := pattern.fullmatch(remote):
            break
    else:
        return ""
    style = _style(match["host"])
    path = match["path"].rstrip("/").removesuffix(".git")
    root = f"https://{match['host']}/{quote(path, safe='/%')}"
    return FILES[style].format(root=root, revision=revision, path=quote(key)) if style else ""


def line_url(url: str, first_line: int, last_line: int) -> str:
    """Mark lines on a file's page; pages that show a text set are asked for its source."""
    parts = urlsplit(url)
    style = _style(parts.hostname or "")
    if not style:
        return url
    if style in ("github", "gitlab", "forgejo") and parts.path.lower().endswith(RENDERED):
        url += "?display=source" if style == "forgejo" else "?plain=1"
    one, many = LINES[style]
    return url + (one if last_line <= first_line else many).format(first=first_line, last=last_line)


def _style(host: str) -> str:
    """Tell by its name what a host runs: companies call theirs github.example.com."""
    if host == "codeberg.org" or "gitea" in host or "forgejo" in host:
        return "forgejo"
    return next((style for style in ("github", "gitlab", "bitbucket") if style in host), "")
