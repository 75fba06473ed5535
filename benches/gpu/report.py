#!/usr/bin/env python3
"""Makes the tables of the guide from what benches/gpu/run.sh has measured:  python3 report.py results

Prints Markdown. Exits with an error if a test failed or none ran, or if losses are not those of Flex.
"""

import argparse
import json
import sys
from pathlib import Path

# The backend whose losses the others should have, and how far one of the first may be from it, as in
# crates/sig-train/tests/devices.rs.
REFERENCE = "flex"
LOSSES, LOSS_TOLERANCE = 50, 1e-3
TESTS = ("kernels", "golden", "properties")


def table(header, rows):
    return "\n".join(f"| {' | '.join(map(str, row))} |" for row in [header, ["---"] * len(header), *rows])


def milliseconds(value):
    return f"{1000 * value:.1f} µs" if value < 1 else f"{value:.2f} ms"


def read(file):
    return json.loads(file.read_text()) if file.exists() else []


def steps(results):
    return [json.loads(line) for line in (results / "steps.jsonl").read_text().splitlines()]


def outcome(results, step):
    """What a step came to: the last line that a test program prints of its count, or why it ended."""
    lines = (results / f"{step['step']}.log").read_text(errors="replace").splitlines()
    counts = [line.split(". ")[0].removeprefix("test result: ") + ", " + line.split(". ")[1].split(";")[0] for line in lines if line.startswith("test result: ")]
    if step["code"] in (124, 137):
        return "out of time"
    if counts:
        return counts[-1]
    return "ok" if step["code"] == 0 else next((line for line in reversed(lines) if line.strip()), "no message")[:160]


def signatures(results, backends):
    """One row per shape and backend: forward, with the gradient, and their ratio."""
    times, rows = {}, []
    for backend in backends:
        for name in ("compare", "wide", "large", "long"):
            for row in read(results / f"{backend}.{name}.json"):
                times.setdefault((row["workload"], tuple(row["shape"]), backend), {})[row["pass"]] = row["median_ms"]
    for (_, shape, backend), passes in times.items():
        forward, backward = passes.get("forward"), passes.get("backward")
        if forward and backward:
            rows.append([", ".join(map(str, shape)), backend, milliseconds(forward), milliseconds(backward), f"{backward / forward:.1f}"])
    return table(["batch, length, channels, depth", "backend", "forward", "with the gradient", "ratio"], rows)


def training(results, backends):
    rows = [
        [row["length"], backend, milliseconds(row["median_ms"]), milliseconds(row["min_ms"]), f"{row['peak_mib']:.0f} MiB" if row["peak_mib"] else "–"]
        for backend in backends
        for row in read(results / f"{backend}.training.json")
    ]
    return table(["length", "backend", "median step", "fastest step", "peak memory of the process"], rows)


def losses(results, backends):
    """The largest relative difference of the first losses from those of Flex, and what is wrong."""

    def first(device):
        return [loss for row in read(results / f"{device}.training.json")[:1] for loss in row["losses"]]

    want, rows, wrong = first(REFERENCE), [], []
    for backend in (name for name in backends if name != REFERENCE):
        got = first(backend)
        if len(got) != LOSSES or len(want) != LOSSES:
            rows.append([backend, "not measured"])
            wrong.append(f"{backend}: no losses")
            continue
        off = max(abs(a / b - 1) for a, b in zip(got, want))
        rows.append([backend, f"{off:.1e}"])
        if not off <= LOSS_TOLERANCE:
            wrong.append(f"{backend}: losses are {off:.1e} from those of Flex")
    return table(["backend", f"largest relative difference of the first {LOSSES} losses"], rows), wrong


def sweep(results):
    entries = read(results / "backends.json")
    series = list(dict.fromkeys(entry["backend"] for entry in entries))
    rows = {}
    for entry in entries:
        median = entry["median_ms"]
        key = (entry["op"], ", ".join(map(str, entry["shape"])))
        rows.setdefault(key, {})[entry["backend"]] = "–" if median is None else f"{median:.3f}"
    return table(["median ms", "shape", *series], [[*key, *(row.get(name, "–") for name in series)] for key, row in rows.items()])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("results", type=Path)
    results = parser.parse_args().results
    done = steps(results)
    backends = list(dict.fromkeys(step["step"].split(".")[0] for step in done if "." in step["step"]))
    print("```\n" + (results / "machine.log").read_text().strip() + "\n```\n")
    print(table(["step", "outcome", "seconds"], [[step["step"], outcome(results, step), step["seconds"]] for step in done]))
    print("\n## Signatures\n\n" + signatures(results, backends))
    print("\n## Training step of the model in keras_sig's README, batch 128\n\n" + training(results, backends))
    compared, wrong = losses(results, backends)
    print("\n## Losses beside Flex\n\n" + compared)
    print("\n## All methods\n\n" + sweep(results))
    memory = results / "memory.csv"
    if memory.exists() and (used := [int(line) for line in memory.read_text().split() if line.isdigit()]):
        print(f"\nMost memory of the GPU in use: {max(used)} MiB, {min(used)} MiB of it before or after.")
    for step in done:
        if step["step"].split(".")[-1] in TESTS and (step["code"] != 0 or outcome(results, step) == "ok, 0 passed"):
            wrong.append(f"{step['step']}: {outcome(results, step)}")
    if wrong:
        sys.exit("error: " + "; ".join(wrong))


if __name__ == "__main__":
    main()
