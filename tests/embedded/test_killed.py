"""Whatever is killed, the next connection works and nothing that was committed is lost."""

import subprocess
from pathlib import Path

import psutil

from lightfast.embedded.account import server_account
from lightfast.embedded.paths import Paths
from tests.embedded.tools import Use, alive, keeper, kill, postmaster, wait_until, wait_until_stopped


def test_a_killed_server_is_started_again_by_the_next_connection(state: Path, use: Use) -> None:
    user = use(state)
    user.says("UPDATE kept SET it = 'committed'")
    started = user.says()
    kill(postmaster(state))
    assert user.says("SELECT it FROM kept") == "committed"
    assert user.says() != started
    user.leave()
    wait_until_stopped(state)


def test_a_child_that_outlives_a_killed_server_is_cleared_away(state: Path, use: Use) -> None:
    user = use(state)
    backend = psutil.Process(
        int(user.says("SELECT pid FROM pg_stat_activity WHERE backend_type = 'checkpointer'"))
    )
    backend.suspend()
    kill(postmaster(state))
    assert alive(backend)
    assert user.says("SELECT 1") == "1"
    assert not alive(backend)


def test_a_killed_keeper_leaves_the_server_to_the_next_one_which_stops_it_in_order(
    state: Path, use: Use
) -> None:
    user = use(state)
    started = user.says()
    kill(keeper(state))
    assert user.says() == started
    assert alive(keeper(state))
    user.leave()
    wait_until_stopped(state)


def test_everything_killed_at_once_comes_back_though_others_have_its_process_numbers_now(
    state: Path, use: Use
) -> None:
    users = [use(state) for _ in range(2)]
    users[0].says("UPDATE kept SET it = 'committed'")
    users[1].says()
    kill(keeper(state), postmaster(state), *(psutil.Process(user.process.pid) for user in users))
    account = server_account(Paths.of(state))
    bystander = subprocess.Popen(["/bin/sleep", "60"], **account.options())
    try:
        for file in (state / "data" / "postmaster.pid", state / "run" / ".s.PGSQL.5432.lock"):
            lines = file.read_text().split("\n")
            file.write_text("\n".join([str(bystander.pid), *lines[1:]]))
        assert use(state).says("SELECT it FROM kept") == "committed"
        assert bystander.poll() is None
    finally:
        bystander.kill()
        bystander.wait()


def test_a_creation_that_was_cut_short_is_begun_anew(home: Path, use: Use) -> None:
    state = home / "new"
    (state / "data.new" / "base").mkdir(parents=True)
    (state / "data.new" / "PG_VERSION").write_text("18\n")
    assert use(state).says("SELECT 1") == "1"


def test_a_state_directory_that_is_removed_is_made_anew(state: Path, use: Use) -> None:
    user = use(state)
    assert user.says("SELECT it FROM kept") == "still here"
    wait_until(lambda: alive(keeper(state)), "the keeper")
    state.rename(state.with_name("removed"))
    assert user.says("SELECT to_regclass('kept')") == "None"
