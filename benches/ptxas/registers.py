#!/usr/bin/env python3
"""Assembles the kernels for NVIDIA GPUs that need not be there, and tells their registers, spills and occupancy.

    eval "$(.ci/llvm)"
    SIG_KERNEL_SOURCES=$PWD/target/kernel-sources cargo test -p sig-core --features kernel-sources --lib sources
    python3 benches/ptxas/registers.py target/kernel-sources

One row per kernel and architecture: registers of a unit; bytes of its stack; bytes that are spilled from registers, stored
and loaded; bytes of shared memory of a cube; units of a cube; and how many of the units that a processor has room for can be
there at once. Exits with an error if a kernel does not assemble or spills more than --spilled bytes.
"""

import argparse
import os
import re
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

# Bytes of shared memory of a processor. Each has 65 536 registers and room for 2048 units, and 1 KiB of a cube is CUDA's own.
SHARED = {"sm_80": 164 << 10, "sm_90": 228 << 10, "sm_100": 228 << 10}
UNITS = 2048
REGISTERS = 1 << 16
RESERVED = 1 << 10


def assembler():
    """ptxas of this machine, or the one that .ci/llvm has installed."""
    found = shutil.which("ptxas") or next(ROOT.glob("target/cuda-venv/lib/python3*/site-packages/nvidia/cuda_nvcc/bin/ptxas"), None)
    if found is None:
        sys.exit("error: no ptxas on the PATH; .ci/llvm installs one")
    return found


def assemble(ptxas, source):
    """Whether it assembles, and the log."""
    target = re.search(r"^\.target (\w+)", source, re.MULTILINE)[1]
    command = [ptxas, "--verbose", f"--gpu-name={target}", "--output-file=/dev/null", "-"]
    done = subprocess.run(command, input=source, capture_output=True, text=True)
    return done.returncode == 0, done.stdout + done.stderr


def number(pattern, text):
    found = re.search(pattern, text)
    if found is None:
        sys.exit(f"error: nothing like {pattern!r} in\n{text}")
    return int(found[1])


def room(architecture, registers, shared, units):
    """The share of a processor's units that there can be at once, in percent."""
    of_registers = REGISTERS // (-(-registers // 8) * 8 * units)
    of_memory = SHARED[architecture] // (shared + RESERVED)
    return 100 * min(of_registers, of_memory, UNITS // units, 32) * units // UNITS


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sources", type=Path, help="a folder of .ptx files")
    parser.add_argument("--architecture", choices=SHARED, action="append", help="may be repeated; default all")
    parser.add_argument("--spilled", type=int, default=0, metavar="BYTES", help="that a kernel may spill; default 0")
    arguments = parser.parse_args()
    ptxas = assembler()
    architectures = arguments.architecture or SHARED
    files = [(file, architecture) for architecture in architectures for file in sorted(arguments.sources.glob(f"*.{architecture}.ptx"))]
    if not files:
        sys.exit(f"error: {arguments.sources} has no .ptx files for {', '.join(architectures)}")
    sources = [file.read_text() for file, _ in files]
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        results = pool.map(lambda source: assemble(ptxas, source), sources)

    print(f"{'kernel':44} {'':6} {'registers':>9} {'stack':>6} {'spilled':>12} {'shared':>7} {'units':>5} {'room':>5}")
    failed, spilled = [], []
    for (file, architecture), source, (assembled, log) in zip(files, sources, results):
        if not assembled:
            failed.append(f"{file.name} does not assemble:\n{log}")
            continue
        shared, units = (number(rf"// {what}: (\d+)", source) for what in ("shared bytes", "units"))
        registers = number(r"Used (\d+) registers", log)
        stack = number(r"(\d+) bytes stack frame", log)
        stored, loaded = number(r"(\d+) bytes spill stores", log), number(r"(\d+) bytes spill loads", log)
        percent = room(architecture, registers, shared, units)
        kernel = file.name.removesuffix(f".{architecture}.ptx")
        print(f"{kernel:44} {architecture:6} {registers:9} {stack:6} {stored:5} {loaded:6} {shared:7} {units:5} {percent:4}%")
        if stored or loaded:
            spilled.append(file.name)
        if max(stored, loaded) > arguments.spilled:
            failed.append(f"{file.name} spills {max(stored, loaded)} bytes")
    print(f"{len(spilled)} of {len(files)} spill registers")
    if failed:
        sys.exit("error: " + "\n".join(failed))


if __name__ == "__main__":
    main()
