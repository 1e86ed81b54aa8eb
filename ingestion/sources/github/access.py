"""Who we are at GitHub: an installation of the App, or a personal token."""

from datetime import datetime, timedelta

from github import Auth, GithubIntegration
from github.Requester import Requester

from ingestion.sources.base import SourceContext
from ingestion.sources.errors import AuthorizationError, NotFound
from ingestion.sources.github.client import (
    API_VERSION,
    Client,
    Invalid,
    Refused,
    connect,
    retry_policy,
)
from ingestion.sources.github.settings import GitHubSettings

SPARE = timedelta(minutes=5)  # a token is not used so close to its end
READS = {
    "file": "contents",
    "commit": "contents",
    "release": "contents",
    "pull_request": "pull_requests",
    "issue": "issues",
}


def app_client(settings: GitHubSettings) -> Client:
    """Return a client that acts as the App itself; raise `AuthorizationError` where there is none."""
    if not settings.app_id or not settings.private_key:
        raise AuthorizationError(
            "This Lightfast has no GitHub App. Create it under Connections, or set GITHUB_APP_ID."
        )
    integration = GithubIntegration(
        auth=Auth.AppAuth(settings.app_id, settings.private_key),
        base_url=settings.api_url,
        timeout=settings.timeout,
        retry=retry_policy(),
        seconds_between_requests=None,
        api_version=API_VERSION,
    )
    return Client(integration.requester)


def client_of(context: SourceContext, kinds: tuple[str, ...] = ("file",)) -> Client:
    """Return a client for the context's connection; an installation's token sees the one repository, and reads only."""
    settings = GitHubSettings.of(context)
    if token := context.secrets.get("token"):
        return Client(requester_of(token, settings))
    installation = str(context.config.get("installation_id") or "")
    if not installation:
        raise AuthorizationError(
            "The source has no connection to GitHub. Connect GitHub anew, then add the repository again."
        )
    permissions = {"metadata": "read", **{READS[kind]: "read" for kind in kinds}}
    wanted = "+".join(sorted(permissions))
    name = f"github {settings.api_url} {installation} {context.resource_id or 'all'} {wanted}"

    def renew() -> Requester:
        context.vault.drop(name)
        return requester_of(_token(context, settings, installation, permissions, name), settings)

    return Client(requester_of(_token(context, settings, installation, permissions, name), settings), renew)


def requester_of(token: str, settings: GitHubSettings) -> Requester:
    """Return a requester for a token, or for nobody."""
    auth = Auth.Token(token) if token else None
    return connect(auth, api_url=settings.api_url, timeout=settings.timeout, pause=settings.pause)


def _token(
    context: SourceContext,
    settings: GitHubSettings,
    installation: str,
    permissions: dict[str, str],
    name: str,
) -> str:
    """Return a token from the vault, or a new one; its form is GitHub's affair.

    See https://docs.github.com/en/rest/apps/apps#create-an-installation-access-token-for-an-app
    """
    if known := context.vault.get(name):
        return known
    body: dict[str, object] = {"permissions": permissions}
    if context.resource_id:
        body["repository_ids"] = [int(context.resource_id)]
    try:
        answer = app_client(settings).post(f"/app/installations/{installation}/access_tokens", body)
    except NotFound:
        raise AuthorizationError(
            "The GitHub App is not installed there any more. Install it again under Connections."
        ) from None
    except Refused:
        raise AuthorizationError(
            "GitHub does not accept the App's key. Check GITHUB_APP_PRIVATE_KEY and this machine's clock."
        ) from None
    except Invalid as error:
        if "permissions" in str(error):
            raise AuthorizationError(
                "The installation does not grant what this source reads: "
                f"{', '.join(sorted(permissions))}. Accept the App's new permissions on GitHub, or switch the kind off."
            ) from None
        raise NotFound(
            "The installation of the GitHub App does not include the repository any more: it was deleted, moved to "
            "another account, or taken off the list. Add it to the installation on GitHub, or remove the source."
        ) from None
    token = str(answer["token"])
    context.vault.put(name, token, datetime.fromisoformat(answer["expires_at"]) - SPARE)
    return token
