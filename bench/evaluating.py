"""Measure how good search is on the histories of released projects, beside BM25 and plain fusion: `make evaluate`.

The histories ask questions; `bench.known` asks for what one file has.

What was indexed is kept in `.lightfast/evaluate` and used again; the first time takes as long as embedding some three
million tokens on this machine's processor. `make peer` asks another framework the same.
"""

import argparse
import os
from itertools import chain
from pathlib import Path

SPLITS = {"dev": (True,), "test": (False,), "both": (True, False)}


def main() -> None:
    """Index what is not indexed yet, ask every query, and print the figures."""
    parser = argparse.ArgumentParser(prog="make evaluate ARGS=…", description=__doc__)
    parser.add_argument("--split", choices=SPLITS, default="both", help="search is tuned on dev only")
    parser.add_argument("--only", action="append", help="only this project (repeatable)")
    parser.add_argument("--peer", action="store_true", help="beside LlamaIndex (with `make peer`)")
    options = parser.parse_args()
    base = Path(__file__).resolve().parent.parent
    os.environ.setdefault("STATE_DIR", str(base / ".lightfast" / "evaluate"))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lightfast.settings")
    os.environ |= {"READ_DOTENV": "false", "LOG_LEVEL": "ERROR", "EMBEDDER": "local"}
    os.environ.setdefault("LOCAL_EMBEDDER_THREADS", str(os.cpu_count() or 1))
    import django

    django.setup()
    from django.conf import settings
    from django.core.management import call_command
    from rich.console import Console

    from bench.histories import HISTORIES, indexed
    from bench.known import known_items
    from bench.setting import percentile
    from ingestion.models import Document
    from search.evaluation.run import Report, evaluate
    from search.evaluation.tables import gain_table, kind_table, measure_table

    call_command("migrate", verbosity=0)
    console = Console(width=140)
    chosen = [history for history in HISTORIES if not options.only or history.name in options.only]
    sets = {history.name: indexed(history, settings.STATE_DIR / "histories") for history in chosen}
    for is_dev in SPLITS[options.split]:
        together = Report()
        took: dict[str, list[float]] = {}
        kinds: dict[str, Report] = {}
        half = "dev" if is_dev else "test"
        for name, (source, pairs) in sets.items():
            asked = [pair for pair in pairs if pair.is_dev == is_dev]
            if options.peer:
                from bench.peer import compare

                report = compare(source, asked, took)
            else:
                files = Document.objects.filter(integration=source, kind="file").values_list("key", "text")
                items = known_items(dict(files), is_dev=is_dev)
                every = [*asked, *chain.from_iterable(items.values())]
                whole = evaluate(source.workspace, every, source=source.pk, references=True)
                report, first = whole.part(0, len(asked)), len(asked)
                for kind, of_kind in items.items():
                    kinds.setdefault(kind, Report()).add(whole.part(first, first + len(of_kind)))
                    first += len(of_kind)
            console.print(measure_table(f"{name}, {half}: {report.pairs} queries", report))
            together.add(report)
        console.print(measure_table(f"all, {half}: {together.pairs} queries", together))
        console.print(gain_table(together))
        if kinds:
            console.print(kind_table(f"what one file has, {half}", kinds))
        for side, values in took.items():
            median, late = percentile(values, 0.5), percentile(values, 0.95)
            console.print(f"{side}: median {median:.1f} ms, 95 % within {late:.1f} ms, whole search")


if __name__ == "__main__":
    main()
