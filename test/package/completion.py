#!/usr/bin/env python3
"""Has a shell complete command lines, and compares what it makes of them.

usage: completion.py bash|zsh|fish CFES CFES_SIMULATOR

bash and zsh run on a terminal of their own and get what a person would type; fish tells what it
would offer. Ends with 77 where the shell is not installed.
"""
import os
import pty
import re
import select
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import tree

shell, cfes, simulator = sys.argv[1:]
if not shutil.which(shell):
    print(f"skipped: no {shell}")
    sys.exit(77)

home = Path(tempfile.mkdtemp())
(home / "feeds").mkdir()
(home / "list of today.txt").write_text("evil.example\n")
for program in (cfes, simulator):
    (home / Path(program).name).symlink_to(program)
    script = subprocess.run([program, "completion", shell], check=True, capture_output=True,
                            text=True).stdout
    (home / f"{Path(program).name}.{shell}").write_text(script)
environment = {"HOME": str(home), "PATH": f"{home}:{os.environ['PATH']}", "TERM": "dumb",
               "LC_ALL": "C.UTF-8", "XDG_CONFIG_HOME": str(home), "XDG_DATA_HOME": str(home)}


class Terminal:
    """A shell on a terminal, whose line can be asked for."""
    # The line comes back between these; what is typed never has them.
    SHOWN = re.compile(rb"<<<(.*?)>>>", re.S)

    def __init__(self):
        setup = {
            "bash": ["bind 'set bell-style none'", "bind 'set completion-query-items 0'",
                     "bind 'set page-completions off'",
                     r"""bind -x '"\C-x": printf "<%s%s>>>\n" "<<" "$READLINE_LINE"'""",
                     r"""bind '"\C-g": kill-whole-line'"""],
            "zsh": ["unsetopt beep list_beep", "LISTMAX=10000", "autoload -U compinit",
                    "compinit -u -D", "line() { zle -I; print -r -- '<''<<'$BUFFER'>>>'; }",
                    "zle -N line", "bindkey '^X' line", "bindkey '^G' kill-whole-line",
                    "bindkey '^I' complete-word"],
        }[shell]
        arguments = {"bash": ["--norc", "--noprofile", "-i"], "zsh": ["-f", "-i"]}[shell]
        self.seen = b""
        self.process, self.terminal = pty.fork()
        if self.process == 0:
            os.chdir(home)
            os.execvpe(shell, [shell, *arguments], environment)
        for line in (*setup, f"source ./cfes.{shell}", f"source ./cfes-simulator.{shell}"):
            self.write(line + "\n")
        # Whatever the shell has said until here is not read again.
        self.write("echo re''ady\n")
        self.read_until(re.compile(rb"\bready\r?\n"))

    def write(self, text):
        os.write(self.terminal, text.encode())

    def read_until(self, pattern):
        end = time.monotonic() + 120
        while not (found := pattern.search(self.seen)):
            left = end - time.monotonic()
            assert left > 0, f"the shell did not answer: {self.seen[-2000:]}"
            if select.select([self.terminal], [], [], left)[0]:
                self.seen += os.read(self.terminal, 65536)
        self.seen = self.seen[found.end():]
        return found

    def complete(self, typed):
        """The line after what was typed and a tab."""
        self.write("\x07" + typed + "\t\x18")
        return self.read_until(self.SHOWN).group(1).decode()

    def offered(self, typed):
        """What is listed after what was typed and tabs."""
        self.write("\x07" + typed + "\t\t\x18")
        before = self.seen
        found = self.read_until(self.SHOWN)
        return re.split(r"\s+", (before + found.string[:found.start()]).decode())


class Fish:
    def answers(self, typed):
        made = subprocess.run(
            ["fish", "--no-config", "-c",
             "source cfes.fish; source cfes-simulator.fish; complete -C $argv[1]", typed],
            cwd=home, env=environment, check=True, capture_output=True, text=True).stdout
        return [line.split("\t")[0] for line in made.splitlines()]

    def complete(self, typed):
        found = self.answers(typed)
        word = typed.split(" ")[-1]
        if not found:
            return typed
        same = os.path.commonprefix(found)
        end = " " if len(found) == 1 and not same.endswith("/") else ""
        return typed[:len(typed) - len(word)] + same + end

    offered = answers


asked = Fish() if shell == "fish" else Terminal()
spaced = "list of today.txt" if shell == "fish" else r"list\ of\ today.txt"
for typed, expected in (
        ("cfes block-s", "cfes block-senders "),
        ("cfes block-senders sy", "cfes block-senders sync "),
        ("cfes block-senders sync --pru", "cfes block-senders sync --prune "),
        # The program's own options may stand anywhere.
        ("cfes --simul", "cfes --simulate "),
        ("cfes --simulate block-senders sync --drop", "cfes --simulate block-senders sync --drop-covered "),
        ("cfes block-senders sync --token-f", "cfes block-senders sync --token-file "),
        # Values.
        ("cfes --output m", "cfes --output markdown "),
        ("cfes --output=m", "cfes --output=markdown "),
        ("cfes block-senders list --pattern-type DOM", "cfes block-senders list --pattern-type DOMAIN "),
        ("cfes block-senders sync --format jsonl", "cfes block-senders sync --format jsonl "),
        ("cfes investigate list --final-disposition MAL",
         "cfes investigate list --final-disposition MALICIOUS "),
        # A value that is named like a command is none.
        ("cfes --account-id domains block-senders und", "cfes --account-id domains block-senders undo "),
        ("cfes block-senders sync list", f"cfes block-senders sync {spaced} "),
        ("cfes block-senders sync --report list", f"cfes block-senders sync --report {spaced} "),
        ("cfes block-senders sync --journal fee", "cfes block-senders sync --journal feeds/"),
        ("cfes completion z", "cfes completion zsh "),
        ("cfes-simulator --seed-", "cfes-simulator --seed-file "),
        ("cfes-simulator --identifiers u", "cfes-simulator --identifiers uuid "),
        # Nothing to say is nothing.
        ("cfes block-senders sync --owner x", "cfes block-senders sync --owner x"),
        ("cfes block-senders nonse", "cfes block-senders nonse")):
    if shell == "fish" and typed.endswith(("--report list", "sync feed")):
        # It offers directories, too.
        assert spaced in asked.offered(typed), asked.offered(typed)
        continue
    made = asked.complete(typed)
    assert made == expected, f"{typed!r} became {made!r}, not {expected!r}"

# Every command and every option is offered.
count = 0
for program in (cfes, simulator):
    name = Path(program).name
    for command, text in tree.commands_of(program).items():
        line = " ".join((name, *command))
        wanted = {(line + " ", each) for each in tree.commands_in(text)}
        wanted |= {(line + " --", each) for each in tree.options_in(text)}
        for typed in {each for each, _ in wanted}:
            offered = asked.offered(typed)
            missing = {word for each, word in wanted if each == typed and word not in offered}
            assert not missing, f"{typed!r} offers no {missing}: {offered}"
            count += 1
assert count > 50, count
shutil.rmtree(home)
print(f"{count} lines completed by {shell}")
