"""Measures everything and prints tables in Markdown."""

import json
import os
import statistics
import subprocess

import counts
import machine
from contestants import CLIENT_CPU, Client, contestants, run_json

ALL_CPUS = ",".join(str(n) for n in range(os.cpu_count() or 1))


class Effort:
    def __init__(self, quick):
        self.rounds = 3 if quick else 9
        self.requests = 5_000 if quick else 30_000
        self.requests_alone = 1_000 if quick else 5_000
        self.requests_counted = 500 if quick else 3_000
        self.micro_seconds = 0.05 if quick else 0.5
        self.waiting = [1, 100, 10_000] if quick else [1, 100, 10_000, 100_000]


def quartile(values):
    return statistics.quantiles(values, n=4, method="inclusive")[0]


def interleave(rounds, measures):
    """Every round runs each once, so that what disturbs the machine disturbs all alike."""
    seen = [[] for _ in measures]
    for _ in range(rounds):
        for figures, measure in zip(seen, measures):
            figures.append(measure())
    return seen


def summary(figures):
    """Lower quartiles; of the processor time the median too."""
    return {name: quartile([each[name] for each in figures]) for name in figures[0]
            if isinstance(figures[0][name], (int, float))} | {
        "cpu_median": statistics.median(each["cpu_us_per_request"] for each in figures),
        # Of what is better when it is higher, the upper quartile.
        "requests_per_second": -quartile([-each["requests_per_second"] for each in figures]),
    }


def table(titles, rows):
    print("|" + "|".join(f" {each} " for each in titles) + "|")
    print("|---" + "|---:" * (len(titles) - 1) + "|")
    for row in rows:
        print("|" + "|".join(f" {each} " for each in row) + "|")
    print(flush=True)


def compare(build, server, effort):
    clients = contestants(build)
    print(f"Create, 64 connections, {effort.rounds} interleaved rounds of {effort.requests:,} "
          "requests (wrk: as long):\n")
    seen = [summary(each) for each in interleave(
        effort.rounds,
        [lambda each=each: each.measure(server, 64, effort.requests) for each in clients])]
    rows = []
    for client, figures in zip(clients, seen):
        instructions = allocations = ""
        if client.command:
            command = client.command(server, 64, effort.requests_counted)
            instructions = f"{counts.instructions(command, effort.requests_counted):,.0f}"
            counted = counts.allocations(build, command)
            allocations = f"{counted['allocations_per_request']:.1f}"
        rows.append([client.name, f"{figures['cpu_us_per_request']:.1f}",
                     f"{figures['cpu_median']:.1f}",
                     f"{seen[0]['cpu_us_per_request'] / figures['cpu_us_per_request']:.2f}",
                     f"{figures['requests_per_second']:,.0f}", f"{figures['p50_us']:,.0f}",
                     f"{figures['p99_us']:,.0f}", instructions, allocations,
                     f"{figures['peak_rss_kb'] / 1024:.1f}"])
    table(["client", "CPU µs a request, lower quartile", "median", "this library ÷ it",
           "requests a second", "p50 µs", "p99 µs", "user instructions", "allocations",
           "peak MB"], rows)


def compare_alone(build, server, effort):
    clients = contestants(build)
    print(f"Create, 1 connection, {effort.rounds} interleaved rounds of "
          f"{effort.requests_alone:,} requests:\n")
    seen = [summary(each) for each in interleave(
        effort.rounds,
        [lambda each=each: each.measure(server, 1, effort.requests_alone) for each in clients])]
    table(["client", "p50 µs", "p99 µs", "this library's p50 ÷ it",
           "CPU µs a request, lower quartile"],
          [[client.name, f"{figures['p50_us']:.0f}", f"{figures['p99_us']:.0f}",
            f"{seen[0]['p50_us'] / figures['p50_us']:.2f}",
            f"{figures['cpu_us_per_request']:.1f}"]
           for client, figures in zip(clients, seen)])


def variants(build, server, effort):
    """The hook and the second thread, each beside the plain client."""
    program = build / "bench" / "bench_create"
    cases = [Client("plain", program), Client("an empty event hook", program, "--event-hook"),
             Client("two threads on that core", program, "--threads", "2"),
             Client("two threads, one beside the server", program, "--threads", "2")]
    cpus = [CLIENT_CPU, CLIENT_CPU, CLIENT_CPU, ALL_CPUS]
    seen = [summary(each) for each in interleave(effort.rounds, [
        lambda each=each, on=on: run_json(each.command(server, 64, effort.requests), cpus=on)
        for each, on in zip(cases, cpus)])]
    rows = []
    for case, figures in zip(cases[:2], seen):
        command = case.command(server, 64, effort.requests_counted)
        figures["instructions"] = counts.instructions(command, effort.requests_counted)
    for case, figures in zip(cases, seen):
        rows.append([case.name, f"{figures['cpu_us_per_request']:.1f}",
                     f"{figures['cpu_us_per_request'] / seen[0]['cpu_us_per_request']:.2f}",
                     f"{figures['instructions']:,.0f}" if "instructions" in figures else "",
                     f"{figures['requests_per_second']:,.0f}"])
    print("The same client otherwise:\n")
    table(["client", "CPU µs a request, lower quartile", "÷ plain", "user instructions",
           "requests a second"], rows)


def waiting(build, server, effort):
    command = [build / "bench" / "bench_create", "--base-url",
               server.origin + "/waiting/client/v4", "--ca-file", server.ca_file,
               "--connections", 64, "--requests", effort.requests, "--waiting"]
    rounds = max(3, effort.rounds // 3)
    seen = [summary(each) for each in interleave(rounds, [
        lambda n=n: run_json([*command, n]) for n in effort.waiting])]
    least, most = effort.waiting[0], effort.waiting[-1]
    each = (seen[-1]["peak_rss_kb"] - seen[0]["peak_rss_kb"]) * 1024 / (most - least)
    print("Creates that wait for the quota while 64 are in flight:\n")
    table(["waiting", "CPU µs a request, lower quartile", "peak MB"],
          [[f"{n:,}", f"{figures['cpu_us_per_request']:.1f}",
            f"{figures['peak_rss_kb'] / 1024:.1f}"]
           for n, figures in zip(effort.waiting, seen)])
    print(f"A waiting create takes {each:,.0f} bytes, the caller's coroutine included.\n")


def connections(build, server, effort):
    command = [build / "bench" / "bench_connections", "--base-url",
               server.origin + "/once/client/v4", "--ca-file", server.ca_file,
               "--connections", 8, "--requests", max(200, effort.requests // 20)]
    figures = run_json(command)
    print("Connections, against a server that closes after each answer:\n")
    table(["what", "figure"], [
        [f"reconnects that resume a session, of {figures['reconnects']:.0f}",
         f"{figures['resumed_share']:.1%}"],
        ["constructing the first client, system's trust store included",
         f"{figures['first_client_us'] / 1000:.2f} ms"],
        ["constructing a further client", f"{figures['further_client_us'] / 1000:.3f} ms"]])


def micro(build, effort):
    done = subprocess.run(
        ["taskset", "-c", str(CLIENT_CPU), build / "bench" / "micro" / "micro",
         f"--benchmark_min_time={effort.micro_seconds}", "--benchmark_format=json"],
        text=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True)
    print("Parts by themselves:\n")
    table(["what", "CPU"], [[each["name"], f"{each['cpu_time']:,.3f} {each['time_unit']}"]
                            for each in json.loads(done.stdout)["benchmarks"]])


def run(build, server, quick):
    effort = Effort(quick)
    print(machine.description() + ". Client pinned to one core, nginx to the other, TLS 1.3.\n")
    compare(build, server, effort)
    compare_alone(build, server, effort)
    variants(build, server, effort)
    waiting(build, server, effort)
    connections(build, server, effort)
    micro(build, effort)
