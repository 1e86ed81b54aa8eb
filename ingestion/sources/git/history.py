"""Reading what led to a commit."""

from collections.abc import Iterator

from ingestion.sources.base import PastChange
from ingestion.sources.git.process import Git

FORMAT = "%x01%an%x02%B%x02"  # git refuses messages with a NUL, and nobody types these


def commits(git: Git, revision: str, limit: int) -> Iterator[PastChange]:
    """Yield the commits up to a revision, newest first, without merges and with the files that each touched."""
    shape = ("-z", "--no-merges", "--no-renames", "--name-only", f"--format={FORMAT}")
    log = git.run("log", *shape, f"--max-count={limit}", revision)
    for record in log.decode(errors="replace").split("\x01")[1:]:
        author, _, rest = record.partition("\x02")
        message, _, names = rest.partition("\x02")
        keys = tuple(name for name in (part.strip("\n") for part in names.split("\0")) if name)
        yield PastChange(message.strip(), author, keys)
