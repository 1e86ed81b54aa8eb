"""What the demo does by pages works on the pages there are."""

import copy

import pytest
from pytest_django.fixtures import Settings
from pytest_django.live_server_helper import LiveServer

from console.models import User, Workspace
from lightfast.demo.github import calls_of_sync, connect_through_pages
from tests.emulators.github import GitHub
from tests.emulators.github.store import Repository as Hosted
from tests.queue import Drain


@pytest.mark.django_db(transaction=True)
def test_a_person_makes_the_app_installs_it_and_picks_a_repository_in_a_browser(
    hub: GitHub,
    hosted: Hosted,
    live_server: LiveServer,
    settings: Settings,
    alice: User,
    workspace: Workspace,
    worker: Drain,
) -> None:
    settings.BASE_URL = live_server.url
    settings.CSRF_TRUSTED_ORIGINS = [live_server.url]
    settings.SOURCES = copy.deepcopy(settings.SOURCES)
    settings.SOURCES["github"]["config"]["api_url"] = hub.api_url
    hub.store.account("octocat").organizations.add("acme")
    source = connect_through_pages(live_server.url, alice.email, "correct horse battery staple", workspace)
    worker()
    assert source.documents.count() == 3
    assert calls_of_sync(hub) <= 5
