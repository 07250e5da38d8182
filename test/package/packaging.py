#!/usr/bin/env python3
"""Holds what is in packaging/ against the library: versions, options, dependencies.

usage: packaging.py SOURCE_DIRECTORY

Neither vcpkg nor Conan is run: both fetch what they need from servers of their own.
"""
import ast
import json
import re
import sys
from pathlib import Path

root = Path(sys.argv[1])
packaging = root / "packaging"


def text_of(path):
    return (root / path).read_text()


header = text_of("include/cloudflare/version.hpp")
version = [re.search(rf"VERSION_{part} (\d+)", header).group(1)
           for part in ("MAJOR", "MINOR", "PATCH")]
soversion = ".".join(version[:2] if version[0] == "0" else version[:1])
cmake = text_of("CMakeLists.txt")
options = set(re.findall(r"(?:option|cmake_dependent_option|set)\((CLOUDFLARE_\w+|BUILD_SHARED_LIBS)",
                         cmake))
needs = set(re.search(r"foreach\(library ([\w ]+)\)", text_of("cmake/libraries.cmake"))
            .group(1).split()) | {"openssl"}

# Debian.
debian = packaging / "debian"
first = (debian / "changelog").read_text().splitlines()[0]
assert re.match(rf"cloudflare-email-security \({re.escape('.'.join(version))}(-\d+)?\) ", first), first
control = (debian / "control").read_text()
packages = re.findall(r"^Package: (.+)$", control, re.M)
for library in ("libcloudflare-email-security", "libcloudflare-simulator"):
    assert library + soversion in packages, f"no {library}{soversion} in {packages}"
for package in packages:
    assert (debian / f"{package}.install").exists(), package
for used in re.findall(r"-D(\w+)=", (debian / "rules").read_text()):
    assert used in options or used.startswith("CMAKE_"), f"debian/rules: {used}"
for need in needs - {"openssl"} | {"ssl"}:
    assert f"lib{need}-dev" in control, f"debian/control: no {need}"

# vcpkg.
port = packaging / "vcpkg" / "cloudflare-email-security"
manifest = json.loads((port / "vcpkg.json").read_text())
name = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*$")
known = {"$schema", "name", "version", "description", "homepage", "license", "supports",
         "dependencies", "features", "port-version"}
assert manifest.keys() <= known, manifest.keys() - known
assert manifest["name"] == port.name and name.match(manifest["name"])
assert manifest["version"] == ".".join(version), manifest["version"]
assert manifest["license"] == "BSL-1.0"


def check_dependencies(of):
    found = set()
    for each in of:
        if isinstance(each, dict):
            assert each.keys() <= {"name", "host", "features", "default-features", "version>="}, each
            each = each["name"]
        assert name.match(each), each
        found.add(each)
    return found


found = check_dependencies(manifest["dependencies"])
for need in needs:
    assert need in found or f"lib{need}" in found, f"vcpkg.json: no {need}"
used_boost = {part for path in (root / "src").rglob("*.[ch]pp")
              for part in re.findall(r"#include <boost/(asio|beast|describe|json|url)/",
                                     path.read_text())}
assert {f"boost-{part}" for part in used_boost} <= found, (used_boost, found)
for feature, what in manifest["features"].items():
    assert name.match(feature) and what.keys() <= {"description", "dependencies", "supports"}
    check_dependencies(what.get("dependencies", []))
portfile = (port / "portfile.cmake").read_text()
features = re.search(r"FEATURES\n(.+?)\)", portfile, re.S).group(1).split()
assert set(features[::2]) == manifest["features"].keys(), features
for used in features[1::2] + re.findall(r"-D(\w+)=", portfile):
    assert used in options, f"portfile.cmake: {used}"

# Conan.
recipe = text_of("packaging/conan/conanfile.py")
tree = ast.parse(recipe)
ast.parse(text_of("packaging/conan/test_package/conanfile.py"))
assert any(isinstance(each, ast.ClassDef) for each in tree.body)
for used in re.findall(r'cache_variables\["(\w+)"\]', recipe):
    assert used in options, f"conanfile.py: {used}"
required = set(re.findall(r'self\.requires\("([\w-]+)/', recipe))
for need in needs | {"boost"}:
    assert need in required or f"lib{need}" in required, f"conanfile.py: no {need}"
for folder in re.search(r"for pattern in \((.+?)\):", recipe, re.S).group(1).split('"')[1::2]:
    assert (root / folder.removesuffix("/*")).exists(), f"conanfile.py: {folder}"
print(f"{'.'.join(version)}: debian, vcpkg, conan")
