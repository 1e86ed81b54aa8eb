"""`manage.py scheduler`: what is due, every minute; any number may run at once."""

import logging
import signal
import time
from argparse import ArgumentParser
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.db import close_old_connections
from django.utils.module_loading import import_string

logger = logging.getLogger(__name__)


class Command(BaseCommand):
    """Call the callables of SCHEDULER_TICKS again and again."""

    help = "Start what is due, every SCHEDULER_INTERVAL seconds."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the options."""
        parser.add_argument("--interval", type=float, default=settings.SCHEDULER_INTERVAL, help="seconds")
        parser.add_argument("--once", action="store_true", help="tick once and end")

    def handle(self, *_: Any, **options: Any) -> None:
        """Tick until SIGTERM or SIGINT; a tick under way is finished first."""
        ticks = {path: import_string(path) for path in settings.SCHEDULER_TICKS}
        if options["once"]:
            tick_all(ticks)
            return
        asked: list[int] = []
        for order in (signal.SIGINT, signal.SIGTERM):
            signal.signal(order, lambda got, _: asked.append(got))
        next_at = 0.0
        while not asked:
            if time.monotonic() >= next_at:
                next_at = time.monotonic() + options["interval"]
                tick_all(ticks)
            time.sleep(0.1)


def tick_all(ticks: dict[str, Callable[[], object]]) -> None:
    """Call each tick, whatever becomes of the others."""
    for path, tick in ticks.items():
        close_old_connections()
        try:
            tick()
        except Exception:
            logger.exception("%s failed; it is called again at the next tick", path)
    close_old_connections()
