"""The pages that people see on the way: making the App, installing it, letting it know who they are."""

import html
import json
import secrets
from urllib.parse import parse_qs, urlencode

from tests.emulators.github.apps import install, register
from tests.emulators.github.server import Answer, Refused, Request, route
from tests.emulators.github.store import App, Repository


def _page(title: str, body: str) -> Answer:
    text = f"<!doctype html><html lang=en><title>{title}</title><main style='max-width:40rem;margin:3rem auto;font:16px sans-serif'>"
    text += f"<p>Emulated GitHub</p><h1>{title}</h1>{body}</main></html>"
    return Answer(None, body=text.encode(), content_type="text/html; charset=utf-8")


def _redirect(url: str, **values: str) -> Answer:
    return Answer(None, 302, {"Location": f"{url}{'&' if '?' in url else '?'}{urlencode(values)}"}, b"")


@route("GET", "/")
def home(request: Request) -> Answer:
    """Show what there is, and which webhooks have been sent."""
    github = request.github
    repositories = "".join(
        f"<li>git clone {request.root}/{html.escape(r.full_name)}.git</li>"
        for r in github.store.repositories.values()
    )
    sent = "".join(
        f"<li>{html.escape(webhook.event)} {html.escape(str(webhook.payload.get('action', '')))} → {status or 'no answer'}</li>"
        for webhook, status in reversed(github.webhooks.sent[-20:])
    )
    return _page(
        "Repositories", f"<ul>{repositories}</ul><h2>Webhooks</h2><ul>{sent or '<li>none yet</li>'}</ul>"
    )


@route("POST", "/settings/apps/new")
def new_app(request: Request) -> Answer:
    """Ask whether to make the App of a manifest."""
    manifest = request.form().get("manifest", "")
    state = request.query.get("state", "")
    try:
        name = json.loads(manifest)["name"]
    except (ValueError, KeyError):
        raise Refused(422, "The manifest is invalid") from None
    fields = f"<input type=hidden name=manifest value='{html.escape(manifest)}'><input type=hidden name=state value='{html.escape(state)}'>"
    return _page(
        "Create GitHub App",
        f"<form method=post action=/settings/apps/create>{fields}<button>Create {html.escape(name)}</button></form>",
    )


@route("POST", "/settings/apps/create")
def create_app(request: Request) -> Answer:
    """Make the App and send the person back with a code."""
    form = request.form()
    manifest = json.loads(form["manifest"])
    code = secrets.token_hex(20)
    app = register(request.github, manifest, request.github.login)
    request.github.store.manifests[code] = {"app": app}
    return _redirect(manifest["redirect_url"], code=code, state=form.get("state", ""))


def _may_install(request: Request) -> list[Repository]:
    store = request.github.store
    names = {request.github.login, *store.account(request.github.login).organizations}
    return [r for r in store.repositories.values() if r.owner.login in names and not r.deleted]


@route("GET", "/apps/{slug}/installations/new")
@route("GET", "/github-apps/{slug}/installations/new")
def new_installation(request: Request, slug: str) -> Answer:
    """Ask which repositories the App may read."""
    boxes = "".join(
        f"<p><label><input type=checkbox name=repository value={r.id} checked> {html.escape(r.full_name)}</label></p>"
        for r in _may_install(request)
    )
    state = html.escape(request.query.get("state", ""))
    return _page(
        "Install",
        f"<form method=post><input type=hidden name=state value='{state}'>{boxes}<button>Install</button></form>",
    )


@route("POST", "/apps/{slug}/installations/new")
@route("POST", "/github-apps/{slug}/installations/new")
def create_installation(request: Request, slug: str) -> Answer:
    """Install the App and send the person back."""
    github = request.github
    app = next(a for a in github.store.apps.values() if a.slug == slug)
    form = parse_qs(request.body.decode(), keep_blank_values=True)
    ids = {int(value) for value in form.get("repository", [])}
    chosen = [r for r in _may_install(request) if r.id in ids]
    account = chosen[0].owner.login if chosen else github.login
    installation = install(github, account, chosen)
    values = {"installation_id": str(installation.id), "setup_action": "install"}
    if state := form.get("state", [""])[0]:
        values["state"] = state
    if app.oauth_on_install:
        return _redirect(app.callback_urls[0], code=_code(request), **values)
    return _redirect(app.setup_url, **values)


def _code(request: Request) -> str:
    code = secrets.token_hex(10)
    request.github.store.codes[code] = request.github.login
    return code


@route("GET", "/login/oauth/authorize")
def authorize(request: Request) -> Answer:
    """Let the App know who the person is."""
    app = _client(request, request.query.get("client_id", ""))
    target = request.query.get("redirect_uri") or app.callback_urls[0]
    if not any(target.startswith(url) for url in app.callback_urls):
        raise Refused(422, "The redirect_uri is not associated with this application.")
    return _redirect(target, code=_code(request), state=request.query.get("state", ""))


@route("POST", "/login/oauth/access_token")
def access_token(request: Request) -> Answer:
    """Exchange a code, once, for a person's token; errors come with status 200, as GitHub's do."""
    form = request.form()
    app = _client(request, form.get("client_id", ""))
    login = request.github.store.codes.pop(form.get("code", ""), None)
    if login is None or form.get("client_secret") != app.client_secret:
        return Answer(
            {
                "error": "bad_verification_code",
                "error_description": "The code passed is incorrect or expired.",
            }
        )
    token = request.github.store.make_token(login=login)
    return Answer({"access_token": token.value, "token_type": "bearer", "scope": ""})


def _client(request: Request, client_id: str) -> App:
    for app in request.github.store.apps.values():
        if app.client_id == client_id:
            return app
    raise Refused(404, "Not Found")
