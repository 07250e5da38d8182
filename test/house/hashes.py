#!/usr/bin/env python3
"""Holds every container of texts to the one hash that nobody outside can work out.

usage: hashes.py ROOT

Feeds, servers and files choose texts; with a hash that they can work out, a hundred thousand of them
make a container as slow as a list. So in include/ and src/ a text is hashed by `keyed_hash` only:
containers keyed by texts have `keyed_text_hash`, or are sorted. The simulator is for tests.
"""
import re

import sources

ALLOWED = ("src/simulator/", "src/memory/keyed_hash.")
TEXT = r"(?:std::)?(?:string|string_view|u8string)"
CONTAINER = re.compile(
    r"\b(?:std::unordered_(?:multi)?(?:set|map)|boost::unordered_(?:flat_|node_|multi)?(?:set|map)"
    rf"|boost::concurrent_flat_(?:set|map))\s*<\s*{TEXT}\b[^;{{]*")
OTHER_HASH = re.compile(
    rf"std::hash<\s*{TEXT}|boost::hash(?:_range|_combine|<)|boost::hash_value|_Hash_bytes")


def faults_of(path, text):
    if str(path).startswith(ALLOWED):
        return
    text = re.sub(r"//[^\n]*", "", text)
    for found in CONTAINER.finditer(text):
        if "keyed_text_hash" not in found.group():
            yield f"{path}: {' '.join(found.group().split())}"
    for found in OTHER_HASH.finditer(text):
        yield f"{path}: {found.group()}"


WRONG = (
    "std::unordered_set<std::string> seen;",
    "std::unordered_map<std::string_view,\n    int> places;",
    "boost::unordered_flat_map<std::string, int, boost::hash<std::string>> x;",
    "auto const h = std::hash<std::string>{}(text);",
    "boost::hash_combine(seed, text);",
)
RIGHT = (
    "std::unordered_set<std::string, keyed_text_hash> seen;",
    "std::unordered_map<std::uint32_t, std::string> by_number;",
    "std::map<std::string, int> sorted;",
    "// std::unordered_set<std::string> was here",
)

if __name__ == "__main__":
    sources.main(faults_of, [("src/x.cpp", each) for each in WRONG],
                 [("src/x.cpp", each) for each in RIGHT], "hashes that others can work out")
