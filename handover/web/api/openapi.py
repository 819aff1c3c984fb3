"""`/api/v1/openapi.json`: OpenAPI 3.1, made from the models that parse the requests and the shapes that are sent."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from aiohttp import web
from pydantic import BaseModel, TypeAdapter

from handover import __version__
from handover.web.doors import Handler, anyone

BASE = "/api/v1"
_REF = "#/components/schemas/{model}"


@dataclass(frozen=True)
class Parameter:
    """A query's or path's parameter."""

    name: str
    schema: dict[str, Any]
    required: bool = False
    place: str = "query"


@dataclass(frozen=True)
class Operation:
    """One thing a program can do: its route and its lines in the document."""

    method: str
    path: str
    handler: Handler
    summary: str
    scope: str = ""
    request: type[BaseModel] | None = None
    response: Any = None
    status: int = 200
    problems: tuple[int, ...] = ()
    parameters: Sequence[Parameter] = ()

    @property
    def route(self) -> web.RouteDef:
        """The route under /api/v1."""
        return web.route(self.method, BASE + self.path, self.handler)


PROBLEM = {
    "type": "object",
    "description": "RFC 9457, with a stable `code`",
    "required": ["status", "code", "detail"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "code": {"type": "string"},
        "detail": {"type": "string"},
        "fields": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["field", "code", "message"],
                "properties": {name: {"type": "string"} for name in ("field", "code", "message")},
            },
        },
        "alternatives": {"type": "array", "items": {"type": "object"}},
        "current": {"type": "object"},
    },
}


def document(operations: Sequence[Operation]) -> dict[str, Any]:
    """The whole document."""
    schemas: dict[str, Any] = {"Problem": PROBLEM}
    paths: dict[str, dict[str, Any]] = {}
    for one in operations:
        paths.setdefault(BASE + one.path, {})[one.method.lower()] = _lines(one, schemas)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Handover",
            "version": __version__,
            "license": {"name": "MIT", "identifier": "MIT"},
        },
        "paths": paths,
        "components": {
            "schemas": schemas,
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
    }


def _lines(one: Operation, schemas: dict[str, Any]) -> dict[str, Any]:
    answers: dict[str, Any] = {str(one.status): {"description": "Done"}}
    if one.response is not None:
        answers[str(one.status)]["content"] = {"application/json": {"schema": _schema(one.response, schemas)}}
    problem = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    for status in (*((401, 403) if one.scope else ()), *one.problems):
        answers[str(status)] = {"description": "Problem", "content": problem}
    in_path = [name[1:-1] for name in one.path.split("/") if name.startswith("{")]
    parameters = [Parameter(name, {"type": "string"}, True, "path") for name in in_path]
    lines: dict[str, Any] = {
        "operationId": re.sub(r"\W+", "_", f"{one.method.lower()} {one.path}").strip("_"),
        "summary": one.summary,
        "security": [{"token": []}] if one.scope else [],
        "responses": answers,
        "parameters": [
            {"name": each.name, "in": each.place, "required": each.required, "schema": each.schema}
            for each in (*parameters, *one.parameters)
        ],
    }
    if one.scope:
        lines["description"] = f"Needs the scope `{one.scope}`."
    if one.request is not None:
        content = {"application/json": {"schema": _schema(one.request, schemas)}}
        lines["requestBody"] = {"required": True, "content": content}
    return lines


def _schema(shape: Any, schemas: dict[str, Any]) -> dict[str, Any]:
    """A reference to a shape, its definitions gathered on the way."""
    made = TypeAdapter(shape).json_schema(by_alias=True, ref_template=_REF)
    schemas.update(made.pop("$defs", {}))
    schemas[shape.__name__] = made
    return {"$ref": _REF.format(model=shape.__name__)}


@cache
def _text() -> str:
    from handover.web.api import OPERATIONS

    return json.dumps(document(OPERATIONS), ensure_ascii=False)


@anyone
async def openapi(request: web.Request) -> web.Response:
    """GET /api/v1/openapi.json"""
    return web.Response(text=_text(), content_type="application/json")
