"""The schemas of what the server is asked and answers, as OpenAPI 3.1 names them."""

from typing import Any

from bitjaru.tracking.serving.request.limits import Limits
from bitjaru.tracking.serving.request.refusals import CODES
from bitjaru.tracking.serving.request.texts import COLUMN, PARAMETER

Schema = dict[str, Any]


def schemas(limits: Limits) -> Schema:
    """Returns the schemas of requests, answers and refusals within these limits."""
    text = {"type": ["string", "number", "null"], "maxLength": limits.characters}
    rows = {"type": "array", "maxItems": limits.rows}
    record = {"type": "object", "properties": {COLUMN: {"$ref": "#/components/schemas/Text"}}, "required": [COLUMN]}
    texts = {**rows, "items": {"$ref": "#/components/schemas/Text"}}
    listed = {**rows, "items": {"anyOf": [{"$ref": "#/components/schemas/Text"}, record]}}
    table = {
        "type": "object",
        "properties": {
            "columns": {"type": "array", "items": {"type": "string"}, "contains": {"const": COLUMN}, "maxContains": 1},
            "data": {**rows, "items": {"type": "array", "description": "A value for each column."}},
            "index": {"description": "Not looked at."},
        },
        "required": ["columns", "data"],
        "additionalProperties": False,
    }
    columns = {
        "type": "object",
        "description": "Columns of one length.",
        "properties": {COLUMN: texts},
        "additionalProperties": rows,
        "required": [COLUMN],
    }
    forms = [
        _form("dataframe_records", {**rows, "items": record}),
        _form("dataframe_split", table),
        _form("inputs", {"anyOf": [listed, columns]}),
        _form("instances", listed),
    ]
    return {
        "Text": {**text, "description": "null is an empty text, a number its digits."},
        "Request": {"oneOf": forms},
        "Predictions": _predictions(),
        "Refusal": {
            "type": "object",
            "properties": {"error_code": {"enum": list(CODES.values())}, "message": {"type": "string"}},
            "required": ["error_code", "message"],
            "additionalProperties": False,
        },
    }


def _form(name: str, schema: Schema) -> Schema:
    params = {
        "type": ["object", "null"],
        "properties": {PARAMETER: {"type": "boolean", "description": "Those of every class come with each answer."}},
        "additionalProperties": False,
    }
    return {
        "type": "object",
        "properties": {name: schema, "params": params},
        "required": [name],
        "additionalProperties": False,
    }


def _predictions() -> Schema:
    share = {"type": "number", "minimum": 0, "maximum": 1}
    row = {
        "type": "object",
        "properties": {
            "label": {"type": "string"},
            "probability": {**share, "description": "Of the label."},
            "no_known_token": {"type": "boolean", "description": "The model knew nothing of the text."},
        },
        "patternProperties": {"^probability of ": share},
        "required": ["label", "probability", "no_known_token"],
        "additionalProperties": False,
    }
    return {
        "type": "object",
        "properties": {"predictions": {"type": "array", "items": row}},
        "required": ["predictions"],
        "additionalProperties": False,
    }
