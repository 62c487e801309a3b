#!/usr/bin/env python3
"""Measures how long the shipped policies take to screen the magnet maker's transfers, grown to a company's size.

    benches/screen.py [--sizes 10000,100000] [--seed 1] [--data target/benches] [--lexlog target/release/lexlog]

Each grown transfer is one of the 200 of `policies/examples/magnet_maker`, with a number of its own and a day between 2025
and 2027; the parties, items, bills of materials and lists stay those of the example. What is measured is the whole command, from
files to the counts of all verdicts, with what would hold but for suspensions and exemptions.
"""
import argparse
import csv
import datetime
import os
import random
import shutil
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
EXAMPLE = ROOT / "policies" / "examples" / "magnet_maker"
FIRST_DAY = datetime.date(2025, 1, 1)
DAYS = 3 * 365


def main():
    options = arguments()
    if options.lexlog is None:
        build = ["cargo", "build", "--release", "--quiet", "--locked", "--target-dir", options.data / "lexlog"]
        subprocess.run(build, cwd=ROOT, check=True)
        options.lexlog = options.data / "lexlog" / "release" / "lexlog"
    print("| transfers | facts | time | transfers a second | peak memory | of it a fact |")
    print("|---:|---:|---:|---:|---:|---:|")
    for transfers in options.sizes:
        folder = options.data / f"screen-{transfers}-{options.seed}"
        facts = grow(folder, transfers, options.seed)
        seconds, peak = screen(options.lexlog, folder)
        print(
            f"| {transfers:,} | {facts:,} | {seconds:.1f} s | {transfers / seconds:,.0f} "
            f"| {peak / 2**20:,.0f} MiB | {peak / facts:,.0f} bytes |",
            flush=True,
        )


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    sizes = [10_000, 30_000, 100_000, 300_000, 1_000_000]
    parser.add_argument("--sizes", type=lambda text: [int(size) for size in text.split(",")], default=sizes)
    parser.add_argument("--seed", type=int, default=1, help="of the transfers")
    parser.add_argument("--data", type=Path, default=ROOT / "target" / "benches", help="where data are kept")
    parser.add_argument("--lexlog", type=Path, help="the command; without it, it is built")
    options = parser.parse_args()
    if min(options.sizes) < 1:
        parser.error("at least one transfer")
    return options


def grow(folder, transfers, seed):
    """Writes the facts, where they are not there; how many there are."""
    if not (folder / "ready").exists():
        facts = folder / "facts"
        facts.mkdir(parents=True, exist_ok=True)
        for file in EXAMPLE.glob("*.csv"):
            shutil.copy(file, facts)
        header, *rows = read(EXAMPLE / "transfer.csv")
        uses = dict(read(EXAMPLE / "used_for.csv")[1:])
        chance = random.Random(f"screen/{seed}")
        with (facts / "transfer.csv").open("w") as out, (facts / "used_for.csv").open("w") as used:
            print(*header, sep=",", file=out)
            print("transfer,use", file=used)
            for number in range(transfers):
                like, *parties, _ = chance.choice(rows)
                day = FIRST_DAY + datetime.timedelta(chance.randrange(DAYS))
                print(f"s{number:07d}", *parties, day, sep=",", file=out)
                print(f"s{number:07d}", uses[like], sep=",", file=used)
        (folder / "ready").touch()
    return sum(len(read(file)) - 1 for file in (folder / "facts").glob("*.csv"))


def read(file):
    with file.open(newline="") as rows:
        return list(csv.reader(rows))


def screen(lexlog, folder):
    """Screens once: the time in seconds, and the most memory in bytes."""
    command = [str(lexlog), "run", str(ROOT / "policies"), "--facts", str(folder / "facts"), "--summary", "--quiet"]
    begun = time.perf_counter()
    with (folder / "summary.txt").open("w") as out:
        process = subprocess.Popen(command, stdout=out)
        _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - begun
    if os.waitstatus_to_exitcode(status) != 0:
        sys.exit(f"Lexlog failed: {' '.join(command)}")
    return seconds, usage.ru_maxrss * 1024


main()
