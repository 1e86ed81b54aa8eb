"""People log in with GitHub and by OpenID Connect, at real servers on this machine."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from allauth.socialaccount.models import SocialAccount

from console.audit import Action
from console.models import Activity, User
from tests.emulators.github import GitHub, register
from tests.emulators.oidc import CLIENT_ID, CLIENT_SECRET, Provider
from tests.serving import serving
from tests.up.running import Running

GITHUB, OIDC = "/accounts/github/login/", "/accounts/oidc/sso/login/"


class Site:
    """The web server with both providers, and what it has said."""

    def __init__(self, address: str, tree: Running, hub: GitHub, provider: Provider) -> None:
        self.address, self.tree, self.hub, self.provider = address, tree, hub, provider

    def log_in(self, way: str) -> tuple[requests.Session, str]:
        """Log in as a browser does; return the session and the last page."""
        session = requests.Session()
        page = session.get(f"{self.address}{way}").text
        (token,) = re.findall(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)[:1]
        values = {"csrfmiddlewaretoken": token}
        answer = session.post(f"{self.address}{way}", values, headers={"Referer": self.address})
        return session, answer.text

    def is_known(self, session: requests.Session) -> bool:
        """Tell whether a session is somebody's."""
        return session.get(f"{self.address}/account/", allow_redirects=False).status_code == 200


@pytest.fixture
def site(process_environment: dict[str, str], tmp_path: Path) -> Iterator[Site]:
    hub, provider = GitHub(tmp_path / "hub"), Provider()
    app = register(hub)
    environment = {
        "GITHUB_API_URL": hub.api_url, "GITHUB_APP_ID": str(app.id), "GITHUB_APP_PRIVATE_KEY": app.pem,
        "GITHUB_CLIENT_ID": app.client_id, "GITHUB_CLIENT_SECRET": app.client_secret,
        "GITHUB_WEBHOOK_SECRET": app.webhook_secret, "OIDC_SERVER_URL": provider.url,
        "OIDC_CLIENT_ID": CLIENT_ID, "OIDC_CLIENT_SECRET": CLIENT_SECRET, "OIDC_NAME": "Acme SSO",
    }  # fmt: skip
    try:
        with serving(process_environment | environment) as (address, tree):
            app.callback_urls = [f"{address}/accounts/github/"]
            yield Site(address, tree, hub, provider)
            said = "\n".join(tree.lines)
            assert app.client_secret not in said and CLIENT_SECRET not in said
    finally:
        hub.close()
        provider.shutdown()
        provider.server_close()


def test_people_log_in_with_github_and_by_openid_connect_and_come_back_as_who_they_were(site: Site) -> None:
    site.provider.person = {
        "sub": "1", "name": "Carol Shaw", "email": "carol@acme.example", "email_verified": True,
    }  # fmt: skip
    welcome = requests.get(f"{site.address}/accounts/login/").text
    assert re.findall(r'action="(/accounts/(?:github|oidc)[^"?]*)', welcome) == [OIDC, GITHUB]
    assert "Continue with GitHub" in welcome and "Continue with Acme SSO" in welcome
    for way, email in ((GITHUB, "octocat@acme.example"), (OIDC, "carol@acme.example")):
        for _ in range(2):
            session, _page = site.log_in(way)
            assert site.is_known(session), _page
        user = User.objects.get(email=email)
        assert SocialAccount.objects.filter(user=user).count() == 1
        told = Activity.objects.filter(user=user).values_list("action", flat=True)
        assert {Action.USER_SIGNED_UP, Action.USER_LOGGED_IN} <= set(told)
    assert User.objects.get(email="carol@acme.example").name == "Carol Shaw"
    assert User.objects.count() == 2


def test_nobody_takes_over_the_account_of_somebody_with_the_same_address(site: Site, alice: User) -> None:
    for verified in (False, True):
        site.provider.person = {
            "sub": "7", "name": "Mallory", "email": alice.email, "email_verified": verified,
        }  # fmt: skip
        session, _page = site.log_in(OIDC)
        assert not site.is_known(session)
    assert not SocialAccount.objects.exists()
    session = requests.Session()
    answer = session.get(f"{site.address}/accounts/oidc/sso/login/callback/?code=x&state=forged")
    assert answer.status_code < 500 and not site.is_known(session)
