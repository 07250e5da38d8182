"""A program's commands and options, as its help tells them."""
import re
import subprocess


def help_of(program, *command):
    return subprocess.run([program, *command, "--help"], check=True, capture_output=True,
                          text=True).stdout


def options_in(text):
    return set(re.findall(r"^  (?:-\w, ?)?(--[a-z0-9-]+)", text, re.M))


def commands_in(text):
    """Names in the groups that are not of options or arguments."""
    names = []
    for group in text.split("\n\n"):
        if group.startswith(("Arguments:", "Usage:", "Positionals:")):
            continue
        names += re.findall(r"^  ([a-z][a-z-]*)  ", group, re.M)
    return names


def commands_of(program):
    """All commands, each as the words that stand after the program's name, with their help."""
    found = {(): help_of(program)}
    waiting = [()]
    while waiting:
        above = waiting.pop()
        for name in commands_in(found[above]):
            command = (*above, name)
            found[command] = help_of(program, *command)
            waiting.append(command)
    return found
