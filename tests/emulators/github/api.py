"""The REST API: the App and its installations, repositories and their git data."""

import base64
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt

from tests.emulators.github import payloads
from tests.emulators.github.git import EMPTY_TREE, Missing
from tests.emulators.github.server import API, Answer, Refused, Request, Route, page, route
from tests.emulators.github.store import App, Installation, Repository, Token

ENTRIES = 100_000  # of a tree before it is cut


def app_of(request: Request) -> App:
    """Return the App whose JWT signs the request."""
    encoded = request.headers.get("authorization", "").partition(" ")[2]
    for app in request.github.store.apps.values():
        try:
            claims = jwt.decode(encoded, app.public_key, algorithms=["RS256"], options={"verify_iat": False})
        except jwt.InvalidTokenError:
            continue
        if str(claims["iss"]) in (str(app.id), app.client_id) and claims["exp"] - time.time() <= 610:
            return app
    raise Refused(401, "A JSON web token could not be decoded")


def bearer(request: Request) -> Token:
    """Return the token of the request."""
    if request.token is None:
        raise Refused(401, "Requires authentication")
    return request.token


def repository_of(request: Request, owner: str = "", name: str = "", number: str = "") -> Repository:
    """Return the repository that a path names, if the token may see it."""
    store = request.github.store
    visible = store.visible(bearer(request))
    for repository in visible:
        if str(repository.id) == number or repository.full_name.lower() == f"{owner}/{name}".lower():
            return repository
    raise Refused(404, "Not Found")


def expand(request: Request, values: dict[str, str]) -> tuple[Repository, dict[str, str]]:
    """Return the repository of a path, and the other parts of it."""
    rest = {name: value for name, value in values.items() if name not in ("owner", "name", "number_")}
    return repository_of(
        request, values.get("owner", ""), values.get("name", ""), values.get("number_", "")
    ), rest


def repository_route(method: str, pattern: str) -> Callable[[Route], Route]:
    """Register a route under both addresses of a repository: its name, and its number."""

    def register(function: Route) -> Route:
        def answer(request: Request, **values: str) -> Answer:
            moved = request.github.store.moved.get(f"{values.get('owner')}/{values.get('name')}")
            if moved is not None:
                rest = request.path.split("/", 6)[6:]
                target = f"{request.github.api_url}/repositories/{moved}" + "".join(
                    f"/{part}" for part in rest
                )
                return Answer({"message": "Moved Permanently", "url": target}, 301, {"Location": target})
            repository, rest_values = expand(request, values)
            return function(request, repository, **rest_values)

        route(method, API + "/repos/{owner}/{name}" + pattern)(answer)
        route(method, API + "/repositories/{number_}" + pattern)(answer)
        return function

    return register


@route("POST", API + "/app-manifests/{code}/conversions")
def convert_manifest(request: Request, code: str) -> Answer:
    """Exchange the code of a manifest, once, for the App with its secrets."""
    app = request.github.store.manifests.pop(code, None)
    if app is None:
        raise Refused(404, "Not Found")
    values: App = app["app"]
    secret = {name: getattr(values, name) for name in ("client_id", "client_secret", "webhook_secret", "pem")}
    return Answer(payloads.app(values, request.root) | secret, 201)


@route("GET", API + "/app")
def show_app(request: Request) -> Answer:
    """Return the App."""
    return Answer(payloads.app(app_of(request), request.root))


@route("GET", API + "/app/installations/{installation_id}")
def show_installation(request: Request, installation_id: str) -> Answer:
    """Return an installation of the App."""
    app = app_of(request)
    return Answer(payloads.installation(_installation(request, installation_id), app, request.root))


@route("POST", API + "/app/installations/{installation_id}/access_tokens")
def make_token(request: Request, installation_id: str) -> Answer:
    """Make an installation token, for some repositories if asked for."""
    app_of(request)
    installation = _installation(request, installation_id)
    if installation.suspended_at:
        raise Refused(403, "This installation has been suspended")
    wanted = request.json()
    ids = {int(value) for value in wanted.get("repository_ids") or []} or None
    permissions = wanted.get("permissions") or installation.permissions
    if ids is not None and not ids <= {r.id for r in request.github.store.visible(_anonymous(installation))}:
        raise Refused(
            422,
            "There is at least one repository that does not exist or is not accessible to the parent installation.",
        )
    lacking = [name for name in permissions if name not in installation.permissions]
    if lacking:
        raise Refused(422, "The permissions requested are not granted to this installation.")
    token = request.github.store.make_token(
        installation=installation.id, repositories=ids, permissions=permissions
    )
    body: dict[str, Any] = {
        "token": token.value, "expires_at": request.github.store.expires_at(token), "permissions": permissions,
        "repository_selection": "selected" if ids else installation.selection,
    }  # fmt: skip
    return Answer(body, 201)


def _anonymous(installation: Installation) -> Token:
    return Token("", 0, installation=installation.id)


def _installation(request: Request, installation_id: str) -> Installation:
    try:
        return request.github.store.installations[int(installation_id)]
    except (KeyError, ValueError):
        raise Refused(404, "Not Found") from None


@route("GET", API + "/installation/repositories")
def installation_repositories(request: Request) -> Answer:
    """List what an installation token may read."""
    token = bearer(request)
    if not token.installation:
        raise Refused(403, "You must authenticate with an installation access token")
    rows = [payloads.minimal(r, request.root) for r in request.github.store.visible(token)]
    answer = page(request, rows, "repositories")
    answer.payload["repository_selection"] = "selected"
    return answer


@route("GET", API + "/user")
def me(request: Request) -> Answer:
    """Return the person whose token it is."""
    token = bearer(request)
    if not token.login:
        raise Refused(403, "Resource not accessible by integration")
    account = request.github.store.account(token.login)
    counts = dict.fromkeys(("public_repos", "public_gists", "followers", "following"), 0)
    profile = dict.fromkeys(("name", "company", "location", "email", "hireable", "bio"))
    times = {"created_at": "2020-01-01T00:00:00Z", "updated_at": "2020-01-01T00:00:00Z", "blog": None}
    return Answer(payloads.user(account, request.root) | counts | profile | times)


@route("GET", API + "/user/emails")
def emails(request: Request) -> Answer:
    """List the addresses of the person, confirmed there."""
    token = bearer(request)
    return Answer(
        [{"email": f"{token.login}@acme.example", "primary": True, "verified": True, "visibility": "public"}]
    )


@route("GET", API + "/user/repos")
def my_repositories(request: Request) -> Answer:
    """List what a personal token may read."""
    return page(
        request, [payloads.minimal(r, request.root) for r in request.github.store.visible(bearer(request))]
    )


@route("GET", API + "/user/installations")
def my_installations(request: Request) -> Answer:
    """List the installations that a person may read something of."""
    store, login = request.github.store, bearer(request).login
    app = next(iter(store.apps.values()))
    rows = [
        payloads.installation(i, app, request.root)
        for i in store.installations.values()
        if store.administers(login, i.account) or _mine(request, i)
    ]
    return page(request, rows, "installations")


@route("GET", API + "/user/installations/{installation_id}/repositories")
def my_repositories_of_installation(request: Request, installation_id: str) -> Answer:
    """List what a person may read of an installation, and what they may do there."""
    store, login = request.github.store, bearer(request).login
    rows = [
        payloads.minimal(r, request.root)
        | {"permissions": {"admin": store.administers(login, r.owner), "push": False, "pull": True}}
        for r in _mine(request, _installation(request, installation_id))
    ]
    return page(request, rows, "repositories")


def _mine(request: Request, installation: Installation) -> list[Repository]:
    store = request.github.store
    mine = {r.id for r in store.visible(bearer(request))}
    return [r for r in store.visible(_anonymous(installation)) if r.id in mine]


@repository_route("GET", "")
def show_repository(request: Request, repository: Repository) -> Answer:
    """Return a repository."""
    return Answer(payloads.full(repository, request.root))


def _not_empty(repository: Repository) -> None:
    if not any(ref.startswith("refs/heads/") for ref in repository.git.refs()):
        raise Refused(409, "Git Repository is empty.")


@repository_route("GET", "/git/ref/{ref*}")
def show_reference(request: Request, repository: Repository, ref: str) -> Answer:
    """Return a reference."""
    _not_empty(repository)
    sha = repository.git.refs().get(f"refs/{ref}")
    if sha is None:
        raise Refused(404, "Not Found")
    api = f"{request.github.api_url}/repos/{repository.full_name}/git"
    target = {"type": "commit", "sha": sha, "url": f"{api}/commits/{sha}"}
    return Answer(
        {
            "ref": f"refs/{ref}",
            "node_id": payloads.node("REF", 1),
            "url": f"{api}/refs/{ref}",
            "object": target,
        }
    )


@repository_route("GET", "/git/trees/{tree*}")
def show_tree(request: Request, repository: Repository, tree: str) -> Answer:
    """Return a tree; `recursive` with any value is all of it."""
    try:
        sha, entries = repository.git.tree(tree, "recursive" in request.query)
    except Missing:
        _not_empty(repository)
        raise
    api = f"{request.github.api_url}/repos/{repository.full_name}/git"
    for entry in entries:
        if entry["type"] != "commit":
            entry["url"] = f"{api}/{entry['type']}s/{entry['sha']}"
    body = {
        "sha": sha,
        "url": f"{api}/trees/{sha}",
        "tree": entries[:ENTRIES],
        "truncated": len(entries) > ENTRIES,
    }
    return Answer(body)


@repository_route("GET", "/git/blobs/{sha}")
def show_blob(request: Request, repository: Repository, sha: str) -> Answer:
    """Return a blob in base64, in lines."""
    data = repository.git.blob(sha)
    body = {
        "sha": sha, "node_id": payloads.node("B", 1), "size": len(data), "encoding": "base64",
        "url": f"{request.github.api_url}/repos/{repository.full_name}/git/blobs/{sha}",
        "content": base64.encodebytes(data).decode(),
    }  # fmt: skip
    return Answer(body)


@repository_route("GET", "/tarball/{ref*}")
def tarball(request: Request, repository: Repository, ref: str) -> Answer:
    """Send the reader to where the archive is."""
    _not_empty(repository)
    sha = repository.git.resolve(ref)
    return Answer(None, 302, {"Location": f"{request.root}/codeload/{repository.id}/{sha}.tar.gz"}, b"")


@route("GET", "/codeload/{number}/{sha}.tar.gz")
def codeload(request: Request, number: str, sha: str) -> Answer:
    """Return an archive, as git makes it: without what `export-ignore` leaves out."""
    repository = request.github.store.repositories[int(number)]
    prefix = f"{repository.full_name.replace('/', '-')}-{sha[:7]}/"
    body = repository.git.run("archive", "--format=tar.gz", f"--prefix={prefix}", sha)
    return Answer(None, 200, {"Content-Disposition": "attachment"}, body, "application/x-gzip")


@repository_route("GET", "/compare/{span*}")
def compare(request: Request, repository: Repository, span: str) -> Answer:
    """Compare two commits, as seen from where they parted."""
    _not_empty(repository)
    base, head = (repository.git.resolve(name) for name in span.split("..."))
    common = repository.git.text("merge-base", base, head)
    ahead = repository.git.commits(f"{base}..{head}", "--max-count=250", "--reverse")
    behind = int(repository.git.text("rev-list", "--count", f"{head}..{base}"))
    status = "diverged" if ahead and behind else "ahead" if ahead else "behind" if behind else "identical"
    values = {
        sha: payloads.commit(repository, repository.git.commits(sha, "--max-count=1")[0], request.root)
        for sha in (base, common)
    }
    html = f"{request.root}/{repository.full_name}/compare/{span}"
    body = {
        "url": f"{request.github.api_url}/repos/{repository.full_name}/compare/{span}", "html_url": html,
        "permalink_url": html, "diff_url": f"{html}.diff", "patch_url": f"{html}.patch", "base_commit": values[base],
        "merge_base_commit": values[common], "status": status, "ahead_by": len(ahead), "behind_by": behind,
        "total_commits": len(ahead), "commits": [payloads.commit(repository, c, request.root) for c in ahead],
        "files": [payloads.changed_file(repository, f, head, request.root) for f in repository.git.files(common, head)[:300]],
    }  # fmt: skip
    return Answer(body)


@repository_route("GET", "/commits")
def list_commits(request: Request, repository: Repository) -> Answer:
    """List commits, newest first."""
    _not_empty(repository)
    options = [request.query.get("sha") or repository.default_branch]
    if since := request.query.get("since"):
        options.append(f"--since={since}")
    return page(
        request, [payloads.commit(repository, c, request.root) for c in repository.git.commits(*options)]
    )


@repository_route("GET", "/commits/{sha}")
def show_commit(request: Request, repository: Repository, sha: str) -> Answer:
    """Return a commit with its files."""
    _not_empty(repository)
    values = repository.git.commits(repository.git.resolve(sha), "--max-count=1")[0]
    base = values["parents"][0] if values["parents"] else EMPTY_TREE
    files = [
        payloads.changed_file(repository, f, values["sha"], request.root)
        for f in repository.git.files(base, values["sha"])
    ]
    stats = {"additions": sum(f["additions"] for f in files), "deletions": sum(f["deletions"] for f in files)}
    body = payloads.commit(repository, values, request.root)
    return Answer(body | {"stats": stats | {"total": sum(stats.values())}, "files": files[:300]})


@route("GET", API + "/rate_limit")
def rate_limit(request: Request) -> Answer:
    """Return the limits."""
    reset = int((datetime.now(UTC) + timedelta(hours=1)).timestamp())
    rate = {
        "limit": 5_000,
        "remaining": request.github.remaining,
        "used": 5_000 - request.github.remaining,
        "reset": reset,
    }
    return Answer({"resources": {"core": rate, "search": rate}, "rate": rate})
