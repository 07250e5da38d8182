"""The clients that are measured side by side, and how each is run once."""

import json
import os
import pathlib
import subprocess
import time

ACCOUNT = "0123456789abcdef0123456789abcdef"
BENCH = pathlib.Path(__file__).resolve().parent.parent
CLIENT_CPU = 0
SERVER_CPU = (os.cpu_count() or 1) - 1


def run_json(command, cpus=CLIENT_CPU, **environment):
    """Runs a client on the given cores; what its line of JSON says."""
    done = subprocess.run(["taskset", "-c", str(cpus), *map(str, command)], text=True,
                          stdout=subprocess.PIPE, check=True,
                          env={**os.environ, **environment})
    return json.loads(done.stdout.splitlines()[-1])


class Client:
    """A program of this build that takes bench_create's options."""

    def __init__(self, name, program, *extra):
        self.name = name
        self.program = [program, *extra]

    def command(self, server, connections, requests):
        return [*self.program, *server.arguments(),
                "--connections", connections, "--requests", requests]

    def measure(self, server, connections, requests):
        return run_json(self.command(server, connections, requests))


class Wrk:
    """wrk neither warms up nor counts, so it is watched from outside: its processor time, and the
    requests that the server counts, from a while after its start to a while before its end."""

    name = "wrk (no JSON)"
    command = None
    settle_seconds = 0.5
    cost_of_asking = 1  # requests_served is a request too

    def measure(self, server, connections, requests):
        # As long as the others take, at the rate of the run before.
        seconds = max(1, round(requests / 25_000)) + 2 * self.settle_seconds
        target = f"{server.base_url}/accounts/{ACCOUNT}/email-security/settings/block_senders"
        wrk = subprocess.Popen(
            ["taskset", "-c", str(CLIENT_CPU), "wrk", "-t", "1", "-c", str(connections),
             "-d", f"{round(seconds)}s", "-s", str(BENCH / "peers" / "create.lua"), target],
            text=True, stdout=subprocess.PIPE)
        try:
            time.sleep(self.settle_seconds)
            begin = self.look(wrk.pid, server)
            time.sleep(seconds - 2 * self.settle_seconds)
            end = self.look(wrk.pid, server)
            peak_kb = self.peak_kb(wrk.pid)
            latencies = json.loads(wrk.communicate()[0].splitlines()[-1])
        finally:
            wrk.kill()
        if latencies["failures"] or wrk.returncode:
            raise SystemExit(f"wrk: {latencies['failures']} requests failed")
        served = end["served"] - begin["served"] - self.cost_of_asking
        return {**latencies,
                "cpu_us_per_request": (end["cpu_us"] - begin["cpu_us"]) / served,
                "requests_per_second": served / (end["at"] - begin["at"]),
                "peak_rss_kb": peak_kb}

    @staticmethod
    def look(pid, server):
        threads = pathlib.Path(f"/proc/{pid}/task").iterdir()
        cpu_ns = sum(int((each / "schedstat").read_text().split()[0]) for each in threads)
        return {"cpu_us": cpu_ns / 1000, "at": time.monotonic(),
                "served": server.requests_served()}

    @staticmethod
    def peak_kb(pid):
        for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1])
        raise SystemExit("wrk ended too early")


def contestants(build):
    """Ours first."""
    peers = build / "bench" / "peers"
    return [
        Client("this library", build / "bench" / "bench_create"),
        Client("bare epoll + OpenSSL (no JSON)", peers / "bare_client"),
        Client("the same, JSON into a struct", peers / "bare_client", "--decode"),
        Wrk(),
        Client("Beast as in its examples", peers / "plain_beast"),
        Client("libcurl multi + json::parse", peers / "curl_multi"),
    ]
