"""Measure the pipeline, the index and the search, each beside a reference, and print the figures."""

import argparse
import os
import tempfile
from pathlib import Path
from typing import Any

PARTS = ("pipeline", "local", "search", "incremental", "pages", "api")


def main() -> None:
    """Set up a database of its own, measure, and drop it again."""
    parser = argparse.ArgumentParser(prog="make bench ARGS=…", description=__doc__)
    parser.add_argument("--path", default=".", help="a git repository (default: this one)")
    parser.add_argument("--files", type=int, default=0, help="take so many of its files (default: all)")
    parser.add_argument(
        "--local-files", type=int, default=120, help="files for the local embedder, which is slow"
    )
    parser.add_argument("--large", type=int, default=100_000, help="documents of the large index")
    parser.add_argument(
        "--chunks", type=int, default=100_000, help="chunks to search, by copies; 0: as many as there are"
    )
    parser.add_argument("--only", action="append", choices=PARTS, help="measure only this part (repeatable)")
    options = parser.parse_args()

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lightfast.settings")
    os.environ |= {"LOG_LEVEL": "ERROR", "EMBEDDER": "null", "READ_DOTENV": "false", "WORKER_THREADS": "1"}
    import django

    django.setup()
    import dramatiq
    from django.db import connection

    from bench import api, incremental, pages, pipeline, searching

    connection.creation.create_test_db(verbosity=0, autoclobber=True)
    try:
        with tempfile.TemporaryDirectory(prefix="lightfast-bench-") as folder:
            parts = options.only or PARTS
            path, scratch = Path(options.path).resolve(), Path(folder)
            if "pipeline" in parts:
                pipeline.measure_null(path, scratch, files=options.files)
            if "local" in parts:
                pipeline.measure_local(path, scratch, files=options.local_files)
            if "search" in parts:
                searching.measure(path, scratch, files=options.files, chunks=options.chunks)
            if "api" in parts:
                api.measure(path, scratch, files=options.files)
            if "incremental" in parts:
                incremental.measure(scratch, large=options.large)
            if "pages" in parts:
                pages.measure(large=options.large)
    finally:
        broker: Any = dramatiq.get_broker()
        broker.pool.close()
        connection.creation.destroy_test_db("lightfast", verbosity=0)


if __name__ == "__main__":
    main()
