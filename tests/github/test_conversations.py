"""Pull requests, issues, releases and commits are documents that follow what is said."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from ingestion.models import Document, Integration, Run, RunState, Trigger
from ingestion.runs import request_run
from ingestion.services import configure, sync_now
from ingestion.sources.base import Entry
from ingestion.sources.github import normalize
from lightfast.lib.errors import UserError
from tests.emulators.github import Conversations, GitHub
from tests.emulators.github.store import Repository as Hosted
from tests.queue import Drain
from tests.repositories import Repository

ALL = ["file", "pull_request", "issue", "release", "commit"]


@pytest.fixture
def people(
    hub: GitHub, hosted: Hosted, work: Repository, source: Integration, worker: Drain
) -> Conversations:
    """Let people talk in the repository: one issue, one pull request, one release."""
    people = Conversations(hub, hosted)
    people.open_issue("Parser drops the last token", "Seen with `a+b`.", labels=["bug"], milestone="1.0")
    people.comment(1, "Confirmed on Linux.")
    work.git("checkout", "--quiet", "-b", "fix")
    work.commit(
        {"src/app.py": "FIXED = 1\n"},
        "Keep the last token\n\nFixes #1\n\nCo-authored-by: Bob <bob@acme.example>",
    )
    work.git("push", "--quiet", "origin", "fix")
    people.open_pull("Keep the last token", "fix", "Fixes #1, see also acme/other#7.")
    people.review(2, "Good catch.")
    people.review_comment(2, "src/app.py", 1, "Why not zero?")
    people.comment(2, "Because of the sentinel.")
    people.publish("v1.0", "First", "Everything, and #2.")
    work.git("checkout", "--quiet", "main")
    hub.webhooks.wait()
    worker()
    return people


@pytest.fixture
def talking(source: Integration, people: Conversations, worker: Drain) -> Integration:
    """Return the source with every kind switched on and indexed."""
    configure(integration=source, kinds=ALL)
    worker()
    source.refresh_from_db()
    return source


def document(source: Integration, kind: str, key: str = "") -> Document:
    rows = Document.objects.filter(integration=source, kind=kind)
    return rows.get(key=key) if key else rows.get()


def told(hub: GitHub, worker: Drain) -> None:
    hub.webhooks.wait()
    worker()


def test_a_pull_request_is_a_document_with_everything_said_in_it(talking: Integration) -> None:
    pull = document(talking, "pull_request")
    for said in (
        "Keep the last token (#2)",
        "Good catch.",
        "src/app.py, line 1",
        "Why not zero?",
        "sentinel",
    ):
        assert said in pull.text
    assert (pull.key, pull.state, pull.author, pull.language) == ("2", "open", "octocat", "markdown")
    assert pull.url.endswith("/acme/core/pull/2")
    assert pull.metadata["files"] == ["src/app.py"]
    assert {"repository": "", "number": 1, "relation": "closes"} in pull.metadata["links"]
    assert {"repository": "acme/other", "number": 7, "relation": "mentions"} in pull.metadata["links"]


def test_an_issue_is_a_document_with_its_comments(talking: Integration) -> None:
    issue = document(talking, "issue")
    assert "Confirmed on Linux." in issue.text
    assert (issue.labels, issue.metadata["milestone"], issue.state) == (["bug"], "1.0", "open")
    assert issue.source_updated_at is not None


def test_a_release_and_the_commits_are_documents(talking: Integration, work: Repository) -> None:
    assert "Everything, and #2." in document(talking, "release").text
    commit = document(talking, "commit")
    assert (commit.key, commit.title, commit.author) == (
        work.git("rev-parse", "main"),
        "Change things",
        "Alice",
    )


def test_what_is_said_later_arrives_by_webhook(
    talking: Integration, people: Conversations, hub: GitHub, worker: Drain
) -> None:
    last = Run.objects.filter(integration=talking).latest("id")
    people.comment(1, "It is the lexer.")
    people.edit(2, title="Keep every token", labels=["ready"])
    people.open_issue("Second", "thing")
    told(hub, worker)
    assert "It is the lexer." in document(talking, "issue", "1").text
    assert document(talking, "pull_request").title == "Keep every token"
    assert document(talking, "issue", "3").title == "Second"
    runs = Run.objects.filter(integration=talking, pk__gt=last.pk)
    assert runs and not any(run.full for run in runs)


def test_a_merge_shows_the_commit_and_the_state(
    talking: Integration, people: Conversations, hub: GitHub, worker: Drain, work: Repository
) -> None:
    people.merge(2)
    told(hub, worker)
    pull = document(talking, "pull_request")
    assert (pull.state, pull.metadata["merge_commit"]) == ("merged", work.git("rev-parse", "fix"))
    commit = document(talking, "commit", work.git("rev-parse", "fix"))
    assert commit.metadata["co_authors"] == [{"name": "Bob", "email": "bob@acme.example"}]
    assert commit.metadata["files"] == ["src/app.py"]
    assert {"repository": "", "number": 1, "relation": "closes"} in commit.metadata["links"]
    assert document(talking, "file", "src/app.py").text == "FIXED = 1\n"


def test_what_is_deleted_is_gone(
    talking: Integration, people: Conversations, hub: GitHub, hosted: Hosted, worker: Drain
) -> None:
    people.delete(1)
    people.unpublish(next(iter(hosted.releases.values())))
    told(hub, worker)
    assert not Document.objects.filter(integration=talking, kind__in=("issue", "release")).exists()


def test_what_was_deleted_without_a_word_is_found_by_the_daily_comparison(
    talking: Integration, people: Conversations, hub: GitHub, worker: Drain
) -> None:
    hub.webhooks.held = []
    people.delete(1)
    request_run(integration=talking, trigger=Trigger.PERIODIC)
    worker()
    assert Document.objects.filter(integration=talking, kind="issue").exists()
    Run.objects.filter(integration=talking).update(finished_at=timezone.now() - timedelta(days=2))
    request_run(integration=talking, trigger=Trigger.PERIODIC)
    worker()
    assert not Document.objects.filter(integration=talking, kind="issue").exists()


def test_a_lost_webhook_is_made_up_for_by_polling(
    talking: Integration, people: Conversations, hub: GitHub, worker: Drain
) -> None:
    hub.webhooks.held = []
    people.comment(1, "Nobody heard this.")
    request_run(integration=talking, trigger=Trigger.PERIODIC)
    worker()
    assert "Nobody heard this." in document(talking, "issue", "1").text


@pytest.mark.parametrize("told_of", [True, False], ids=["told", "lost"])
def test_a_comment_that_was_edited_is_read_again_though_its_conversation_does_not_tell(
    told_of: bool,
    talking: Integration,
    people: Conversations,
    hub: GitHub,
    hosted: Hosted,
    worker: Drain,
) -> None:
    hub.webhooks.held = None if told_of else []
    for comment in hosted.comments:
        people.edit_comment(comment, f"Edited {comment['number']}.")
    people.edit_review_comment(hosted.review_comments[0], "Why not one?")
    if not told_of:
        request_run(integration=talking, trigger=Trigger.PERIODIC)
    told(hub, worker)
    assert "Edited 1." in document(talking, "issue", "1").text
    pull = document(talking, "pull_request").text
    assert "Edited 2." in pull and "Why not one?" in pull


def test_an_edited_comment_is_read_again_once(
    talking: Integration, people: Conversations, hub: GitHub, hosted: Hosted, worker: Drain
) -> None:
    people.edit_comment(hosted.comments[0], "Edited.")
    told(hub, worker)
    run = sync_now(integration=talking)
    worker()
    run.refresh_from_db()
    assert (run.added, run.changed) == (0, 0)


def test_a_comment_that_was_deleted_is_gone(
    talking: Integration, people: Conversations, hub: GitHub, hosted: Hosted, worker: Drain
) -> None:
    people.delete_comment(hosted.comments[0])
    told(hub, worker)
    assert "Confirmed on Linux." not in document(talking, "issue", "1").text


def test_a_repository_without_issues_has_none_and_goes_on(
    talking: Integration, hosted: Hosted, worker: Drain
) -> None:
    hosted.has_issues = False
    run = sync_now(integration=talking, full=True)
    worker()
    run.refresh_from_db()
    assert run.state == RunState.COMPLETED
    kinds = set(Document.objects.filter(integration=talking).values_list("kind", flat=True))
    assert kinds == {"file", "pull_request", "release", "commit"}


def test_nothing_new_costs_no_document(talking: Integration, hub: GitHub, worker: Drain) -> None:
    hub.calls.clear()
    run = sync_now(integration=talking)
    worker()
    run.refresh_from_db()
    assert (run.added, run.changed, run.removed) == (0, 0, 0)
    assert len(hub.calls) <= 10, hub.calls


def test_a_kind_that_is_switched_off_leaves_the_index(talking: Integration, worker: Drain) -> None:
    configure(integration=talking, kinds=["issue"])
    worker()
    assert set(Document.objects.filter(integration=talking).values_list("kind", flat=True)) == {"issue"}
    with pytest.raises(UserError, match="at least one"):
        configure(integration=talking, kinds=[])
    with pytest.raises(UserError, match="nonsense"):
        configure(integration=talking, kinds=["nonsense"])


def test_files_are_chosen_by_the_configuration_and_conversations_are_not(
    talking: Integration, work: Repository, hub: GitHub, worker: Drain
) -> None:
    work.commit({"lightfast.yml": "version: 1\ninclude: ['docs/**']\n"})
    work.git("push", "--quiet", "origin", "main")
    told(hub, worker)
    kinds = set(Document.objects.filter(integration=talking).values_list("kind", flat=True))
    assert kinds == {"pull_request", "issue", "release", "commit"}


def test_a_backfill_that_is_interrupted_goes_on_where_it_was(
    source: Integration, people: Conversations, hub: GitHub, worker: Drain
) -> None:
    for number in range(30):
        people.open_issue(f"Issue {number}")
    told(hub, worker)
    hub.fault(r"/issues/\d+$", 403, message="You have exceeded a secondary rate limit.", after=27, times=1)
    run = configure(integration=source, kinds=["issue"])
    worker()
    run.refresh_from_db()
    assert run.state == RunState.RUNNING
    done = Document.objects.filter(integration=source, kind="issue").count()
    assert done >= 1
    from tests.github.test_faults import settle

    assert settle(run, worker).state == RunState.COMPLETED
    assert Document.objects.filter(integration=source, kind="issue").count() == 31


def test_the_kinds_are_chosen_on_the_page(
    source: Integration, as_alice: Client, as_bob: Client, worker: Drain
) -> None:
    address = f"/acme/core/sources/{source.pk}/"
    wanted = {"kinds": ["file", "commit"]}
    assert as_bob.post(f"{address}settings/", wanted).status_code == 403
    assert as_alice.post(f"{address}settings/", wanted).status_code in (302, 303)
    worker()
    html = as_alice.get(address).content.decode()
    assert "<dt>Commit</dt><dd>1</dd>" in html and "<dt>Files</dt><dd>3</dd>" in html


def test_a_permission_that_is_missing_is_named(
    source: Integration, people: Conversations, hub: GitHub, worker: Drain
) -> None:
    for installation in hub.store.installations.values():
        installation.permissions.pop("issues")
    configure(integration=source, kinds=ALL)
    worker()
    source.refresh_from_db()
    assert source.state == "blocked" and "Accept the App's new permissions" in source.state_reason


PULL: Mapping[str, Any] = {
    "number": 1, "title": "T\0itle", "body": None, "state": "open", "user": None, "labels": [{"name": "a"}],
    "html_url": "https://github.com/a/b/pull/1", "base": {"ref": "main"}, "head": {"ref": "x"}, "draft": True,
    "created_at": "2026-01-01T00:00:00Z", "updated_at": None, "merged_at": None,
}  # fmt: skip


def test_a_pull_request_of_nobody_with_nothing_in_it_is_a_document() -> None:
    fetched = normalize.pull_request(Entry("pull_request", "1", "x"), PULL)
    assert fetched.text == "# Title (#1)\n"
    assert (fetched.author, fetched.state, fetched.title) == ("ghost", "draft", "Title")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Fixes #12", [("", 12, "closes")]),
        ("closes: acme/core#3 and #4", [("acme/core", 3, "closes"), ("", 4, "mentions")]),
        ("see https://github.com/acme/core/pull/9", [("acme/core", 9, "mentions")]),
        ("color #123abc, a#1, /x#2", []),
        ("#1 #1 resolves #1", [("", 1, "closes")]),
        ("Prefixes #5", [("", 5, "mentions")]),
    ],
)
def test_references_become_links(text: str, expected: list[tuple[str, int, str]]) -> None:
    found = [(row["repository"], row["number"], row["relation"]) for row in normalize.links(text, "commit")]
    assert found == expected
