#!/usr/bin/env python3
"""Holds the README and the pages of docs/ to what they show.

    documents.py SOURCE CFES CFES-SIMULATOR

- each block of C++ is word for word a region between two lines `//! [name]` of a file in docs/snippets/
  or examples/, or a whole file of examples/; and each region is shown. The files run in test_snippets
  and test_examples.
- each block of `sh` runs, under `bash -e`, in the order of the page, against a simulator of the page's
  own. What is not run (what needs the network, root or another program) is a block of `console`, and no
  command line of ours.
- each link to a file, and to a heading, leads there; each page can be reached from docs/README.md.
- the chart of docs/performance.md shows its figures.
- lines have 120 columns at most, tables apart.
"""

import os
import pathlib
import re
import subprocess
import sys
import tempfile
import textwrap

MARKER = re.compile(r"^\s*//! \[(\w+)\]$")
FENCE = re.compile(r"^(\s*)```(.*)$")
LINK = re.compile(r"\]\(([^)\s]+)\)")
LANGUAGES = {"cpp", "sh", "console", "text", "json", "cmake", "toml", "ts", "hcl", "ini"}
MAX_COLUMNS = 120

FILES = {
    "feed.txt": "evil.example\nphish@evil.example   # INC-1234\n203.0.113.0/24\n",
    "feed.csv": "pattern,comments\nevil.example,INC-1234\n",
    "policies.jsonl": '{"name":"Gift cards","pattern":"gift card","targets":["BODY"]}\n',
    ".config/cfes/config.toml": '[profiles.corp]\naccount = "corp"\n\n[profiles.lab]\naccount = "lab"\n',
}


class Page:
    def __init__(self, path):
        self.path = path
        self.lines = path.read_text().splitlines()
        self.blocks = []  # (language, line number, text)
        self.prose = []  # (line number, text)
        block = None
        for number, line in enumerate(self.lines, 1):
            fence = FENCE.match(line)
            if block is None and fence:
                block = (fence[2], number, [])
            elif fence and not fence[2]:
                self.blocks.append((block[0], block[1], textwrap.dedent("\n".join(block[2]))))
                block = None
            elif block:
                block[2].append(line)
            else:
                self.prose.append((number, line))
        self.is_open = block is not None

    def anchors(self):
        """The names that GitHub gives to headings."""
        found = set()
        for _, line in self.prose:
            if heading := re.match(r"#+ (.*)", line):
                text = re.sub(r"[^\w\- ]", "", heading[1].lower()).replace(" ", "-")
                found.add(text)
        return found


def regions(path):
    """The regions of a source by their names, and the whole of it, without markers."""
    inside, done, whole = {}, {}, []
    for line in path.read_text().splitlines():
        if marker := MARKER.match(line):
            name = marker[1]
            if name in inside:
                done[name] = textwrap.dedent("\n".join(inside.pop(name)))
            else:
                inside[name] = []
            continue
        whole.append(line)
        for region in inside.values():
            region.append(line)
    if inside:
        sys.exit(f"{path}: no end of {', '.join(inside)}")
    return done, "\n".join(whole)


class Check:
    def __init__(self, source):
        self.source = source
        self.faults = []
        docs = source / "docs"
        self.pages = {path: Page(path) for path in [source / "README.md", *sorted(docs.glob("*.md"))]}
        self.shown, self.wholes = {}, set()
        for path in [*sorted((docs / "snippets").glob("*.cpp")), *sorted((source / "examples").glob("*.cpp"))]:
            found, whole = regions(path)
            for name, text in found.items():
                self.shown[(path, name)] = text
            if path.parent.name == "examples":
                self.wholes.add(whole)

    def fault(self, page, line, text):
        self.faults.append(f"{page.path.relative_to(self.source)}:{line}: {text}")

    def check_blocks(self, page, used):
        if page.is_open:
            self.fault(page, len(page.lines), "a block does not end")
        for language, line, text in page.blocks:
            if language not in LANGUAGES:
                self.fault(page, line, f"a block of '{language}'; known are {', '.join(sorted(LANGUAGES))}")
            if language == "console" and re.search(r"^\$ cfes ", text, re.M):
                self.fault(page, line, "commands of ours belong in a block of sh, which is run")
            if language == "cpp":
                where = [key for key, region in self.shown.items() if region == text]
                used.update(where)
                if not where and text not in self.wholes:
                    self.fault(page, line, "no source in docs/snippets/ or examples/ has this block")

    def check_layout(self, page):
        previous = ""
        for number, line in page.prose:
            if len(line) > MAX_COLUMNS and not line.lstrip().startswith("|"):
                self.fault(page, number, f"{len(line)} columns")
            if re.match(r" {4}\S", line) and not previous.strip():
                self.fault(page, number, "an indented block: fence it and name its language")
            previous = line

    def check_links(self, page):
        for number, line in page.prose:
            for target in LINK.findall(line):
                if re.match(r"[a-z]+:", target):
                    continue
                name, _, anchor = target.partition("#")
                path = (page.path.parent / name).resolve() if name else page.path
                if not path.exists():
                    self.fault(page, number, f"{target} is not there")
                elif anchor and path in self.pages and anchor not in self.pages[path].anchors():
                    self.fault(page, number, f"{name or 'this page'} has no heading #{anchor}")

    def check_index(self):
        docs = self.source / "docs"
        index = self.pages[docs / "README.md"]
        linked = {(docs / target.partition("#")[0]).resolve()
                  for _, line in index.prose for target in LINK.findall(line)}
        for path, page in self.pages.items():
            if path.parent == docs and path != index.path and path not in linked:
                self.fault(page, 1, "docs/README.md does not link to it")

    def check_chart(self):
        sys.path.insert(0, str(self.source / "bench" / "harness"))
        import chart

        if chart.CHART.read_text() != chart.draw(chart.DOCUMENT.read_text()):
            page = self.pages[chart.DOCUMENT]
            self.fault(page, 1, f"{chart.CHART.name} shows other figures: tools/bench --chart")

    def check_texts(self):
        used = set()
        for page in self.pages.values():
            self.check_blocks(page, used)
            self.check_layout(page)
            self.check_links(page)
        self.check_index()
        self.check_chart()
        for path, name in self.shown.keys() - used:
            self.faults.append(f"{path.relative_to(self.source)}: no page shows [{name}]")

    def check_commands(self, cfes, simulator):
        for page in self.pages.values():
            blocks = [(line, text) for language, line, text in page.blocks if language == "sh"]
            if blocks:
                with Shell(cfes, simulator) as shell:
                    for line, text in blocks:
                        if fault := shell.run(text):
                            self.fault(page, line, fault)


class Shell:
    """Runs blocks of a page one after the other, in a directory and against a simulator of its own."""

    def __init__(self, cfes, simulator):
        self.cfes, self.command = cfes, simulator

    def __enter__(self):
        self.directory = tempfile.TemporaryDirectory()
        home = pathlib.Path(self.directory.name)
        for name, text in FILES.items():
            (home / name).parent.mkdir(parents=True, exist_ok=True)
            (home / name).write_text(text)
        (home / "bin").mkdir()
        (home / "bin" / "cfes").symlink_to(self.cfes)
        (home / "bin" / "cfes-simulator").symlink_to(self.command)
        self.simulator = subprocess.Popen([self.command, "--ca-out", home / "ca.pem"],
                                          stdout=subprocess.PIPE, text=True)
        url = self.simulator.stdout.readline().split()[-1]
        self.environment = {
            name: value for name, value in os.environ.items()
            if not name.startswith(("CLOUDFLARE_", "CFES_", "XDG_")) and not name.lower().endswith("_proxy")
        } | {
            "PATH": f"{home / 'bin'}:{os.environ['PATH']}",
            "HOME": str(home),
            "SSL_CERT_FILE": str(home / "ca.pem"),
            "CLOUDFLARE_BASE_URL": url,
            "CLOUDFLARE_API_TOKEN": "a-token-of-the-documents-test-0123456789",
            "CLOUDFLARE_ACCOUNT_ID": "0123456789abcdef0123456789abcdef",
        }
        return self

    def __exit__(self, *_):
        self.simulator.terminate()
        self.simulator.wait()
        self.directory.cleanup()

    def run(self, text):
        """Why the block did not run; nothing if it did."""
        done = subprocess.run(["bash", "-euo", "pipefail", "-c", text], cwd=self.directory.name,
                              env=self.environment, stdin=subprocess.DEVNULL, capture_output=True,
                              text=True)
        if done.returncode != 0:
            return f"ended with {done.returncode}: {done.stderr.strip() or done.stdout.strip()}"
        return None


def main():
    source, *programs = (pathlib.Path(each).resolve() for each in sys.argv[1:])
    check = Check(source)
    check.check_texts()
    if programs:
        check.check_commands(*programs)
    print("\n".join(check.faults))
    sys.exit(1 if check.faults else 0)


if __name__ == "__main__":
    main()
