"""The command line: `lightfast search`, `sources`, `sync`, `runs`, `whoami`.

Exit status: 0 done, 1 nothing found or a sync that failed, 2 a mistake in the command, 3 refused, 4 no answer.
"""

import json
import sys
from collections.abc import Sequence
from typing import Any, NoReturn

import click
from pydantic import BaseModel
from rich.console import Console

from lightfast_client import __version__
from lightfast_client.client import Facts, Lightfast
from lightfast_client.errors import LightfastError, Problem
from lightfast_client.models import Source
from lightfast_client.render import follow, show_results, show_runs, show_sources

OK, NOTHING, REFUSED, NO_ANSWER = 0, 1, 3, 4

as_json = click.option("--json", "as_json", is_flag=True, help="Print JSON, for programs.")


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--url", help="Where Lightfast is. [env: LIGHTFAST_URL]")
@click.option("--key", help="A key of the workspace. [env: LIGHTFAST_KEY]")
@click.version_option(__version__, prog_name="lightfast")
@click.pass_context
def cli(context: click.Context, url: str | None, key: str | None) -> None:
    """Search a Lightfast workspace, and look after its sources."""
    if context.resilient_parsing:
        return
    context.obj = context.with_resource(Lightfast(url, key))


@cli.command()
@click.argument("query", nargs=-1, required=True)
@click.option(
    "--mode", "-m", default="hybrid", type=click.Choice(["hybrid", "semantic", "lexical", "exact", "regex"])
)
@click.option("--effort", default="balanced", type=click.Choice(["fast", "balanced", "thorough"]))
@click.option("--limit", "-n", default=10, type=click.IntRange(1, 50), help="Results at most.")
@click.option("--source", "-s", multiple=True, help="Only this source, by name or id.")
@click.option("--path", "-p", multiple=True, help="Only these paths, as a glob.")
@click.option("--lang", "-l", multiple=True, help="Only this language.")
@click.option("--kind", "-k", multiple=True, help="Only this kind, such as file or issue.")
@click.option("--not-path", multiple=True, help="None of these paths.")
@as_json
@click.pass_obj
def search(client: Lightfast, /, query: Sequence[str], not_path: Sequence[str], **options: Any) -> None:
    """Search. Filters may stand in the query: repo:shop lang:go -path:vendor/ "a phrase"."""
    without: Facts | None = {"paths": not_path} if not_path else None
    found = client.search(
        " ".join(query),
        mode=options["mode"],
        effort=options["effort"],
        limit=options["limit"],
        without=without,
        sources=options["source"],
        paths=options["path"],
        languages=options["lang"],
        kinds=options["kind"],
    )
    if options["as_json"]:
        _print(found)
    else:
        show_results(Console(highlight=False), found)
    sys.exit(OK if found.results else NOTHING)


@cli.command()
@click.option("--state", type=click.Choice(["active", "paused", "blocked"]))
@as_json
@click.pass_obj
def sources(client: Lightfast, state: str | None, as_json: bool) -> None:
    """List the sources, and how fresh each is."""
    rows = list(client.every(client.list_sources, state=state))
    _print(rows) if as_json else show_sources(Console(highlight=False), rows)


@cli.command()
@click.argument("source")
@click.option("--full", is_flag=True, help="Compare everything.")
@click.option("--wait", "-w", is_flag=True, help="Follow it to its end.")
@as_json
@click.pass_obj
def sync(client: Lightfast, source: str, full: bool, wait: bool, as_json: bool) -> None:
    """Sync SOURCE, by name or id, now."""
    run = client.sync_source(_source(client, source).id, full=full)
    if wait:
        quiet = as_json or not sys.stderr.isatty()
        run = client.wait_for_run(run.id) if quiet else follow(client, run)
    if as_json:
        _print(run)
    else:
        show_runs(Console(highlight=False), [run])
    sys.exit(NOTHING if run.state in ("failed", "cancelled") else OK)


@cli.command()
@click.option("--source", "-s", help="Only those of this source, by name or id.")
@click.option(
    "--state",
    type=click.Choice(["queued", "running", "completed", "completed_with_errors", "failed", "cancelled"]),
)
@click.option("--limit", "-n", default=20, type=click.IntRange(1, 100), help="Runs at most.")
@as_json
@click.pass_obj
def runs(client: Lightfast, source: str | None, state: str | None, limit: int, as_json: bool) -> None:
    """List the last runs."""
    of = _source(client, source).id if source else None
    rows = client.list_runs(source=of, state=state, limit=limit).items
    _print(rows) if as_json else show_runs(Console(highlight=False), rows)


@cli.command()
@as_json
@click.pass_obj
def whoami(client: Lightfast, as_json: bool) -> None:
    """Tell what the key is, and which workspace it opens."""
    who = client.whoami()
    if as_json:
        _print(who)
    else:
        click.echo(
            f"{who.organization.name} / {who.workspace.name}, by the key {who.key} ({', '.join(who.scopes)})"
        )


def _source(client: Lightfast, named: str) -> Source:
    rows = list(client.every(client.list_sources))
    found = [row for row in rows if named in (str(row.id), row.name)]
    found = found or [row for row in rows if row.name.rsplit("/", 1)[-1] == named]
    if len(found) != 1:
        names = ", ".join(sorted(row.name for row in found or rows)) or "none"
        raise click.UsageError(
            f"{'Several sources are' if found else 'No source is'} called {named!r}: {names}."
        )
    return found[0]


def _print(value: BaseModel | Sequence[BaseModel]) -> None:
    click.echo(json.dumps(_plain(value), indent=2, ensure_ascii=False))


def _plain(value: BaseModel | Sequence[BaseModel]) -> Any:
    return value.model_dump(mode="json") if isinstance(value, BaseModel) else [_plain(one) for one in value]


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run the command line."""
    try:
        cli(args=arguments, prog_name="lightfast")
    except Problem as error:
        click.echo(
            f"lightfast: {error}" + (f" (request {error.request_id})" if error.status >= 500 else ""),
            err=True,
        )
        sys.exit(REFUSED)
    except LightfastError as error:
        click.echo(f"lightfast: {error}", err=True)
        sys.exit(NO_ANSWER)
    sys.exit(OK)
