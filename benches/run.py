#!/usr/bin/env python3
"""Measures Lexlog beside its peers, from files to results, and prints a table for each workload.

    benches/run.py [--only own,tc-1m] [--runs 5] [--small] [--seed 1] [--data target/benches]

The data are made first, the peers built or installed (ascent by cargo, DuckDB and clingo by pip, into a virtual
environment beside the data). Then everybody takes turns: each round runs each contender once, in an order that rotates.
Wall time and peak memory are those of the whole process. Who takes more than half a minute runs once. What the contenders
count is compared: where two disagree, that is said, and the exit code is 1.
"""
import argparse
import os
import platform
import statistics
import subprocess
import sys
import time
import venv
from dataclasses import dataclass, field
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
PACKAGES = ["duckdb==2.0.1", "clingo==5.8.3"]
PATIENCE = 30.0
"""Seconds after which a contender is not asked a second time."""

# What each workload is: how its data are made (in full, and small), and which relations it reads.
WORKLOADS = {
    "own": ("own", "--entities 200000 --shipments 1000000", "--entities 2000 --shipments 10000", "entity owns listed shipment"),
    "bom": ("bom", "--assemblies 100000 --parts 50000", "--assemblies 1000 --parts 500", "part_of value origin controlled"),
    "tc-1m": ("tc", "--nodes 1770", "--nodes 200", "edge"),
    "tc-5m": ("tc", "--nodes 3835", "--nodes 400", "edge"),
    "tc-20m": ("tc", "--nodes 7800", "--nodes 600", "edge"),
    "sg": ("sg", "--nodes 5000", "--nodes 500", "parent"),
    "pts": ("pts", "--vars 30000", "--vars 1200", "addr_of assign load store"),
}
# Who would take minutes, or more memory than there is.
SKIPPED = {("clingo", "tc-5m"), ("clingo", "tc-20m"), ("clingo", "bom")}
# Under which name its peers count what each workload is about.
COUNTED = {"own": "flagged", "bom": "flagged", "tc": "path", "sg": "sg", "pts": "pts"}


@dataclass
class Contender:
    name: str
    command: list
    count: int | None = None
    seconds: list = field(default_factory=list)
    peak: int = 0


def main():
    options = arguments()
    data = options.data.resolve()
    python = prepare_python(data)
    lexlog, peers = build(data)
    print(machine(lexlog, python))
    agree = True
    for name in options.only or WORKLOADS:
        folder = make_data(name, options, data)
        contenders = contenders_of(name, folder, lexlog, peers, python)
        for turn in range(options.runs):
            for contender in contenders[turn % len(contenders):] + contenders[:turn % len(contenders)]:
                if not contender.seconds or max(contender.seconds) < PATIENCE:
                    run(contender, folder, COUNTED[WORKLOADS[name][0]])
        agree &= report(name, contenders)
    sys.exit(0 if agree else 1)


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", type=lambda text: text.split(","), help="these workloads: " + ", ".join(WORKLOADS))
    parser.add_argument("--runs", type=int, default=5, help="how often each contender runs")
    parser.add_argument("--small", action="store_true", help="small data, to see whether everything works")
    parser.add_argument("--seed", type=int, default=1, help="of the data")
    parser.add_argument("--data", type=Path, default=ROOT / "target" / "benches", help="where data and peers are kept")
    options = parser.parse_args()
    unknown = [name for name in options.only or [] if name not in WORKLOADS]
    if unknown or options.runs < 1:
        parser.error(f"no workload: {', '.join(unknown)}" if unknown else "at least one run")
    return options


def prepare_python(data):
    """The interpreter of an environment that has DuckDB and clingo."""
    folder = data / "python"
    python = folder / "bin" / "python"
    if not (folder / "ready").exists():
        venv.create(folder, with_pip=True, clear=True)
        subprocess.run([python, "-m", "pip", "install", "--quiet", *PACKAGES], check=True)
        (folder / "ready").touch()
    return python


def build(data):
    """Lexlog and the compiled peers, as they are released."""
    cargo = ["cargo", "build", "--release", "--quiet", "--locked", "--target-dir"]
    subprocess.run([*cargo, data / "lexlog"], cwd=ROOT, check=True)
    subprocess.run([*cargo, data / "peers"], cwd=HERE / "peers", check=True)
    return data / "lexlog" / "release" / "lexlog", data / "peers" / "release" / "peers"


def make_data(name, options, data):
    kind, large, small, _ = WORKLOADS[name]
    size = "small" if options.small else "full"
    folder = data / f"{name}-{size}-{options.seed}"
    if not (folder / "ready").exists():
        sizes = (small if options.small else large).split()
        command = [sys.executable, HERE / "generate.py", kind, *sizes, "--seed", str(options.seed), "--out", folder, "--csv", "--lp"]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        (folder / "out").mkdir(exist_ok=True)
        (folder / "ready").touch()
    return folder


def contenders_of(name, folder, lexlog, peers, python):
    kind, _, _, relations = WORKLOADS[name]
    program = HERE / kind
    counted = COUNTED[kind]
    facts = [word for relation in relations.split() for word in ("--facts", folder / f"{relation}.csv")]
    threads = str(os.cpu_count())
    contenders = [
        Contender("Lexlog", [lexlog, "run", program / f"{kind}.lexlog", *facts, "--quiet", "--out", folder / "out" / "lexlog"]),
        Contender("DuckDB", [python, HERE / "run_duckdb.py", program / "duckdb.sql", folder, folder / "out", threads]),
    ]
    if kind in ("tc", "sg"):
        table = folder / f"{relations}.tsv"
        contenders.append(Contender("ascent, one thread", [peers, kind, table]))
        contenders.append(Contender("ascent, all threads", [peers, kind, table, "--parallel"]))
    if kind == "own":
        contenders.append(Contender("by hand", [peers, kind, folder, folder / "out" / "by_hand.txt"]))
    if ("clingo", name) not in SKIPPED:
        counts = [] if counted == "flagged" else ["--count", f"{counted}/2"]
        contenders.append(Contender("clingo", [python, HERE / "run_clingo.py", *counts, program / "clingo.lp", folder / "facts.lp"]))
    return contenders


def run(contender, folder, counted):
    """Runs it once: its time, its peak memory, and what it counted."""
    printed = folder / "out" / "printed.txt"
    for table in (folder / "out" / "lexlog").glob("*.csv"):
        table.unlink()
    begun = time.perf_counter()
    with printed.open("w") as out:
        process = subprocess.Popen([str(word) for word in contender.command], stdout=out)
        _, status, usage = os.wait4(process.pid, 0)
    contender.seconds.append(time.perf_counter() - begun)
    contender.peak = max(contender.peak, usage.ru_maxrss * 1024)
    if os.waitstatus_to_exitcode(status) != 0:
        sys.exit(f"{contender.name} failed: {' '.join(str(word) for word in contender.command)}")
    if contender.name == "Lexlog":
        contender.count = count_of_verdicts(folder / "out" / "lexlog")
    else:
        contender.count = count_in_words(printed.read_text(), counted)


def count_of_verdicts(folder):
    """The rows of the only table, or the number in it."""
    (table,) = folder.glob("*.csv")
    rows = table.read_text().splitlines()[1:]
    return int(rows[0].split(",")[0]) if table.stem == "counted" else len(rows)


def count_in_words(printed, counted):
    """The number behind the name, as DuckDB, ascent and clingo's counts say it; or how many atoms clingo shows."""
    for line in printed.splitlines():
        words = line.split()
        if words and words[0] == counted and words[-1].isdecimal():
            return int(words[-1])
        if words[-2:-1] == ["shown"] and counted == "flagged":
            return int(words[-1])
    return None


def report(name, contenders):
    """Prints a table; whether all count the same."""
    own = statistics.median(contenders[0].seconds)
    number = contenders[0].count
    print(f"\n{name}: {number:,} {COUNTED[WORKLOADS[name][0]]}\n")
    print("| | median | Lexlog takes | peak memory | runs |")
    print("|---|---:|---:|---:|---:|")
    for contender in contenders:
        median = statistics.median(contender.seconds)
        peak = contender.peak / 2**20
        print(f"| {contender.name} | {median:.2f} s | {own / median:.2f} × | {peak:,.0f} MiB | {len(contender.seconds)} |")
    wrong = [contender for contender in contenders if contender.count != number]
    for contender in wrong:
        print(f"{contender.name} counts {contender.count}, Lexlog {number}", file=sys.stderr)
    sys.stdout.flush()
    return not wrong


def machine(lexlog, python):
    versions = subprocess.run([lexlog, "--version"], capture_output=True, text=True, check=True).stdout.strip()
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    peers = ", ".join(package.replace("==", " ") for package in PACKAGES)
    return (
        f"{time.strftime('%Y-%m-%d')}: {os.cpu_count()} cores, {memory:.0f} GiB, {platform.system()} {platform.machine()}; "
        f"{versions}, {peers}, ascent 0.8.1"
    )


if __name__ == "__main__":
    main()
