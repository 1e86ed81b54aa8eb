"""The first page lists one's own workspaces."""

import pytest
from django.test import Client

from console.models import Workspace


@pytest.mark.parametrize("who", ["as_alice", "as_bob"])
def test_members_see_their_workspaces(
    who: str, request: pytest.FixtureRequest, other_workspace: Workspace
) -> None:
    page = request.getfixturevalue(who).get("/").content.decode()
    assert "Core" in page
    assert other_workspace.name not in page


def test_it_asks_for_a_login(db: None) -> None:
    answer = Client().get("/")
    assert answer.status_code == 302
    assert answer["Location"].startswith("/accounts/login/")
    assert Client().get(answer["Location"]).status_code == 200


def test_it_only_answers_reads(as_alice: Client) -> None:
    assert as_alice.post("/").status_code == 405


def test_somebody_without_a_team_is_told_what_to_do(as_staff: Client) -> None:
    assert "invite you" in as_staff.get("/").content.decode()
