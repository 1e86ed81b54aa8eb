"""Who the server runs as: Postgres refuses to be root."""

import os
import pwd
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lightfast.embedded.errors import EmbeddedError
from lightfast.embedded.paths import Paths

_UNPRIVILEGED = ("lightfast", "postgres", "nobody")


@dataclass(frozen=True)
class Account:
    """A user of this machine."""

    name: str
    uid: int
    gid: int
    groups: tuple[int, ...] = ()

    @classmethod
    def of(cls, entry: pwd.struct_passwd) -> "Account":
        """Make an account of a line of the password file."""
        groups = tuple(os.getgrouplist(entry.pw_name, entry.pw_gid))
        return cls(entry.pw_name, entry.pw_uid, entry.pw_gid, groups)

    def options(self) -> dict[str, Any]:
        """Options of Popen that make a child of root this account; nobody else can change, or needs to."""
        if os.geteuid() != 0:
            return {}
        return {"user": self.uid, "group": self.gid, "extra_groups": self.groups}

    def can(self, command: Sequence[str | Path]) -> bool:
        """Tell whether `command` succeeds when this account runs it."""
        try:
            done = subprocess.run(command, cwd="/", check=False, capture_output=True, **self.options())
        except OSError:
            return False
        return bool(done.returncode == 0)

    def can_enter(self, directory: Path) -> bool:
        """Tell whether this account can reach what is in `directory`; really tried, so that ACLs count."""
        return self.can(["/bin/sh", "-c", 'cd "$1"', "sh", directory])


def server_account(paths: Paths) -> Account:
    """Choose who runs the server: this user; for root the owner of the data, or an unprivileged account."""
    uid = os.geteuid()
    if uid != 0:
        _check_owner(paths, uid)
        return _known(uid) or Account(str(uid), uid, os.getegid())
    if paths.data.exists() and (owner := paths.data.stat()).st_uid != 0:
        return _known(owner.st_uid) or Account(str(owner.st_uid), owner.st_uid, owner.st_gid)
    if (state_owner := paths.state.stat().st_uid) != 0 and (account := _known(state_owner)):
        return account
    for name in _UNPRIVILEGED:
        try:
            return Account.of(pwd.getpwnam(name))
        except KeyError:
            continue
    raise EmbeddedError(
        f"Postgres does not run as root, and none of the accounts {', '.join(_UNPRIVILEGED)} exists. "
        "Create one (useradd --system lightfast), run Lightfast as another user, or set DATABASE_URL to a "
        "Postgres server."
    )


def _known(uid: int) -> Account | None:
    try:
        return Account.of(pwd.getpwuid(uid))
    except KeyError:
        return None


def _check_owner(paths: Paths, uid: int) -> None:
    if paths.data.exists() and (owner := paths.data.stat().st_uid) != uid:
        known = _known(owner)
        raise EmbeddedError(
            f"The database in {paths.data} belongs to user {known.name if known else owner}. Run "
            "Lightfast as that user, set STATE_DIR to a directory of your own, or set DATABASE_URL."
        )
