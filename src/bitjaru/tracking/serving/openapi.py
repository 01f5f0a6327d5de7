"""What the server answers to, as OpenAPI 3.1 and as a page that needs no network."""

import json
from html import escape

import bitjaru
from bitjaru.tracking.serving.openapi_schemas import Schema, schemas
from bitjaru.tracking.serving.settings import Settings

REFUSED = {
    400: "The request cannot be read: not JSON or CSV, no known form, no column `text`; or another host's name.",
    401: "The token is missing or another one.",
    404: "There is no such page.",
    405: "The page takes another method.",
    408: "The body did not come in time.",
    413: "The request is over a limit, which the message names.",
    500: "The model could not answer; the server's log says why.",
    503: "Too many reviews wait, the model is still being loaded, or there was no answer in time.",
}


def document(settings: Settings) -> bytes:
    """Writes the description of a server with these settings."""
    return json.dumps(describe(settings), ensure_ascii=False, indent=1).encode()


def describe(settings: Settings) -> Schema:
    """Returns the description of a server with these settings."""
    described: Schema = {
        "openapi": "3.1.0",
        "info": {
            "title": settings.model or "bitjaru",
            "version": bitjaru.__version__,
            "description": "Reviews in, labels and probabilities out. The forms of requests and answers are MLflow's.",
        },
        "paths": _paths(settings),
        "components": {"schemas": schemas(settings.limits), "headers": _headers()},
    }
    if settings.token:
        described["components"]["securitySchemes"] = {"token": {"type": "http", "scheme": "bearer"}}
    return described


def _paths(settings: Settings) -> Schema:
    limits = settings.limits
    invocations = {
        "summary": "Answers reviews",
        "description": f"At most {limits.megabytes} MB, {limits.rows:,} rows, {limits.characters:,} characters a text, "
        f"{limits.seconds:g} seconds. At most {limits.waiting:,} reviews wait at a time.",
        "requestBody": {
            "required": True,
            "content": {
                "application/json": {"schema": {"$ref": "#/components/schemas/Request"}},
                "text/csv": {"schema": {"type": "string", "description": "Its first line names its columns."}},
            },
        },
        "responses": {
            "200": _response("One answer a row, in order.", {"$ref": "#/components/schemas/Predictions"}),
            **_refused(400, *_of_token(settings), 408, 413, 500, 503),
        },
        **_asks(settings),
    }
    status = {"type": "object", "properties": {"status": {"type": "string"}}, "required": ["status"]}
    text = {"type": "string"}
    return {
        "/invocations": {"post": invocations},
        "/ping": {"get": _page("Whether the process lives", _response("It lives.", status), settings, token=False)},
        "/health": {"get": _page("The same as /ping", _response("It lives.", status), settings, token=False)},
        "/ready": {
            "get": _page("Whether every worker can answer", _response("All can.", status), settings, 503, token=False)
        },
        "/version": {"get": _page("Of MLflow, whose forms these are", _response("", text, "text/plain"), settings)},
        "/metrics": {"get": _page("Counts for Prometheus", _response("", text, "text/plain"), settings)},
        "/openapi.json": {"get": _page("This description", _response("", {"type": "object"}), settings)},
        "/docs": {"get": _page("This description to read", _response("", text, "text/html"), settings)},
    }


def _page(summary: str, response: Schema, settings: Settings, *refused: int, token: bool = True) -> Schema:
    more = _refused(400, *(_of_token(settings) if token else ()), *refused)
    return {"summary": summary, "responses": {"200": response, **more}, **(_asks(settings) if token else {})}


def _asks(settings: Settings) -> Schema:
    return {"security": [{"token": []}]} if settings.token else {}


def _of_token(settings: Settings) -> tuple[int, ...]:
    return (401,) if settings.token else ()


def _response(told: str, schema: Schema, kind: str = "application/json") -> Schema:
    headers = _named("x-model", "x-model-sha256", "x-data-sha256")
    return {"description": told, "headers": headers, "content": {kind: {"schema": schema}}}


def _refused(*statuses: int) -> Schema:
    refused = {}
    for status in statuses:
        refused[str(status)] = _response(REFUSED[status], {"$ref": "#/components/schemas/Refusal"})
        more = {503: "retry-after", 401: "www-authenticate"}.get(status)
        if more:
            refused[str(status)]["headers"] |= _named(more)
    return refused


def _named(*names: str) -> Schema:
    return {name: {"$ref": f"#/components/headers/{name}"} for name in names}


def _headers() -> Schema:
    told = {
        "x-model": "Name and version of the model.",
        "x-model-sha256": "Of the manifest of the model's files.",
        "x-data-sha256": "Of the data that the model learned from.",
        "retry-after": "Seconds.",
        "www-authenticate": "How a token is sent.",
    }
    return {name: {"description": text, "required": True, "schema": {"type": "string"}} for name, text in told.items()}


def page(settings: Settings) -> bytes:
    """Writes the description as a page of plain HTML."""
    described = describe(settings)
    parts = [f"<h1>{escape(described['info']['title'])}</h1><p>{escape(described['info']['description'])}</p>"]
    for path, methods in described["paths"].items():
        for method, told in methods.items():
            rows = "".join(
                f"<tr><td>{status}<td>{escape(response['description'])}"
                for status, response in told["responses"].items()
            )
            parts.append(f"<h2>{method.upper()} {path}</h2><p>{told['summary']}. {told.get('description', '')}</p>")
            parts.append(f"<table>{rows}</table>")
    schemas = json.dumps(described["components"]["schemas"], ensure_ascii=False, indent=2)
    parts.append(f"<h2>Schemas</h2><pre>{escape(schemas)}</pre>")
    style = "body{font:16px sans-serif;max-width:60em;margin:2em auto}td{padding:0 1em 0 0;vertical-align:top}"
    head = f'<!doctype html><html lang="en"><meta charset="utf-8"><title>API</title><style>{style}</style>'
    return "\n".join([head, *parts, "</html>"]).encode()
