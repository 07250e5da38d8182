#!/usr/bin/env python3
"""Runs the command against a strict mock of the API, made from the API's own description.

usage: strict_mock.py OPENAPI CFES

The mock answers with what the description allows, and notes every request that it does not: a path,
method or query parameter that it does not have, a value of the wrong kind, a body that does not fit
its schema or has a field that is unknown, read-only or ended.
"""
import json
import os
import re
import ssl
import subprocess
import sys
import tempfile
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import shapes

ID = "a5dbb180-60ea-4578-84bb-d01a5d4e50c3"
ENTRY = "--comments c"
# What the puts of a batch must have beside what a new entry must.
PUT_TOO = {"block_senders": {"is_regex": False},
           "allow_policies": {"is_regex": False, "is_acceptable_sender": False,
                              "is_exempt_recipient": False, "is_trusted_sender": True,
                              "verify_sender": True},
           "trusted_domains": {"is_regex": False, "is_recent": True, "is_similarity": False},
           "content_policies": {"enabled": True},
           "domains": {"drop_dispositions": [], "ip_restrictions": []}}
COMMANDS = [
    *(f"{name} {verb}" for name in (
        "block-senders", "allow-policies", "trusted-domains", "content-policies",
        "impersonation-registry", "sending-domain-restrictions", "url-ignore-patterns", "domains")
      for verb in ("list", "list --page 2 --per-page 5", f"get {ID}", f"delete {ID} --yes")),
    *(f"{name} {verb} --pattern {pattern} {more}"
      for name in ("block-senders", "allow-policies")
      for verb in ("create", f"replace {ID}", f"edit {ID}")
      for pattern, more in (("a.example", ENTRY), ("2620:fe::/48", ""), ("8.8.8.8", ENTRY),
                            ("x@a.example", ""))),
    f"block-senders edit {ID} --clear-comments",
    "block-senders list --pattern-type IP --pattern 2620:fe::fe --order pattern --direction desc",
    "allow-policies list --is-trusted-sender true --verify-sender false --search a",
    f"allow-policies edit {ID} --verify-sender false --is-exempt-recipient",
    "trusted-domains create --pattern a.example --is-recent",
    f"trusted-domains replace {ID} --pattern a.example --is-similarity",
    f"trusted-domains edit {ID} --is-recent false",
    "content-policies create --name n --pattern p --targets SUBJECT,BODY --notes x",
    f"content-policies edit {ID} --enabled false --clear-notes --targets BODY",
    "content-policies list --enabled true --name n --order name",
    "impersonation-registry create --name n --email a@b.example --directory-id 1",
    f"impersonation-registry edit {ID} --name n --clear-comments",
    "sending-domain-restrictions create --domain a.example --exclude b.a.example",
    f"sending-domain-restrictions edit {ID} --exclude b.a.example",
    "url-ignore-patterns create --pattern https://a",
    f"url-ignore-patterns edit {ID} --clear-comments",
    "domains create --domain a.example --allowed-delivery-modes DIRECT --regions GLOBAL",
    f"domains replace {ID} --allowed-delivery-modes DIRECT --regions GLOBAL --clear-transport",
    f"domains edit {ID} --lookback-hops 2",
    "domains list --status ACTIVE --allowed-delivery-mode API",
    f"domains verification {ID}",
    "domains bulk-delete --yes",
    "investigate list --query q --sender s@a.example --smtp-helo-ip 8.8.8.8 --delivery-status "
    "move_failed --final-disposition SPAM --start 2026-11-01 --detections-only false",
    f"investigate get {ID}",
    f"investigate get {ID} --submission",
    *(f"investigate {verb} {ID}" for verb in ("detections", "action-log", "trace", "raw",
                                              "preview", "create-preview", "release")),
    f"investigate move {ID} --destination Inbox --expected-disposition SPAM",
    f"investigate move {ID} {ID} --destination JunkEmail --yes",
    f"investigate reclassify {ID} --expected-disposition SPAM",
    "investigate bulk-create --action MOVE --destination Inbox --expected-disposition SPAM "
    "--sender s --smtp-helo-ip 8.8.8.8 --comment c --yes",
    "investigate bulk-create --action RELEASE --exact-subject x --submissions --yes",
    "investigate bulk-list --status COMPLETED --action-type MOVE",
    *(f"investigate bulk-{verb} {ID}" for verb in ("get", "cancel", "delete")),
    f"investigate bulk-messages {ID} --status SKIPPED",
    "submissions list --type TEAM --order subject --direction asc --status reviewed",
    f"submissions reclassify {ID} {ID} --expected-disposition SPAM --escalated-submission-id s",
    "submissions report-missed --postfix-id p --message-id m --recipient-emails a@b.example "
    "--expected-disposition MALICIOUS --eml EML",
    "phishguard-reports list --start 2026-11-01",
    "analytics monthly-report",
]


def closed(schema):
    """The JSON schema of a request's body, with nothing allowed that it does not name."""
    out = dict(schema)
    if "properties" in out:
        out["properties"] = {k: closed(v) for k, v in out["properties"].items()}
        out["additionalProperties"] = False
    if "items" in out:
        out["items"] = closed(out["items"])
    if "anyOf" in out:
        out["anyOf"] = [closed(each) for each in out["anyOf"]]
    return out


def without_ended(schema):
    """A flat schema without the fields that the API has ended."""
    out = dict(schema)
    if "properties" in out:
        out["properties"] = {k: without_ended(v) for k, v in out["properties"].items()
                             if not shapes.is_ended(v)}
    if "items" in out:
        out["items"] = without_ended(out["items"])
    if "anyOf" in out:
        out["anyOf"] = [without_ended(each) for each in out["anyOf"]]
    return out


def name_what_was_asked(result, path, asked):
    """Makes an answer that was made up one to the request, as the API's is."""
    if isinstance(result, list) and asked:
        ids = asked.get("ids") or asked.get("submissions") or [None]
        result[:] = [{**result[0], **({"id": each} if isinstance(each, str) else {})}
                     for each in ids]
    if not isinstance(result, dict):
        return
    if ID in path:
        result.update({key: ID for key in ("id", "job_id") if key in result})
    if "results" in result:
        count = max(len(each) for each in asked.values() if isinstance(each, list))
        result["results"] = result["results"][:1] * count
    if path.endswith("/batch"):
        for kind, answered in result.items():
            example = answered[0] if answered else {}
            answered[:] = [{**example, **{k: v for k, v in each.items() if k in example}}
                           for each in asked.get(kind, [])]
    else:
        result.update({k: v for k, v in asked.items() if k in result})


class Mock:
    def __init__(self, api, validator):
        self.api = api
        self.validator = validator
        self.violations = []
        self.reached = set()
        self.routes = []
        for name, path, operation in api.operations_with_paths():
            method, template = name.split(" ")
            pattern = re.escape("/client/v4" + template).replace(r"\{", "{").replace(r"\}", "}")
            self.routes.append((template.count("{"), method,
                                re.compile(re.sub(r"{[^}]+}", "[^/]+", pattern) + "$"),
                                name, path, operation))
        self.routes.sort(key=lambda each: each[0])

    def answer(self, method, target, body):
        url = urlsplit(target)
        for _, known, pattern, name, path, operation in self.routes:
            if known == method and pattern.match(url.path):
                self.reached.add(name)
                query = parse_qsl(url.query, keep_blank_values=True)
                self.check_query(name, path, operation, query)
                self.check_body(name, operation, body)
                return self.respond(operation, dict(query), url.path, body)
        self.violations.append(f"{method} {target}: there is no such operation")
        return 404, b"{}"

    def check_query(self, name, path, operation, query):
        known = {}
        for each in path.get("parameters", []) + operation.get("parameters", []):
            parameter = self.api.referred(each["$ref"]) if "$ref" in each else each
            if parameter["in"] == "query" and not shapes.is_ended(parameter):
                known[parameter["name"]] = self.api.flat(parameter["schema"])
        for key, value in query:
            if key not in known:
                self.violations.append(f"{name}: the parameter {key} is not the API's")
                continue
            schema = known[key].get("items", known[key])
            if schema.get("type") in ("boolean", "integer", "number"):
                value = json.loads(value)
            for fault in self.validator(shapes.json_schema(schema, True)).iter_errors(value):
                self.violations.append(f"{name}: {key}: {fault.message}")

    def check_body(self, name, operation, body):
        content = operation.get("requestBody", {}).get("content", {}).get("application/json")
        if not content or not body:
            if bool(content) != bool(body):
                self.violations.append(f"{name}: {'no body' if content else 'a body'}")
            return
        schema = closed(shapes.json_schema(without_ended(self.api.flat(content["schema"])), True))
        for fault in self.validator(schema).iter_errors(json.loads(body)):
            self.violations.append(f"{name}: {fault.json_path}: {fault.message}")

    def respond(self, operation, query, path, body):
        status = min(code for code in operation["responses"] if code.startswith("2"))
        content = operation["responses"][status].get("content", {}).get("application/json")
        if not content:
            return int(status), b""
        document = shapes.instance(self.api.flat(content["schema"]), "fullest", 0)
        if path.split("/")[-1] != "preview":
            name_what_was_asked(document.get("result"), path, json.loads(body or "{}"))
        if isinstance(document.get("result"), list) and query.get("page", "1") != "1":
            document["result"] = []
        if "result_info" in document:
            count = len(document["result"])
            document["result_info"].update(
                {"count": count, "page": int(query.get("page", 1)), "total_count": count,
                 "per_page": int(query.get("per_page", 20)), "next": None, "previous": None})
        return int(status), json.dumps(document).encode()


def handler_of(mock):
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def serve(self):
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            status, document = mock.answer(self.command, self.path, body)
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(document)))
            self.end_headers()
            self.wfile.write(document)

        do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = serve

        def log_message(self, *_):
            pass

    return Handler


def make_certificate(folder):
    key, certificate = str(Path(folder, "key.pem")), str(Path(folder, "certificate.pem"))
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                    "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-subj", "/CN=mock",
                    "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", key, "-out", certificate],
                   check=True, capture_output=True)
    return key, certificate


def write_batches(api, folder):
    """A batch of each collection, with one of each kind of change."""
    for path in sorted(api.document["paths"]):
        if not path.endswith("/batch"):
            continue
        name = path.split("/")[-2]
        item = {"block_senders": {"pattern": "a.example", "pattern_type": "DOMAIN"},
                "allow_policies": {"pattern": "a.example", "pattern_type": "DOMAIN"},
                "trusted_domains": {"pattern": "a.example"},
                "content_policies": {"name": "n", "pattern": "p", "targets": ["BODY"]},
                "url_ignore_patterns": {"pattern": "a"},
                "domains": {"allowed_delivery_modes": ["API"], "regions": ["DE"]}}.get(name)
        batch = {"deletes": [{"id": ID}]}
        if item:
            key = next(iter(item))
            batch["patches"] = [{"id": ID, key: item[key]}]
            batch["puts"] = [{"id": ID, **item, **PUT_TOO.get(name, {})}]
            extra = {"domain": "a.example"} if name == "domains" else {}
            batch["posts"] = [{**item, **extra}]
        file = Path(folder, name + ".json")
        file.write_text(json.dumps(batch))
        yield f"{name.replace('_', '-')} batch {file} --yes"


def run_commands(cfes, port, certificate, commands):
    environment = {**os.environ, "CLOUDFLARE_API_TOKEN": "token",
                   "CLOUDFLARE_ACCOUNT_ID": "0123456789abcdef0123456789abcdef",
                   "CLOUDFLARE_BASE_URL": f"https://127.0.0.1:{port}/client/v4",
                   "XDG_STATE_HOME": str(Path(certificate).parent.absolute())}
    for command in commands:
        done = subprocess.run(
            [cfes, *command.split(), "--ca-file", certificate, "--quota", "1000000/1", "--output",
             "json"], env=environment, capture_output=True, text=True)
        # What the mock invents may say that something was not done in full.
        if done.returncode not in (0, 1, 3) or not done.stdout:
            yield f"cfes {command}: exit status {done.returncode}: {done.stderr.strip()}"


def main():
    openapi, cfes = sys.argv[1:]
    try:
        from jsonschema import Draft7Validator
    except ImportError:
        print("skipped: python3-jsonschema is not installed")
        return shapes.SKIPPED
    if not Path(openapi).exists():
        print(f"skipped: there is no {openapi}")
        return shapes.SKIPPED
    api = shapes.Api(json.loads(Path(openapi).read_text()))
    mock = Mock(api, Draft7Validator)
    with tempfile.TemporaryDirectory() as folder:
        key, certificate = make_certificate(folder)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
        server = ThreadingHTTPServer(("127.0.0.1", 0), handler_of(mock))
        server.daemon_threads = True
        server.socket = context.wrap_socket(server.socket, server_side=True)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        eml = Path(folder, "message.eml")
        eml.write_text("From: a@b.example\r\n")
        commands = [each.replace("EML", str(eml)) for each in COMMANDS]
        commands += write_batches(api, folder)
        faults = list(run_commands(cfes, server.server_address[1], certificate, commands))
        server.shutdown()
    faults += mock.violations
    for name, _ in api.operations():
        if name not in mock.reached:
            faults.append(f"{name}: no command reached it")
    for each in faults:
        print(each)
    print(f"{len(commands)} commands, {len(mock.reached)} operations, {len(faults)} faults")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
