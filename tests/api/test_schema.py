"""Every operation with what its schema allows and forbids: no fault of ours, no answer but what it tells.

`make fuzz-api` tries more of it.
"""

import os
from typing import Any

import pytest
import schemathesis
from django.core.handlers.wsgi import WSGIHandler
from django.db import transaction
from hypothesis import HealthCheck, Phase, given
from hypothesis import settings as trying
from pytest_django.fixtures import Settings
from schemathesis import GenerationMode
from schemathesis.checks import CheckFunction
from schemathesis.specs.openapi import checks

from console.models import Activity, Scope, Workspace
from console.services import create_api_key
from ingestion.models import Document, Integration, Run

EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", "4"))  # of each kind for each operation

# What the schema cannot tell: a query of nothing but filters, a path pattern with a range the wrong way round. And
# numbers and truths are read from text, too.
EXCLUDED: list[CheckFunction] = [checks.positive_data_acceptance, checks.negative_data_rejection]


@pytest.mark.timeout(3_600)
def test_no_operation_fails_or_answers_other_than_its_schema_says(
    application: WSGIHandler, workspace: Workspace, indexed: Integration, settings: Settings
) -> None:
    settings.ALLOWED_HOSTS = ["*"]
    settings.RATE_LIMIT_SEARCH = settings.RATE_LIMIT_READ = 0
    settings.RATE_LIMIT_SYNC = settings.RATE_LIMIT_ADMIN = 0
    key, token = create_api_key(workspace=workspace, name="Fuzz", scopes=[Scope.ADMIN])
    spare, _ = create_api_key(workspace=workspace, name="Spare", scopes=[Scope.READ])
    there = {
        "document_id": str(Document.objects.earliest("pk").pk),
        "source_id": str(indexed.pk),
        "run_id": str(Run.objects.get().pk),
        "key_id": str(spare.pk),
    }
    schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", application)
    tried, failures = 0, []
    for result in schema.get_all_operations():
        operation = result.ok()  # type: ignore[union-attr]
        names = [parameter.name for parameter in operation.path_parameters]
        fixed = {name: there[name] for name in names}
        for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
            for known in [{}, fixed] if fixed else [{}]:
                try:
                    strategy = operation.as_strategy(mode, path_parameters=known or None)
                    tried += _try(strategy, {"Authorization": f"Bearer {token}"})
                except Exception as error:  # noqa: BLE001 - each operation has its turn
                    error.add_note(f"{operation.label}, {mode.value} data")
                    failures.append(error)
    if failures:
        raise ExceptionGroup("the API is not as its schema says", failures)
    assert tried > 100
    print(f"{tried} requests, 0 failures")
    assert Activity.objects.filter(api_key=key).exists()


def _try(strategy: Any, headers: dict[str, str]) -> int:
    count = 0

    @trying(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        derandomize=EXAMPLES <= 4,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=strategy)
    def one(case: "schemathesis.Case[Any]") -> None:
        nonlocal count
        count += 1
        with transaction.atomic():
            case.call_and_validate(headers=headers, excluded_checks=EXCLUDED)

    one()
    return count
