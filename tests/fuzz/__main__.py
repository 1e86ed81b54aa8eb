"""Run the harnesses named, or all, one after another: `python -m tests.fuzz chunker config -max_total_time=600`."""

import subprocess
import sys
import tempfile

HARNESSES = ("chunker", "config", "query", "signature", "decoding", "reading")  # of `targets`
SECONDS = 120  # each


def main(arguments: list[str]) -> int:
    """Fuzz each harness in a process of its own; return how many found something."""
    names = [name for name in arguments if not name.startswith("-")] or HARNESSES
    options = [option for option in arguments if option.startswith("-")] or [f"-max_total_time={SECONDS}"]
    failed = 0
    for name in names:
        print(f"== {name}", flush=True)
        with tempfile.TemporaryDirectory(prefix="lightfast-fuzz-") as corpus:
            limits = ["-max_len=20000", "-timeout=20", "-rss_limit_mb=2048", "-print_final_stats=1"]
            command = [sys.executable, "-m", "tests.fuzz.one", name, corpus, *limits, *options]
            failed += bool(subprocess.run(command, check=False).returncode)
    return failed


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
