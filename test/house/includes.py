#!/usr/bin/env python3
"""Reads the includes of the library and fails on an arrow between its rooms that must not be.

    includes.py SOURCE_DIRECTORY

A stage may include what lies below it: email_security, call, quota and http, wire, memory. The
quota store is a library beside them, and uses what a user's code could. The command may include
the library's public headers only, and nobody includes the command.
"""
import re

import sources

# The higher, the later in this list. A room may include its own files and those of lower rooms.
ROOMS = [["types"], ["memory"], ["wire"], ["quota", "http"], ["call"], ["email_security"],
         ["quota_store"]]
LEVEL = {room: level for level, rooms in enumerate(ROOMS) for room in rooms}

# Public headers belong to the room that carries them out; what is not named here is a type that
# every room may use.
CALL = {"client", "pager", "detail/any_collection", "detail/collection", "detail/concurrent", "detail/invoke",
        "detail/moving_list", "detail/whole_list"}
WIRE = {"detail/codec", "detail/make_request", "detail/object", "detail/one_line", "detail/validation"}
MEMORY = {"detail/frame_memory", "detail/late_value", "detail/task"}
QUOTA = {"forecast", "leasing_rate_limiter", "ratelimit_fields"}
QUOTA_STORE = {"leader_lease", "quota_store"}
EMAIL_SECURITY = {"detail/csv_field", "detail/domain_order", "detail/entry_identity", "detail/former_names",
                  "detail/list_filter", "detail/pattern_index"}

# Exceptions, each with its reason.
ALLOWED = {
    ("http", "quota/time.hpp"): "adds a duration to a time without overflow, and nothing else",
    ("memory", "detail/codec"): "a value that is made late is read like one that is there",
}

# All that a room may include of another, where that is not everything: calls do not know the
# concrete limiter, and the quota store none of the inside.
ONLY = {
    **{("quota_store", room): set() for room in ("memory", "wire", "http", "call", "email_security")},
    ("quota_store", "quota"): {"leasing_rate_limiter", "ratelimit_fields"},
    ("quota_store", "wire"): {"detail/one_line"},
    ("call", "quota"): {"quota/limiter_handle.hpp", "quota/response_headers.hpp",
                        "quota/ticket_queue.hpp", "quota/time.hpp"},
}

def room_of_public(name):
    if name.startswith(("email_security/", "detail/sync/")) or name in EMAIL_SECURITY:
        return "email_security"
    for room, names in (("call", CALL), ("wire", WIRE), ("memory", MEMORY), ("quota", QUOTA),
                        ("quota_store", QUOTA_STORE)):
        if name in names:
            return room
    return "types"


def room_of(path):
    """The room of a file below include/cloudflare or src, or None for a program's."""
    parts = path.parts
    if parts[0] == "include":
        return room_of_public("/".join(parts[2:]).removesuffix(".hpp"))
    return parts[1] if parts[1] in LEVEL else None


INCLUDE = re.compile(r'^\s*#\s*include\s+(?:<(cloudflare/[^>]+)>|"([^"]+)"|<([^>]+)>)', re.M)


def faults_of(path, text):
    """Why includes of a file are not allowed."""
    room = room_of(path)
    program = None if room else path.parts[1]  # simulator or cfes
    for public, own, other in INCLUDE.findall(text):
        if other:
            # The decoder of compressed data has nothing of HTTP.
            if re.match(r"boost/beast/(?!zlib/)|openssl/", other) and room \
                    and room not in ("http", "quota_store") and path.name != "secret_text.hpp":
                yield f"{path}: only http/ includes {other}"
            continue
        if program:
            target = own.split("/")[0]
            if own and target in LEVEL and program == "cfes":
                yield f"{path}: the command includes {own}, which is not public"
            continue
        name = public.removeprefix("cloudflare/").removesuffix(".hpp") if public else own
        there = room_of_public(name) if public else own.split("/")[0]
        if there not in LEVEL:
            yield f"{path}: includes {own}, which is of no room"
            continue
        if (room, name) in ALLOWED:
            continue
        if name not in ONLY.get((room, there), {name}):
            yield f"{path}: {room} includes {name}, which is not for it"
        if LEVEL[there] > LEVEL[room] or (LEVEL[there] == LEVEL[room] and there != room):
            yield f"{path}: {room} includes {name}, which is {there}'s"


WRONG = {
    "src/wire/x.cpp": '#include <cloudflare/client.hpp>',
    "src/http/x.cpp": '#include "call/send_call.hpp"',
    "src/quota/x.cpp": '#include "http/pool.hpp"',
    "src/memory/x.hpp": '#include "wire/envelope.hpp"',
    "src/call/x.cpp": '#include <cloudflare/email_security/sync.hpp>',
    "src/call/y.cpp": '#include "quota/limiter_rules.hpp"',
    "src/call/z.cpp": '#include <cloudflare/leasing_rate_limiter.hpp>',
    "src/wire/y.cpp": '#include <boost/beast/http.hpp>',
    "src/cfes/x.cpp": '#include "call/send_call.hpp"',
    "src/quota_store/x.cpp": '#include "quota/limiter_rules.hpp"',
    "src/email_security/x.cpp": '#include <cloudflare/quota_store.hpp>',
    "include/cloudflare/error.hpp": '#include <cloudflare/client.hpp>',
}
RIGHT = {
    "src/call/y.cpp": '#include "quota/limiter_handle.hpp"',
    "src/call/x.cpp": '#include "http/pool.hpp"\n#include <cloudflare/client.hpp>',
    "src/http/x.cpp": '#include <boost/beast/http.hpp>\n#include "memory/task.hpp"',
    "src/cfes/x.cpp": '#include <cloudflare/email_security/sync.hpp>\n#include "tables.hpp"',
    "src/quota_store/x.cpp": '#include <cloudflare/leasing_rate_limiter.hpp>',
}

if __name__ == "__main__":
    sources.main(faults_of, WRONG.items(), RIGHT.items(), "arrows that must not be")
