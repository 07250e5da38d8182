#!/usr/bin/env python3
"""Holds all of the library to the namespace of its version.

usage: namespaces.py ROOT

What is ours is in `cloudflare::inline v0`, so that two versions can be in one program. A namespace
that is opened without it makes other names of the same spelling, and these are ambiguous.
"""
import re

import sources

OPENED = re.compile(r"^namespace cloudflare\b(?!::inline v\d+(?:::|\s*\{))(?!\s*=)[^\n]*", re.M)
VERSIONS = re.compile(r"^namespace cloudflare::inline (v\d+)", re.M)


def faults_of(path, text):
    for found in OPENED.finditer(text):
        yield f"{path}: {found.group()}"
    for found in VERSIONS.finditer(text):
        if found.group(1) != "v0":
            yield f"{path}: {found.group()}"


WRONG = ("namespace cloudflare {", "namespace cloudflare::email_security {",
         "namespace cloudflare::inline v1 {")
RIGHT = ("namespace cloudflare::inline v0 {", "namespace cloudflare::inline v0::http {",
         "namespace cf = cloudflare;", "namespace cfes {")

if __name__ == "__main__":
    sources.main(faults_of, [("src/x.cpp", each) for each in WRONG],
                 [("src/x.cpp", each) for each in RIGHT], "namespaces without a version")
