"""Measure Lightfast under load and at sizes up to a million chunks; write the figures and their curves."""

import argparse
import json
import shutil
import signal
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bench.load.installation import BASE, prepare

PARTS = ("webhooks", "syncing", "growth")
SIZES = (10_000, 30_000, 100_000, 300_000, 1_000_000)
RATES = (100, 200, 300, 400, 500)  # webhooks a second
LOADED_AT = 100_000  # chunks, when clients and people come


def main() -> None:
    """Measure on an installation of its own, which goes with the end."""
    parser = argparse.ArgumentParser(prog="make bench-load ARGS=…", description=__doc__)
    parser.add_argument("--top", type=int, default=SIZES[-1], help="chunks to grow to (default: a million)")
    parser.add_argument("--rate", type=int, nargs="+", default=RATES, help="webhooks a second")
    parser.add_argument("--seconds", type=int, default=10, help="of each load")
    parser.add_argument("--path", type=Path, default=BASE, help="a git repository to take lines from")
    parser.add_argument(
        "--only", action="append", choices=PARTS, help="measure this, and keep the other figures"
    )
    parser.add_argument(
        "--out", type=Path, default=BASE / "docs", help="where figures and curves are written"
    )
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # and nothing stays behind
    state, scratch = (Path(tempfile.mkdtemp(prefix=f"lightfast-load-{name}-")) for name in ("state", "work"))
    for folder in (state, scratch):
        folder.chmod(0o711)  # the embedded Postgres of a root runs as somebody else
    try:
        prepare(state)
        from bench.load.page import write
        from bench.load.report import machine

        figures = _kept(options.out / "load.json") if options.only else {}
        figures["machine"] = machine(datetime.now(UTC).date().isoformat())
        measure(figures, options, scratch)
        write(figures, options.out)
    finally:
        _stop()
        for folder in (state, scratch):
            shutil.rmtree(folder, ignore_errors=True)


def _kept(path: Path) -> dict[str, Any]:
    """Return the figures of an earlier measurement, if there was one."""
    found: dict[str, Any] = json.loads(path.read_text()) if path.exists() else {}
    return found


def measure(figures: dict[str, Any], options: argparse.Namespace, scratch: Path) -> None:
    """Take the figures of each part, and tell them as they come."""
    from django.core.management import call_command

    from bench.load import growth, searches, syncing, visits, webhooks

    parts = options.only or PARTS
    if "webhooks" in parts:
        _tell(figures, "webhooks", webhooks.measure(rates=options.rate, seconds=options.seconds))
    if "syncing" in parts:
        _tell(figures, "syncing", syncing.measure(options.path, scratch))
    if "growth" not in parts:
        return
    call_command("flush", interactive=False, verbosity=0)  # sizes are to be of what grows alone
    sizes = [size for size in SIZES if size < options.top] + [options.top]
    grown = []
    for workspace, row in growth.grow(options.path, scratch, sizes):
        grown.append(row)
        _tell(figures, "growth", grown, shown=row)
        if row["chunks"] == min(LOADED_AT, options.top):
            figures["loaded at"] = row["chunks"]
            _tell(figures, "searches", searches.measure(workspace, seconds=options.seconds))
            _tell(figures, "visits", visits.measure(workspace, seconds=options.seconds))


def _tell(figures: dict[str, Any], name: str, found: object, *, shown: object = None) -> None:
    figures[name] = found
    print(f"{time.strftime('%H:%M:%S')} {name}: {json.dumps(shown or found)}", flush=True)


def _stop() -> None:
    """Leave the database, whose server then ends."""
    import dramatiq
    from django.db import connections

    broker = dramatiq.get_broker()
    if (pool := getattr(broker, "pool", None)) is not None:
        pool.close()
    connections.close_all()
    time.sleep(4)


if __name__ == "__main__":
    main()
