#!/usr/bin/env python3
"""Measures what proofs cost: a cold `explain`, and what a run does only so that its verdicts can be proved afterwards.

    benches/proofs.py [--runs 21] [--seed 1] [--data target/benches] [--lexlog target/benches/lexlog/release/lexlog]

The first table is about the example with which the README begins: a process that reads the whole pack of policies, checks it, runs
it and explains one verdict, beside one that only reads and checks. The second is about the workloads of `run.py`, on its data, as far
as they are there: of the time of the whole process, what went into noting the rounds in which rows came. Nothing else is kept for
proofs; a run without them would leave out just that.
"""
import argparse
import json
import statistics
import subprocess
import sys
import time
from pathlib import Path

from run import HERE, ROOT, WORKLOADS

EXAMPLE = ["--facts", ROOT / "tests" / "examples" / "suzhou.lexlog"]
ATOM = "licence_required(t1)"


def main():
    options = arguments()
    lexlog = options.lexlog
    policies = ROOT / "policies"
    explained, checked = median_of(
        options.runs,
        [lexlog, "explain", policies, *EXAMPLE, ATOM],
        [lexlog, "check", policies],
    )
    print("| the README's example, cold | median |")
    print("|---|---:|")
    print(f"| `explain` | {explained * 1000:.0f} ms |")
    print(f"| `check`: read the whole pack, and check it | {checked * 1000:.0f} ms |")
    print()
    print("| workload | whole run | of it for proofs |")
    print("|---|---:|---:|")
    for name in WORKLOADS:
        folder = options.data / f"{name}-full-{options.seed}"
        if (folder / "ready").exists():
            whole, for_proofs = cost_of_proofs(lexlog, name, folder)
            print(f"| `{name}` | {whole:.2f} s | {for_proofs * 1000:.3f} ms ({for_proofs / whole:.4%}) |", flush=True)


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    data = ROOT / "target" / "benches"
    parser.add_argument("--runs", type=int, default=21, help="how often each command runs")
    parser.add_argument("--seed", type=int, default=1, help="of the data")
    parser.add_argument("--data", type=Path, default=data, help="where data are kept")
    parser.add_argument("--lexlog", type=Path, default=data / "lexlog" / "release" / "lexlog", help="the command")
    options = parser.parse_args()
    if options.runs < 1:
        parser.error("at least one run")
    if not options.lexlog.exists():
        parser.error(f"there is no {options.lexlog}: `benches/run.py` builds it")
    return options


def median_of(runs, *commands):
    """The median time of each command, in seconds: they take turns."""
    times = [[] for _ in commands]
    for _ in range(runs):
        for command, own in zip(commands, times):
            own.append(timed(command))
    return [statistics.median(own) for own in times]


def timed(command):
    """The time of one run, in seconds."""
    begun = time.perf_counter()
    printed(command)
    return time.perf_counter() - begun


def printed(command):
    """What a run prints."""
    command = [str(word) for word in command]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"Lexlog failed: {' '.join(command)}\n{done.stderr}")
    return done.stdout


def cost_of_proofs(lexlog, name, folder):
    """The time of a whole run, and what of it went into what proofs need, in seconds."""
    kind, _, _, relations = WORKLOADS[name]
    facts = [word for relation in relations.split() for word in ("--facts", folder / f"{relation}.csv")]
    policy = HERE / kind / f"{kind}.lexlog"
    command = [lexlog, "run", policy, *facts, "--quiet"]
    seconds = timed([*command, "--out", folder / "out" / "proofs"])
    said = json.loads(printed([*command, "--stats", "--format", "json"]))
    return seconds, said["stats"]["seconds_for_proofs"]


if __name__ == "__main__":
    main()
