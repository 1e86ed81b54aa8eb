"""`python -m tests.up.tree NAME=COMMAND…`: a process tree of shell commands."""

import sys
from pathlib import Path

from lightfast.process_tree import ProcessTree, Program


def main() -> None:
    pairs = [argument.split("=", 1) for argument in sys.argv[1:]]
    programs = [Program(name, ["/bin/sh", "-c", command]) for name, command in pairs]

    def write(name: str, line: str) -> None:
        sys.stdout.write(f"{name}: {line}\n")
        sys.stdout.flush()

    sys.exit(ProcessTree(programs, Path.cwd(), write, grace=2, first_pause=0.05).run())


if __name__ == "__main__":
    main()
