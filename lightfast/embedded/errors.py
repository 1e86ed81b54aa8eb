"""What went wrong with the embedded Postgres, and what to do about it."""

_ADVICE = (
    ("No space left on device", "Free some disk space, then try again."),
    ("contains errors", "Correct the file and line named above, then try again."),
    ("error while loading shared libraries", "Install the system library named above, then try again."),
    (
        "Cannot allocate memory",
        "Free some memory, or lower shared_buffers in postgresql.conf of the data directory.",
    ),
    ("has invalid permissions", "Give the data directory back to its owner with mode 0700, then try again."),
    (
        "Permission denied",
        "Give the files named above back to the owner of the data directory, then try again.",
    ),
    (
        "could not locate a valid checkpoint record",
        "The data is damaged: restore the data directory from a backup.",
    ),
)


class EmbeddedError(Exception):
    """The embedded Postgres cannot be used; the message says why and what to do."""


def with_advice(problem: str, output: str) -> EmbeddedError:
    """Make an error of what a Postgres program said last."""
    lines = [line for line in output.splitlines() if line.strip()][-12:]
    advice = next((text for sign, text in _ADVICE if sign in output), None)
    quoted = "\n".join(f"  {line}" for line in lines) or "  (it said nothing)"
    return EmbeddedError(
        f"{problem} It said:\n{quoted}\n{advice or 'Or set DATABASE_URL to a Postgres server of your own.'}"
    )
