"""One server for all who need it, for as long as anybody does."""

from pathlib import Path

from tests.embedded.tools import Use, keeper, wait_until_stopped


def test_eight_processes_at_once_create_and_start_one_server(home: Path, use: Use) -> None:
    state = home / "new"
    users = [use(state) for _ in range(8)]
    for user in users:
        user.ask()
    assert len({user.hear() for user in users}) == 1
    assert (state / "postgres.log").read_text().count("starting PostgreSQL") == 1


def test_a_process_soon_after_another_finds_the_server_still_running(state: Path, use: Use) -> None:
    first = use(state, linger=5)
    started = first.says()
    first.leave()
    assert use(state).says() == started


def test_the_server_stops_in_order_after_its_last_user_killed_or_not_and_keeps_the_data(
    state: Path, use: Use
) -> None:
    first, second, third = (use(state) for _ in range(3))
    started = first.says()
    first.leave()
    second.says("UPDATE kept SET it = 'changed'")
    second.kill()
    assert third.says() == started
    third.kill()
    wait_until_stopped(state)
    assert use(state).says("SELECT it FROM kept") == "changed"


def test_a_forked_child_keeps_the_server_when_its_parent_ends(state: Path, use: Use) -> None:
    user = use(state, linger=0)
    started = user.says()
    user.ask("fork")
    user.process.wait()
    assert user.hear() == "1"
    assert user.says() == started
    user.leave()
    wait_until_stopped(state)


def test_a_keeper_that_is_asked_to_end_stops_the_server_in_order(state: Path, use: Use) -> None:
    user = use(state)
    started = user.says()
    keeper(state).terminate()
    wait_until_stopped(state)
    assert user.says() != started
