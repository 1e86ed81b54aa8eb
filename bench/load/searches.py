"""Searches through the API by many clients at once, each with a key of its own."""

import asyncio
import json
from collections import Counter

from bench.load.client import Answer, prepared, visitors
from bench.load.installation import up
from bench.load.report import Figures, milliseconds
from bench.searching import queries
from console.models import Scope, Workspace
from console.services import create_api_key

CLIENTS = (1, 10, 50)
UNLIMITED = {"RATE_LIMIT_SEARCH": "1000000", "EMBEDDER": "local"}  # counted, and never refused


def measure(workspace: Workspace, *, seconds: int) -> list[Figures]:
    """Return throughput, times and fairness by the number of clients."""
    version = workspace.stores.get().serving
    assert version is not None
    asked = queries(version)
    tokens = [
        create_api_key(workspace=workspace, name=f"Client {number}", scopes=[Scope.SEARCH])[1]
        for number in range(max(CLIENTS))
    ]
    with up("--no-worker", "--no-scheduler", **UNLIMITED) as address:

        def request(client: int, turn: int) -> bytes:
            headers = {"Authorization": f"Bearer {tokens[client]}", "Content-Type": "application/json"}
            body = json.dumps({"query": asked[(client * 7 + turn) % len(asked)]}).encode()
            return prepared("POST", f"{address}/api/v1/search", headers=headers, body=body)

        asyncio.run(visitors(address, 8, 5, request))  # until both processes have the model
        return [
            figures_of(asyncio.run(visitors(address, number, seconds, request)), seconds)
            for number in CLIENTS
        ]


def figures_of(answers: list[list[Answer]], seconds: int) -> Figures:
    """Sum up what some clients were answered; fairness is Jain's index of their numbers of answers, 1 at best.

    The last answers come after the time is up, by as much as one may take: hence at least so many a second.
    """
    every = [answer for client in answers for answer in client]
    numbers = [len(client) for client in answers]
    took = milliseconds([answer.seconds for answer in every])
    return {
        "clients": len(answers),
        "answers": len(every),
        "a second, at least": round(len(every) / (seconds + took["most ms"] / 1000), 1),
        **took,
        "errors": sum(answer.status != 200 for answer in every),
        "statuses": dict(Counter(answer.status for answer in every)),
        "least and most of a client": [min(numbers), max(numbers)],
        "fairness": round(sum(numbers) ** 2 / (len(numbers) * sum(n * n for n in numbers)), 3),
    }
