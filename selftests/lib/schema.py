# SPDX-License-Identifier: GPL-2.0-only
"""Checks answers of slash64d, and lines of slash64 --json, against docs/api.schema.json."""
import copy
import json
import os

from jsonschema import Draft202012Validator

PATH = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "docs", "api.schema.json")
ROWS_CHECKED = 20  # of the start of a list, and its last one: a list may have a million
with open(PATH) as _file:
    SCHEMA = json.load(_file)


class Invalid(Exception):
    pass


def _each(node, change):
    if isinstance(node, dict):
        if node.get("type") == "object" and "properties" in node:
            change(node)
        for value in node.values():
            _each(value, change)
    elif isinstance(node, list):
        for value in node:
            _each(value, change)


def _variant(change):
    schema = copy.deepcopy(SCHEMA)
    _each(schema["$defs"], change)
    return schema


def _no_more(node):
    node.setdefault("additionalProperties", False)


def _no_less(node):
    node.pop("required", None)


# open: as it is. strict: an undescribed key is an error. partial: keys may also be missing, as in
# scripted answers.
VARIANTS = {"open": SCHEMA, "strict": _variant(_no_more), "partial": _variant(_no_less)}
_validators = {}


def _validator(name, variant):
    if (name, variant) not in _validators:
        schema = {"$schema": SCHEMA["$schema"], "$ref": "#/$defs/" + name, "$defs": VARIANTS[variant]["$defs"]}
        _validators[name, variant] = Draft202012Validator(schema)
    return _validators[name, variant]


def _why(error):
    while error.context:
        error = max(error.context, key=lambda e: len(e.absolute_path))
    return "%s: %s" % ("/".join(map(str, error.absolute_path)) or "it", error.message[:200])


def check_one(names, value, variant="open"):
    """Raises Invalid unless the value matches one of the definitions."""
    why = []
    for name in names:
        error = next(_validator(name, variant).iter_errors(value), None)
        if not error:
            return
        why.append("as '%s' of docs/api.schema.json, %s" % (name, _why(error)))
    raise Invalid("%s of %s" % (" or ".join(why), json.dumps(value)[:300]))


def check_rows(names, rows, variant="open"):
    for row in rows if len(rows) <= ROWS_CHECKED else rows[:ROWS_CHECKED - 1] + rows[-1:]:
        check_one(names, row, variant)


def check_answer(method, path, status, answer, variant="open"):
    """Of a request over HTTP; the last line of a list may be a failure."""
    name = SCHEMA["answers"].get("%s %s" % (method, path.split("?")[0]))
    if status != 200:
        check_one(["failure"], answer, variant)
    elif name and isinstance(answer, list):
        check_rows([name], answer[:-1], variant)
        check_rows([name, "failure"], answer[-1:], variant)
    elif name:
        check_one([name], answer, variant)


def check_command(words, rows, variant="open"):
    """Of slash64 --json WORDS..."""
    if "replay" in words and "--detect" in words:
        words = ["proposals"]
    for word in words:
        if word in SCHEMA["commands"]:
            check_rows(SCHEMA["commands"][word], rows, variant)
            return
