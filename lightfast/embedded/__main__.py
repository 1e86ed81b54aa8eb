"""`python -m lightfast.embedded STATE …` is the keeper; `lightfast.embedded` starts it."""

import argparse
import sys
from pathlib import Path

from lightfast.embedded.keeper import keep

parser = argparse.ArgumentParser(prog="lightfast.embedded")
parser.add_argument("state_dir", type=Path)
parser.add_argument("--durable", action=argparse.BooleanOptionalAction, required=True)
parser.add_argument("--linger", type=float, required=True)
for name in ("--start-lock", "--keeper-lock", "--report"):
    parser.add_argument(name, type=int, required=True, help="an inherited file descriptor")
sys.exit(keep(**vars(parser.parse_args())))
