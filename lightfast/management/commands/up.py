"""`manage.py up`: everything that Lightfast is, in one process tree."""

import contextlib
import os
import shutil
import socket
import sys
import threading
from argparse import ArgumentParser, ArgumentTypeError
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import connection, connections
from django.utils.termcolors import colorize

from lightfast.metrics import SHARED_DIR
from lightfast.process_tree import ProcessTree, Program

NICENESS = 5  # of workers: on one machine with the web server, people and webhooks go first
_COLORS = {"up": "white", "web": "green", "worker": "cyan", "scheduler": "magenta"}


class Command(BaseCommand):
    """Run the web server, the workers and the scheduler until asked to stop."""

    help = "Migrate, then run the web server, the workers and the scheduler until Ctrl-C."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the options."""
        parser.add_argument(
            "--host", default="127.0.0.1", help="where the web server listens (default: 127.0.0.1)"
        )
        parser.add_argument(
            "--port", type=int, default=8000, help="its port; 0 for any free one (default: 8000)"
        )
        parser.add_argument(
            "--workers", type=_count, default=2, help="processes of the web server (default: 2)"
        )
        parser.add_argument(
            "--processes", type=_count, default=settings.WORKER_PROCESSES, help="processes of the workers"
        )
        parser.add_argument("--no-web", action="store_true", help="leave the web server to another machine")
        parser.add_argument("--no-worker", action="store_true", help="leave the workers to another machine")
        parser.add_argument(
            "--no-scheduler", action="store_true", help="leave the scheduler to another machine"
        )

    def handle(self, *_: Any, **options: Any) -> None:
        """Run everything; the exit status is 0 only if a signal asked for the end."""
        self._writing = threading.Lock()
        with contextlib.ExitStack() as stack:
            programs = []
            if not options["no_web"]:
                listener = stack.enter_context(_listen(options["host"], options["port"]))
                host, port = listener.getsockname()[:2]
                programs.append(_web(listener, options["workers"]))
                self._write("up", f"listens on http://{f'[{host}]' if ':' in host else host}:{port}")
            if not options["no_worker"]:
                programs.append(_manage("worker", *_worker(options["processes"]), niceness=NICENESS))
            if not options["no_scheduler"]:
                programs.append(_manage("scheduler", "scheduler"))
            if not programs:
                raise CommandError("Nothing is left to run: leave out one of the --no-… options.")
            _prepare(static=not options["no_web"])
            failure = ProcessTree(programs, settings.BASE_DIR, self._write).run()
        if failure:
            raise CommandError(failure)

    def _write(self, name: str, line: str) -> None:
        """Write a line of a program; a closed terminal must not stop the programs."""
        prefix = f"{name:<9} | "
        if self.stdout.isatty():
            prefix = colorize(prefix, fg=_COLORS[name])
        with self._writing, contextlib.suppress(OSError, ValueError):
            self.stdout.write(f"{prefix}{line}")
            self.stdout.flush()


def _count(text: str) -> int:
    number = int(text)
    if number < 1:
        raise ArgumentTypeError("must be 1 or more")
    return number


def _listen(host: str, port: int) -> socket.socket:
    """Take the port before anything starts; a web server that is restarted loses no connection."""
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        return socket.create_server((host, port), family=family, backlog=1024)
    except (OSError, OverflowError) as error:
        raise CommandError(
            f"Cannot listen on {host} port {port}: {getattr(error, 'strerror', None) or error}. "
            "Stop what uses it, or choose another with --host and --port."
        ) from error


def _prepare(*, static: bool) -> None:
    """Migrate, one process at a time however many machines start, and collect the static files."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(hashtext('lightfast migrate'))")
        call_command("migrate", interactive=False)
        cursor.execute("SELECT pg_advisory_unlock(hashtext('lightfast migrate'))")
    connections.close_all()
    if static and settings.METRICS_TOKEN:
        counted = settings.STATE_DIR / "metrics"
        shutil.rmtree(counted, ignore_errors=True)
        counted.mkdir()
        os.environ[SHARED_DIR] = str(counted)
    if static and not settings.DEBUG:
        call_command("collectstatic", interactive=False, verbosity=0)


def _web(listener: socket.socket, processes: int) -> Program:
    command = [sys.executable, "-m", "gunicorn", "lightfast.wsgi", "--bind", f"fd://{listener.fileno()}"]
    command += ["--worker-class", "gthread", "--threads", "4", "--workers", str(processes)]
    command += ["--graceful-timeout", "5", "--no-control-socket"]
    return Program("web", command, pass_fds=(listener.fileno(),))


def _worker(processes: int) -> list[str]:
    command = ["rundramatiq", "--processes", str(processes), "--threads", str(settings.WORKER_THREADS)]
    return [*command, "--worker-shutdown-timeout", "4000"]  # milliseconds; the tree kills later


def _manage(name: str, *arguments: str, niceness: int = 0) -> Program:
    return Program(
        name, [sys.executable, str(settings.BASE_DIR / "manage.py"), *arguments], niceness=niceness
    )
