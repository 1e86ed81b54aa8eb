"""Finding out who came back from GitHub, and what they may connect."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

import requests

from ingestion.sources.base import Grant, NeedsIdentity, SourceContext
from ingestion.sources.errors import AuthorizationError, NotFound, SourceError
from ingestion.sources.github.access import app_client, client_of, requester_of
from ingestion.sources.github.client import Client, translated
from ingestion.sources.github.settings import GitHubSettings


def identity_url(context: SourceContext, settings: GitHubSettings, state: str, return_to: str) -> str:
    """Return the page where a person tells the App who they are."""
    values = {"client_id": context.config.get("client_id", ""), "state": state, "redirect_uri": return_to}
    return f"{settings.web_url}/login/oauth/authorize?{urlencode(values)}"


def confirm(context: SourceContext, settings: GitHubSettings, answer: Mapping[str, str]) -> list[Grant]:
    """Return the installations that both the App and the person's own token know.

    The number in the address is anybody's to write: alone it proves nothing. And who may read one repository of an
    account is shown its installation, too: they connect what they may read, and no more.
    """
    if answer.get("setup_action") == "request":
        raise SourceError(
            "GitHub has asked the owners of the account to allow the installation. Connect it here once they have."
        )
    if not answer.get("code"):
        raise NeedsIdentity
    client = Client(requester_of(_user_token(context, settings, answer["code"]), settings))
    theirs = {
        str(row["id"]): row for page in client.pages("/user/installations") for row in page["installations"]
    }
    wanted = answer.get("installation_id", "")
    if wanted and wanted not in theirs:
        raise AuthorizationError(
            "GitHub does not show you this installation. Log in there as somebody who may manage it, and try again."
        )
    app, me = app_client(settings), client.get("/user")["id"]
    grants = []
    for number in [wanted] if wanted else sorted(theirs, key=int):
        try:
            account = app.get(f"/app/installations/{int(number)}")["account"]
        except NotFound:
            continue
        readable = None if account["id"] == me else _readable(context, client, number)
        name = account.get("login") or account["slug"]  # an enterprise has no login
        grants.append(Grant(number, name, {"installation_id": number}, resources=readable))
    if not grants:
        raise SourceError("The GitHub App is not installed anywhere that you may manage. Install it first.")
    return grants


def _readable(context: SourceContext, person: Client, installation: str) -> tuple[str, ...] | None:
    """Return the repositories of an installation that a person may read; None for who administers every one of them.

    See https://docs.github.com/en/rest/apps/installations#list-repositories-accessible-to-the-user-access-token
    """
    pages = person.pages(f"/user/installations/{installation}/repositories")
    rows: list[Mapping[str, Any]] = [row for page in pages for row in page["repositories"]]
    if rows and all((row.get("permissions") or {}).get("admin") for row in rows):
        config = {**context.config, "installation_id": installation}
        try:
            app = client_of(replace(context, config=config))
            if app.get("/installation/repositories", per_page=1)["total_count"] == len(rows):
                return None
        except AuthorizationError:
            pass  # the installation is suspended: what there is besides cannot be told
    return tuple(str(row["id"]) for row in rows)


def _user_token(context: SourceContext, settings: GitHubSettings, code: str) -> str:
    """Exchange a code for a person's token, which is used at once and not kept.

    See https://docs.github.com/en/apps/creating-github-apps/authenticating-with-a-github-app/generating-a-user-access-token-for-a-github-app
    """
    values = {
        "client_id": context.config.get("client_id", ""),
        "client_secret": context.secrets.get("client_secret", ""),
        "code": code,
    }
    url = f"{settings.web_url}/login/oauth/access_token"
    with translated():
        answer = requests.post(
            url, data=values, headers={"Accept": "application/json"}, timeout=settings.timeout
        )
        try:
            token = answer.json().get("access_token")
        except ValueError:
            token = None
    if not token:
        raise AuthorizationError(
            "GitHub did not confirm who you are: the code works once, for ten minutes. Try again."
        )
    return str(token)
