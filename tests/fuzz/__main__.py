"""Break files of every format and read them: a table, and what went wrong."""

import argparse
import os
import sys
import tempfile
import time
from pathlib import Path

from tests.fuzz.runner import run, table


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--count", type=int, default=10_000, help="inputs in all")
    parser.add_argument("--seed", type=int, default=0, help="which inputs")
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--only", default="", help="part of the names of formats")
    parser.add_argument("--keep", type=Path, help="folder for inputs that went wrong")
    given = parser.parse_args()
    keep = given.keep or Path(tempfile.mkdtemp(prefix="fuzz-"))
    started = time.monotonic()
    tallies = run(
        count=given.count,
        seed=given.seed,
        processes=given.processes,
        keep=keep,
        only=given.only,
    )
    said = [table(tallies)]
    faults = [fault for tally in tallies.values() for fault in tally.faults]
    for name, tally in tallies.items():
        said += [f"noise, {name}: {n} × {text}" for text, n in tally.noise.items()]
    said += [f"FAULT {fault}" for fault in faults]
    took_s = time.monotonic() - started
    load = ", ".join(f"{value:.1f}" for value in os.getloadavg())
    said.append(f"{took_s:.0f} s with {given.processes} processes; load {load}")
    if faults:
        said.append(f"{len(faults)} faults; inputs kept in {keep}")
    sys.stdout.write("\n".join(said) + "\n")
    return bool(faults)


if __name__ == "__main__":
    sys.exit(main())
