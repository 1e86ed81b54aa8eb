"""What the emulated GitHub says is what GitHub's published schemas say."""

import pytest
import requests

from ingestion.models import Integration
from ingestion.services import configure, sync_now
from tests.emulators.github import Conversations, GitHub, administration
from tests.emulators.github.apps import READS, register, suspend, uninstall, unsuspend
from tests.emulators.github.schemas import EVENTS, SCHEMAS, check, check_webhook
from tests.emulators.github.store import Installation
from tests.emulators.github.store import Repository as Hosted
from tests.github.conftest import Push
from tests.queue import Drain
from tests.repositories import Repository

# What another test asks for.
OTHERS = {
    r"GET /installation/repositories",
    r"GET /app",
    r"GET /app/installations/\d+",
    r"GET /repositories/\d+/git/blobs/\w+",
}


@pytest.fixture
def everything(
    source: Integration,
    hub: GitHub,
    hosted: Hosted,
    work: Repository,
    push: Push,
    worker: Drain,
    installation: Installation,
) -> Conversations:
    """Do all that people and programs do, so that everything is said once."""
    people = Conversations(hub, hosted)
    configure(integration=source, kinds=["file", "pull_request", "issue", "release", "commit"])
    people.open_issue("One", "Body", labels=["bug"], milestone="1.0", assignees=["alice"])
    people.comment(1, "Comment")
    work.git("checkout", "--quiet", "-b", "topic")
    work.commit({"topic.py": "T = 1\n"})
    work.git("push", "--quiet", "origin", "topic")
    people.open_pull("Two", "topic", "Fixes #1")
    people.review(2, "Fine")
    people.review_comment(2, "topic.py", 1, "Why?")
    people.comment(2, "Because")
    people.edit(2, title="Two, better")
    people.merge(2)
    people.close(1)
    people.publish("v1", "One", "Notes")
    work.git("checkout", "--quiet", "main")
    work.git("pull", "--quiet", "origin", "main")
    push({"many.py": "M = 1\n"})
    work.git("tag", "v1")
    work.git("push", "--quiet", "origin", "v1")
    work.git("push", "--quiet", "origin", "--delete", "topic")
    people.delete(1)
    people.unpublish(next(iter(hosted.releases.values())))
    hub.webhooks.wait()
    worker()
    sync_now(integration=source)  # only a later sync asks what was commented on since
    worker()
    return people


def test_every_answer_keeps_to_its_schema(
    everything: Conversations, hub: GitHub, hosted: Hosted, installation: Installation
) -> None:
    seen = {
        check(call, payload)
        for call, status, payload in hub.answers
        if status in (200, 201) and payload is not None
    }
    everything.open_issue("Again")
    everything.comment(3, "Again")
    everything.publish("v2", "Two", "Notes")
    app = register(hub, {"name": "Other", "default_permissions": READS, "default_events": ["push"]})
    hub.store.manifests["code"] = {"app": app}
    token = hub.store.make_token(login="acme", personal=True).value

    def ask(path: str, method: str = "GET") -> None:
        answer = requests.request(method, hub.api_url + path, headers={"Authorization": f"Bearer {token}"})
        assert answer.status_code < 300, (path, answer.text)
        seen.add(check(f"{method} {path}", answer.json()))

    number = hosted.id
    head = hosted.git.resolve("main")
    root = f"/repositories/{number}"
    for path in ("/user", "/user/repos", "/user/installations", "/rate_limit"):
        ask(path)
    for path in (f"compare/{head}~1...{head}", "issues/3", "issues/3/comments", "releases"):
        ask(f"{root}/{path}")
    ask(f"/user/installations/{installation.id}/repositories")
    ask(f"{root}/releases/{max(hosted.releases)}")
    ask("/app-manifests/code/conversions", "POST")
    unseen = SCHEMAS.keys() - seen
    assert unseen <= OTHERS, unseen


def test_what_the_app_asks_keeps_to_its_schema(
    hub: GitHub, installation: Installation, hosted: Hosted
) -> None:
    from ingestion.pipeline.context import context_of
    from ingestion.sources.github.access import app_client, client_of
    from ingestion.sources.github.settings import GitHubSettings

    context = context_of("github", None, {"installation_id": str(installation.id)})
    client = app_client(GitHubSettings.of(context))
    check("GET /app", client.get("/app"))
    check("GET /app/installations/1", client.get(f"/app/installations/{installation.id}"))
    check("GET /installation/repositories", next(client_of(context).pages("/installation/repositories")))
    [blob] = [e for e in hosted.git.tree("main", recursive=False)[1] if e["path"] == "README.md"]
    path = f"/repositories/{hosted.id}/git/blobs/{blob['sha']}"
    check(f"GET {path}", client_of(context).get(path))


def test_every_webhook_keeps_to_its_schema(
    everything: Conversations, hub: GitHub, hosted: Hosted, installation: Installation
) -> None:
    other = hub.store.add_repository("acme/other")
    administration.add_repositories(hub, installation, [other])
    administration.remove_repositories(hub, installation, [other])
    administration.rename(hub, hosted, "kernel")
    administration.change_default_branch(hub, hosted, "next")
    administration.archive(hub, hosted)
    administration.privatize(hub, hosted)
    administration.accept_permissions(hub, installation, actions="read")
    administration.rename_account(hub, installation, "acme-inc")
    administration.transfer(hub, hosted, "elsewhere")
    administration.delete(hub, hosted)
    administration.say_hello(hub)
    administration.remove_hook(hub)
    suspend(hub, installation)
    unsuspend(hub, installation)
    uninstall(hub, installation)
    hub.webhooks.wait()
    assert {webhook.event for webhook, _ in hub.webhooks.sent} == set(EVENTS)
    assert {status for _, status in hub.webhooks.sent} == {202}
    for webhook, _ in hub.webhooks.sent:
        check_webhook(webhook.event, dict(webhook.payload))


def test_pages_are_linked_and_an_unchanged_answer_is_not_sent_again(hub: GitHub, hosted: Hosted) -> None:
    people = Conversations(hub, hosted)
    for number in range(5):
        people.open_issue(f"Issue {number}")
    token = {"Authorization": f"Bearer {hub.store.make_token(login='acme', personal=True).value}"}
    url = f"{hub.api_url}/repos/acme/core/issues"
    first = requests.get(url, {"per_page": 2}, headers=token)
    assert (
        len(first.json()) == 2
        and 'rel="next"' in first.headers["Link"]
        and 'rel="last"' in first.headers["Link"]
    )
    last = requests.get(first.links["last"]["url"], headers=token)
    assert len(last.json()) == 1 and "next" not in last.links
    again = requests.get(url, {"per_page": 2}, headers=token | {"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_a_repository_is_found_by_its_former_name(hub: GitHub, hosted: Hosted) -> None:
    hub.store.rename(hosted, "acme", "kernel")
    token = {"Authorization": f"Bearer {hub.store.make_token(login='acme', personal=True).value}"}
    answer = requests.get(f"{hub.api_url}/repos/acme/core", headers=token)
    assert answer.json()["full_name"] == "acme/kernel" and answer.history[0].status_code == 301


def test_what_a_token_may_not_see_is_not_there(hub: GitHub, hosted: Hosted) -> None:
    token = hub.store.make_token(login="stranger", personal=True)
    url = f"{hub.api_url}/repositories/{hosted.id}"
    assert requests.get(url, headers={"Authorization": f"Bearer {token.value}"}).status_code == 404
    assert requests.get(url).status_code == 401
    token.expires = 0
    assert requests.get(url, headers={"Authorization": f"Bearer {token.value}"}).status_code == 401
