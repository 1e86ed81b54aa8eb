"""A process that uses the embedded server: runs the SQL of each line of its input on a connection of its own.

Started as `python -m tests.embedded.user STATE LINGER [UID]`; answers each line by one line of JSON.
"""

import json
import os
import sys
from pathlib import Path
from typing import Any

import psycopg

from lightfast import embedded


def answer(state: Path, linger: float, sql: str) -> list[list[str]]:
    embedded.ensure_running(state, durable=False, linger=linger)
    with psycopg.connect(embedded.conninfo(state)) as connection:
        cursor = connection.execute(sql)
        return [[str(value) for value in row] for row in cursor] if cursor.description else []


def main() -> None:
    state, linger = Path(sys.argv[1]), float(sys.argv[2])
    for uid in map(int, sys.argv[3:]):
        os.setgroups([])
        os.setgid(uid)
        os.setuid(uid)
    for line in sys.stdin:
        if line == "fork\n" and os.fork():
            os._exit(0)  # the child reads the rest
        try:
            said: Any = answer(state, linger, "SELECT 1" if line == "fork\n" else line)
        except embedded.EmbeddedError as error:
            said = str(error)
        sys.stdout.write(json.dumps(said) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
