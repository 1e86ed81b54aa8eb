"""Fuzz one harness until its time is up or it has found something; the rest of the arguments are libFuzzer's."""

import os
import sys
from pathlib import Path

import atheris  # type: ignore[import-untyped]

os.environ |= {"DJANGO_SETTINGS_MODULE": "lightfast.settings", "READ_DOTENV": "false", "SECRET_KEY": "fuzz"}
os.environ |= {"ENCRYPTION_KEYS": "fuzz", "DATABASE_URL": "postgres://127.0.0.1:1/none"}

with atheris.instrument_imports(include=["ingestion.pipeline", "ingestion.sources", "search", "yaml"]):
    import django

    django.setup()
    from tests.fuzz.targets import SEEDS, TARGETS

name = sys.argv.pop(1)
for number, seed in enumerate(SEEDS[name]):
    (Path(sys.argv[1]) / f"seed{number}").write_bytes(seed)
atheris.Setup(sys.argv, TARGETS[name])
atheris.Fuzz()
