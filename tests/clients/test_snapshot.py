"""The client knows the API: a method for each operation, and models that are its schemas."""

import inspect
import json
import re
from pathlib import Path
from typing import Any

import pytest
from pydantic import TypeAdapter

from lightfast_client import Lightfast, models

ROOT = Path(__file__).resolve().parents[2]
SNAPSHOT = json.loads((ROOT / "docs" / "openapi.json").read_text())
SCHEMAS: dict[str, Any] = SNAPSHOT["components"]["schemas"]
OPERATIONS = {
    operation["operationId"]: operation
    for operations in SNAPSHOT["paths"].values()
    for operation in operations.values()
}
MODELS: dict[str, Any] = {
    "Activities": models.Page[models.Activity],
    "Documents": models.Page[models.DocumentRow],
    "Items": models.Page[models.RunItem],
    "Keys": models.Page[models.Key],
    "Runs": models.Page[models.Run],
    "Sources": models.Page[models.Source],
    "Stores": models.Page[models.Store],
    "ContentsOut": models.Contents,
    "DocumentOut": models.Document,
    "FoundOut": models.Found,
    "KeyOut": models.Key,
    "NewKey": models.NewKey,
    "RunOut": models.Run,
    "SearchOut": models.SearchAnswer,
    "SourceOut": models.Source,
    "UsageOut": models.Usage,
    "Whoami": models.Whoami,
}


def answer_of(operation: dict[str, Any]) -> str:
    (status,) = [status for status in operation["responses"] if status.startswith("2")]
    reference = operation["responses"][status]["content"]["application/json"]["schema"]["$ref"]
    return str(reference.rsplit("/", 1)[-1])


def shape(schema: dict[str, Any], known: dict[str, Any]) -> Any:
    """Return what a schema allows, without names and descriptions; vocabularies are text."""
    if "$ref" in schema:
        return shape(known[schema["$ref"].rsplit("/", 1)[-1]], known)
    if "anyOf" in schema:
        return sorted((shape(one, known) for one in schema["anyOf"]), key=str)
    kind = schema.get("type")
    if kind == "object" and "properties" in schema:
        fields = {name: shape(one, known) for name, one in schema["properties"].items()}
        return {"fields": fields, "required": sorted(schema.get("required", []))}
    if kind == "array":
        inner = schema.get("prefixItems") or [schema["items"]]
        return ["array", *(shape(one, known) for one in inner)]
    values = schema.get("additionalProperties")
    return [kind, schema.get("format"), shape(values, known) if isinstance(values, dict) else None]


@pytest.mark.parametrize("name", sorted(OPERATIONS))
def test_every_operation_has_a_method_that_returns_its_answer(name: str) -> None:
    method = getattr(Lightfast, name)
    assert inspect.signature(method, eval_str=True).return_annotation is MODELS[answer_of(OPERATIONS[name])]


@pytest.mark.parametrize("name", sorted(OPERATIONS))
def test_every_method_takes_what_its_operation_takes(name: str) -> None:
    operation = OPERATIONS[name]
    taken = {parameter["name"] for parameter in operation["parameters"]}
    if body := operation.get("requestBody"):
        (schema,) = body["content"].values()
        (reference,) = re.findall(r"schemas/(\w+)", json.dumps(schema["schema"]))
        taken |= set(SCHEMAS[reference]["properties"])
    given = set(inspect.signature(getattr(Lightfast, name)).parameters) - {"self"}
    if "filters" in given:
        given = given - {"filters"} | set(
            SCHEMAS["FiltersIn"]["properties"] if "FiltersIn" in SCHEMAS else ()
        )
        given |= set(SCHEMAS["FactsIn"]["properties"]) | {"after", "before"}
    names = {"Idempotency-Key": "idempotency_key", "document_id": "document", "source_id": "source"}
    names |= {"run_id": "run", "key_id": "key"}
    assert {names.get(one, one) for one in taken} - {"offset"} == given


@pytest.mark.parametrize("name", sorted(MODELS))
def test_every_model_is_its_schema(name: str) -> None:
    model = TypeAdapter(MODELS[name]).json_schema(mode="serialization")
    assert shape(model, model.get("$defs", {})) == shape(SCHEMAS[name], SCHEMAS)
