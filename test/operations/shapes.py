#!/usr/bin/env python3
"""Holds the library's models and bodies against the API's own schemas.

usage: shapes.py OPENAPI PROGRAM

From every response schema: the fullest, the barest and the emptiest (null wherever it may be)
instances (with a result, and identifiers of what was written, as there is no success without) that it allows, in as many variants as its longest enumeration has values; the fullest with
each field that may be null being null in turn; and the fullest with a value in every enumeration
that nobody has heard of. PROGRAM takes each through the public API, from a canned transport and from
a TLS server; what comes out must have all that went in. Every request body that PROGRAM makes must
fit its schema, and together the requests must have every field and every query parameter that can be
sent, and none that the API has ended. The enumerations must have the API's values.
"""
import datetime
import json
import re
import subprocess
import sys
from pathlib import Path

SKIPPED = 77
METHODS = ("get", "post", "put", "patch", "delete")
# The library has these under the names that replaced them.
REPLACED = {"is_recipient", "is_sender", "is_spoof"}
# In answers Team and User; one enumeration serves for both.
SPELT_OTHERWISE = frozenset(("TEAM", "USER"))
# One enumeration of ours for the states of jobs and those of their messages.
JOINED = frozenset(("PENDING", "DISCOVERING", "PROCESSING", "COMPLETED", "FAILED", "CANCELLED",
                    "SKIPPED"))
UNHEARD_OF = "SOMETHING_NEW"


class Api:
    def __init__(self, document):
        self.document = document

    def referred(self, reference):
        node = self.document
        for part in reference[2:].split("/"):
            node = node[part]
        return node

    def flat(self, schema):
        """The schema without references. What stands beside a reference counts too."""
        schema = dict(schema)
        if "$ref" in schema:
            beside, schema = schema, self.flat(self.referred(schema.pop("$ref")))
            required = schema.get("required", []) + beside.pop("required", [])
            schema.update(self.flat(beside))
            if required:
                schema["required"] = sorted(set(required))
            return schema
        if "properties" in schema:
            schema["properties"] = {k: self.flat(v) for k, v in schema["properties"].items()}
        if "items" in schema:
            schema["items"] = self.flat(schema["items"])
        if isinstance(schema.get("additionalProperties"), dict):
            schema["additionalProperties"] = self.flat(schema["additionalProperties"])
        if "anyOf" in schema:
            schema["anyOf"] = [self.flat(each) for each in schema["anyOf"]]
        return schema

    def operations(self):
        for name, _, operation in self.operations_with_paths():
            yield name, operation

    def operations_with_paths(self):
        for path, methods in self.document["paths"].items():
            for method in METHODS:
                if method in methods:
                    yield method.upper() + " " + path, methods, methods[method]

    def answers(self):
        for name, operation in self.operations():
            for status, answer in operation["responses"].items():
                if not status.startswith("2"):
                    continue
                content = answer.get("content", {}).get("application/json")
                yield name, int(status), self.flat(content["schema"]) if content else None

    def parameters(self):
        """The names of the parameters that an operation's query can have."""
        for name, path, operation in self.operations_with_paths():
            parameters = [
                self.referred(each["$ref"]) if "$ref" in each else each
                for each in path.get("parameters", []) + operation.get("parameters", [])
            ]
            yield name, {each["name"] for each in parameters
                         if each["in"] == "query" and not is_ended(each)}

    def bodies(self):
        return {
            name: self.flat(operation["requestBody"]["content"]["application/json"]["schema"])
            for name, operation in self.operations()
            if "requestBody" in operation
        }


def is_ended(what):
    """Whether the API has named the day after which a field or parameter is not taken any more."""
    return "x-sunset" in what


def json_schema(schema, is_request, has_id=False):
    """A flat OpenAPI 3.0 schema as JSON Schema. Of what is read-only, a request needs only the id
    of what it changes in a batch."""
    out = {
        k: v
        for k, v in schema.items()
        if k in ("type", "enum", "minLength", "maxLength", "minimum", "maximum", "minItems",
                 "maxItems", "minProperties", "additionalProperties", "required", "format")
    }
    if "properties" in schema:
        properties = schema["properties"]
        out["properties"] = {
            k: json_schema(v, is_request, k in ("deletes", "patches", "puts"))
            for k, v in properties.items()
        }
        if is_request:
            out["required"] = [
                k for k in out.get("required", [])
                if not properties.get(k, {}).get("readOnly") or (k == "id" and has_id)
            ]
    if "items" in schema:
        out["items"] = json_schema(schema["items"], is_request, has_id)
    if isinstance(schema.get("additionalProperties"), dict):
        out["additionalProperties"] = json_schema(schema["additionalProperties"], is_request)
    if "anyOf" in schema:
        out["anyOf"] = [json_schema(each, is_request) for each in schema["anyOf"]]
    if schema.get("nullable"):
        if "enum" in out:
            out["enum"] = [*(each for each in out["enum"] if each is not None), None]
        if "type" in out:
            out["type"] = [out["type"], "null"]
    return out


def instance(schema, kind, variant):
    """An instance of a flat schema."""
    if schema.get("nullable") and kind in ("barest", "emptiest"):
        return None
    if "anyOf" in schema:
        return instance(schema["anyOf"][variant % len(schema["anyOf"])], kind, variant)
    if "enum" in schema:
        values = [each for each in schema["enum"] if each is not None]
        if kind == "unknown" and isinstance(values[0], str):
            return UNHEARD_OF
        return values[variant % len(values)]
    what = schema.get("type", "object")
    if what == "string":
        return text(schema, variant)
    if what == "integer":
        return max(schema.get("minimum", 3), 3) + variant
    if what == "number":
        return 0.25 + variant if schema.get("format") == "double" else 7 + variant
    if what == "boolean":
        return variant % 2 == 0
    if what == "array":
        count = 2 if kind != "barest" else schema.get("minItems", 0)
        count = min(count, schema.get("maxItems", count))
        return [instance(schema["items"], kind, variant + i) for i in range(count)]
    names = schema.get("properties", {})
    if not names and isinstance(schema.get("additionalProperties"), dict):
        inner = schema["additionalProperties"]
        months = () if kind == "barest" else ("2026-09", "2026-10")
        return {month: instance(inner, kind, variant + i) for i, month in enumerate(months)}
    wanted = names if kind != "barest" else [k for k in names if k in schema.get("required", [])]
    return {name: instance(names[name], kind, variant) for name in wanted}


def text(schema, variant):
    form = schema.get("format")
    if form == "date-time":
        return ("2026-01-02T03:04:05.123456Z", "2026-01-02T03:04:05Z",
                "2026-01-02T03:04:05.5+01:30", "2026-01-02T03:04:05.12345Z")[variant % 4]
    if form == "uuid":
        return "a5dbb180-60ea-4578-84bb-%012d" % variant
    return "t\u00e9xt \"%d\"" % variant


def with_one_null(schema, value):
    """Copies of an instance, each with null in one place where the schema lets it be."""
    if schema.get("nullable"):
        yield None
    if value is None:
        return
    if "anyOf" in schema:
        # The branch that the instance was made by is the one that it has most of.
        branch = max(schema["anyOf"], key=lambda each: len(
            set(each.get("properties", {})) & set(value if isinstance(value, dict) else ())))
        yield from with_one_null(branch, value)
    elif isinstance(value, dict):
        for name, inner in value.items():
            inner_schema = schema.get("properties", {}).get(name, schema.get("additionalProperties"))
            for each in with_one_null(inner_schema, inner):
                yield {**value, name: each}
    elif isinstance(value, list) and value:
        for each in with_one_null(schema["items"], value[0]):
            yield [each, *value[1:]]


def longest_enum(schema):
    own = len(schema.get("enum", schema.get("anyOf", [])))
    inner = [*schema.get("properties", {}).values(), *schema.get("anyOf", [])]
    if isinstance(schema.get("additionalProperties"), dict):
        inner.append(schema["additionalProperties"])
    if "items" in schema:
        inner.append(schema["items"])
    return max([own, 1, *map(longest_enum, inner)])


MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$")


def moment(value):
    if not isinstance(value, str) or not MOMENT.match(value):
        return None
    return datetime.datetime.fromisoformat(value.replace("Z", "+00:00"))


def is_empty(value):
    if isinstance(value, dict):
        return all(map(is_empty, value.values()))
    return value in (None, "", [], 0, False)


def differences(wanted, got, where=""):
    """What of `wanted` is not in `got`, and what `got` has made up."""
    if isinstance(wanted, dict) and isinstance(got, dict):
        for name, value in wanted.items():
            if value is None:
                if not is_empty(got.get(name)):
                    yield f"{where}/{name}: null became {got[name]!r}"
            elif name not in got:
                yield f"{where}/{name}: lost {value!r}"
            else:
                yield from differences(value, got[name], f"{where}/{name}")
        for name, value in got.items():
            if name in wanted or is_empty(value):
                continue
            # The older field fills the newer one.
            if name == "modified_at" and wanted.get("last_modified"):
                yield from differences(wanted["last_modified"], value, f"{where}/{name}")
            else:
                yield f"{where}/{name}: {value!r} from nowhere"
    elif isinstance(wanted, list) and isinstance(got, list):
        if len(wanted) != len(got):
            yield f"{where}: {len(wanted)} elements became {len(got)}"
        for i, (a, b) in enumerate(zip(wanted, got)):
            yield from differences(a, b, f"{where}/{i}")
    elif moment(wanted) and moment(got):
        if moment(wanted) != moment(got):
            yield f"{where}: {wanted} became {got}"
    elif wanted != got or isinstance(wanted, bool) != isinstance(got, bool):
        yield f"{where}: {wanted!r} became {got!r}"


def run(program, mode, lines=()):
    text_in = "".join(json.dumps(line) + "\n" for line in lines)
    done = subprocess.run([program, mode], input=text_in, capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"{program} {mode} failed: {done.stderr}")
    return [json.loads(line) for line in done.stdout.splitlines()]


def check_answers(api, program, validator):
    asked = questions(api, validator)
    for mode in ("answers", "answers-over-tls"):
        yield from compare(asked, run(program, mode, asked), mode)
    names = {each["operation"] for each in asked}
    print(f"{len(asked)} answers of {len(names)} operations")


def with_evidence(name, schema, body):
    """The answer with what the library wants to find in it, also where the schema forgets to ask
    for that: a result, and the identifier of what was written."""
    result = schema["properties"]["result"]
    if body.get("result") is None:
        body = {**body, "result": instance(result, "barest", 0)}
    for field in ("id", "job_id"):
        if not name.startswith("GET ") and field in result.get("properties", {}):
            body["result"].setdefault(field, instance(result["properties"][field], "barest", 0))
    return body


def questions(api, validator):
    asked = []
    for name, status, schema in api.answers():
        if schema is None:
            asked.append({"operation": name, "status": status, "body": None})
            continue
        for kind in ("fullest", "barest", "emptiest"):
            for variant in range(longest_enum(schema)):
                body = with_evidence(name, schema, instance(schema, kind, variant))
                validator(json_schema(schema, False)).validate(body)
                asked.append({"operation": name, "status": status, "body": body})
        full = instance(schema, "fullest", 0)
        for body in with_one_null(schema, full):
            validator(json_schema(schema, False)).validate(body)
            asked.append({"operation": name, "status": status, "body": body})
        unknown = instance(schema, "unknown", 0)
        asked.append({"operation": name, "status": status, "body": unknown})
    return asked


def compare(asked, told, mode):
    assert len(told) == len(asked)
    for question, answer in zip(asked, told):
        where = f"{mode}: {question['operation']} {question['status']}"
        if "error" in answer:
            yield f"{where}: {answer['error']}: {json.dumps(question['body'])[:200]}"
            continue
        body = question["body"] or {}
        for pair in (("result", "result"), ("result_info", "info")):
            if body.get(pair[0]) is not None:
                for each in differences(body[pair[0]], answer.get(pair[1]), "/" + pair[0]):
                    yield f"{where}: {each}"


def field_names(value, where=""):
    if isinstance(value, dict):
        for name, inner in value.items():
            yield f"{where}/{name}"
            yield from field_names(inner, f"{where}/{name}")
    elif isinstance(value, list):
        for inner in value:
            yield from field_names(inner, where)


def writable_names(schema, where=""):
    for name, inner in schema.get("properties", {}).items():
        if inner.get("readOnly") or name in REPLACED or is_ended(inner):
            continue
        yield f"{where}/{name}"
        yield from writable_names(inner, f"{where}/{name}")
    if "items" in schema:
        yield from writable_names(schema["items"], where)
    for branch in schema.get("anyOf", []):
        yield from writable_names(branch, where)


def check_requests(api, program, validator):
    told = run(program, "requests")
    yield from check_queries(api, told)
    yield from check_bodies(api, told, validator)


def check_queries(api, told):
    sent = {}
    for each in told:
        sent.setdefault(each["operation"], set()).update(each["query"])
    for name, known in api.parameters():
        for parameter in sorted(known - sent.get(name, set())):
            yield f"{name}: the parameter {parameter} is never sent"
        for parameter in sorted(sent.get(name, set()) - known):
            yield f"{name}: the parameter {parameter} is not the API's"


def enumerations(node):
    """Every set of texts that something in the document may be."""
    if isinstance(node, dict):
        values = node.get("enum")
        if isinstance(values, list):
            texts = frozenset(each for each in values if isinstance(each, str))
            if texts:
                yield texts
        for inner in node.values():
            yield from enumerations(inner)
    elif isinstance(node, list):
        for inner in node:
            yield from enumerations(inner)


def check_enumerations(api, program):
    """An answer's unknown value is kept as text, so the other checks miss one that we lack."""
    ours = {frozenset(each) for each in run(program, "enums")}
    theirs = set(enumerations(api.document))
    for each in sorted(map(sorted, ours - theirs - {JOINED})):
        yield f"the API has no enumeration of {each}"
    for each in theirs - {SPELT_OTHERWISE}:
        # What can only be one thing is a constant: the check of the bodies holds that.
        if len(each) > 1 and not any(each <= known for known in ours):
            yield f"no enumeration of ours has all of {sorted(each)}"


def check_bodies(api, told, validator):
    schemas = api.bodies()
    sent = {}
    for each in told:
        name = each["operation"]
        if "body" not in each:
            if name in schemas:
                yield f"{name}: has no body"
            continue
        if name not in schemas:
            yield f"{name}: has a body"
            continue
        sent.setdefault(name, set()).update(field_names(each["body"]))
        for fault in validator(json_schema(schemas[name], True)).iter_errors(each["body"]):
            yield f"{name}: {fault.json_path}: {fault.message}"
    for name, schema in schemas.items():
        known = set(writable_names(schema))
        has_id = {each for each in sent.get(name, ()) if each.endswith("/id")}
        for field in sorted(known - sent.get(name, set())):
            yield f"{name}: {field} is never sent"
        for field in sorted(sent.get(name, set()) - known - has_id):
            yield f"{name}: {field} is not the API's"
    print(f"{len(told)} requests, {len(schemas)} operations with bodies")


def main():
    openapi, program = sys.argv[1:]
    if not Path(openapi).exists():
        print(f"skipped: there is no {openapi}")
        return SKIPPED
    try:
        from jsonschema import Draft7Validator
    except ImportError:
        print("skipped: python3-jsonschema is not installed")
        return SKIPPED
    api = Api(json.loads(Path(openapi).read_text()))
    faults = [*check_answers(api, program, Draft7Validator),
              *check_requests(api, program, Draft7Validator),
              *check_enumerations(api, program)]
    for each in faults:
        print(each)
    print(f"{len(faults)} faults")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
