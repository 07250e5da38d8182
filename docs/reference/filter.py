#!/usr/bin/env python3
"""What Doxygen reads of a header or a page: the text of a file, on standard output, line for line.

What is the same everywhere has no comment in the headers, and is documented here, by its kind: names
on the wire, fields of the API and what sets them, what gives back an option, the parts of a
collection's traits. A comment in the header comes before that.
"""

import pathlib
import re
import sys

# Headers of email_security/ that are not descriptions of the API.
OURS = {"conflicts", "feed", "journal", "pattern_cover", "protection", "saved_plan", "sync"}

TYPE = r"[\w:<>, *&]+?"

ANYWHERE = [
    (r"constexpr auto wire_names\((\w+)\)", "The names of `{0}` on the wire."),
    (r"constexpr auto former_names\((\w+)\)", "Older names of `{0}` that are still understood, and not written."),
    (r"constexpr auto deprecated_fields\((\w+)\*\)", "The fields of `{0}` that the API has deprecated."),
    (rf"    {TYPE} (\w+)\(\) const(?: noexcept)? {{(?: return \w+(?:->|\.)?\w*;? ?.*}})?$", "The `{0}` that was given, or its default."),
]
OF_THE_API = [
    (r"struct (\w+)_traits : ", "What the library knows of the collection `{0}`; see `collection`."),
    (r"    using model = (\w+)", "An entry as the API gives it: `{0}`."),
    (r"    using new_item = (\w+)", "What to create: `{0}`."),
    (r"    using patch = (\w+)", "What to change of an entry: `{0}`."),
    (r"    using filter = (\w+)", "Which entries to list: `{0}`."),
    (r"    using replacement = (\w+)", "What replaces a whole entry: `{0}`."),
    (r"    static std::vector<filter> candidates\(", "The narrowest filters that pass what a create left behind."),
    (r"(?:    )?struct (?:\w+::)?operations\b", "The operations, each with its method and path template."),
    (r"\s+static constexpr auto all\(\)", "All of them."),
    (r"\s+static constexpr named_operation (\w+)\b", "The operation `{0}`: its method and path template."),
    (r"    static constexpr std::string_view (path|item_path|batch_path) ?=", "The path template `{0}`; see `collection`."),
    (r"    static constexpr std::array(?:<.*>)? (key)\{", "The fields that tell entries apart: the natural `{0}`."),
    (r"    static constexpr std::array(?:<.*>)? (filled_in)\{", "The fields that the API fills in."),
    (r"    \w+& (?:clear_)(\w+)\(", "Sets the API's field `{0}` to null."),
    (r"    \w+& (\w+)\(", "Sets the API's field `{0}`."),
    (rf"    {TYPE} (\w+)(?: = [^;()]+|{{}})?;", "The API's field `{0}`."),
    (rf"    {TYPE} (\w+) \[\[deprecated", "The API's field `{0}`."),
]


def describe_file(told):
    """Makes what stands before a namespace what it is in the headers: a word about the file."""
    begin = len(told) - 1
    while told[begin - 1].startswith("///"):
        begin -= 1
    if begin < len(told) - 1:
        told[begin - 1] = "/// @file"


def header(path):
    lines = path.read_text().splitlines()
    is_of_the_api = path.parent.name == "email_security" and path.stem not in OURS or path.stem == "list_filter"
    rules = ANYWHERE + (OF_THE_API if is_of_the_api else [])
    previous = ""
    told = []
    is_left_out = False
    for line in lines:
        text = line.replace("::inline v0", "")
        # Taken for the end of a sentence, and of what is in between.
        if "///" in text:
            text = text.replace("`.`", "a dot").replace("`*.`", '"*."')
        is_documented = previous.lstrip().startswith("///") or "///" in line
        if not is_documented and not re.match(r"\s*(return|using namespace|public|private|friend)\b", line):
            for pattern, words in rules:
                if found := re.match(pattern, line):
                    text = "/** " + words.format(*found.groups()) + " */ " + text
                    break
        told.append(text)
        if line.startswith("namespace "):
            describe_file(told)
        # What is added to others' templates is no interface of ours.
        if re.match(r"struct (boost|std|wire)::", line):
            told[-2:] = ["", ""]
            is_left_out = True
        elif is_left_out:
            told[-1] = ""
        if line == "};" or line.endswith("{};"):
            is_left_out = False
        if line.strip() and not line.lstrip().startswith("template"):
            previous = line
    print("\n".join(told))


def slug(heading):
    """The name that GitHub gives to a heading."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def page(path):
    is_code = False
    for line in path.read_text().splitlines():
        is_code ^= line.lstrip().startswith("```")
        if not is_code:
            # What is not part of the reference cannot be linked from it.
            line = re.sub(r"\[([^\]]*)\]\(\.\./[^)]*\)", r"\1", line)
            line = re.sub(r"\]\((\w[\w-]*)\.md#([\w-]+)\)", r"](@ref \1-\2)", line)
            if heading := re.match(r"##+ (.*)", line):
                line += f" {{#{path.stem}-{slug(heading[1])}}}"
        print(line)


def main():
    path = pathlib.Path(sys.argv[1])
    (page if path.suffix == ".md" else header)(path)


if __name__ == "__main__":
    main()
