"""The JSON Schema of a plan's document."""

from __future__ import annotations

import json
from typing import Any

from pydantic.json_schema import GenerateJsonSchema

from ..plan import FORMAT_VERSION, LANGUAGE
from ..plan.expressions import LEFT_OUT
from .reading import adapter


def schema() -> dict[str, Any]:
    """The JSON Schema (2020-12) of the document; compiler/plan/plan.schema.json holds it."""
    found = adapter().json_schema(mode="serialization", schema_generator=_Untitled)
    for part in (found, *found["$defs"].values()):
        if "properties" in part:
            part["additionalProperties"] = False
            part["required"] = _always(part["properties"])
    found["properties"]["format_version"] = {"const": FORMAT_VERSION}
    found["properties"]["language"] = {"const": LANGUAGE}
    found["properties"]["digest"] = {"type": "string", "pattern": "^[0-9a-f]{64}$"}
    found["required"] = sorted({*found["required"], "format_version", "language", "digest"})
    found["title"] = "Campaigner plan"
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **found}


def _always(properties: dict[str, dict[str, Any]]) -> list[str]:
    """The entries that stand in every document; the mark of the others is taken off."""
    return sorted(name for name, one in properties.items() if not one.pop(LEFT_OUT, False))


class _Untitled(GenerateJsonSchema):
    """Without titles that say no more than the names they stand under."""

    def field_title_should_be_set(self, schema: object) -> bool:  # noqa: ARG002  (always)
        return False


def schema_text() -> str:
    """The schema as plan.schema.json holds it."""
    return json.dumps(schema(), indent=2, sort_keys=True, ensure_ascii=False) + "\n"
