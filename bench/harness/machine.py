"""What the figures were measured on."""

import datetime
import os
import pathlib
import platform
import subprocess


def description():
    cpu = next((line.split(":")[1].strip()
                for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines()
                if line.startswith("model name")), platform.machine())

    def first_line(*command):
        done = subprocess.run(command, text=True, check=True, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT)
        return done.stdout.splitlines()[0]

    return ", ".join([
        datetime.date.today().isoformat(), f"{cpu} with {os.cpu_count()} cores",
        f"Linux {platform.release()}", first_line("c++", "--version"),
        first_line("openssl", "version").split(" (")[0],
    ])
