#!/usr/bin/env python3
"""Compiles the kernels, as CUDA C++, for NVIDIA GPUs that need not be there, and tells their registers and spills.

    SIG_KERNEL_SOURCES=$PWD/target/kernel-sources cargo test -p sig-core --features kernel-sources --lib sources
    python3 benches/nvrtc/registers.py target/kernel-sources

A row a kernel and architecture: registers of a unit; bytes of its stack, and bytes that are spilled from registers, stored and
loaded; bytes of shared memory of a cube, units of a cube, and how many of the units that a processor has room for can be there
at once. A kernel that does not compile makes it fail.
"""

import argparse
import ctypes
import os
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

HERE = Path(__file__).resolve().parent
VENV = HERE.parents[1] / "target" / "nvrtc-venv"

# Bytes of shared memory and units of a processor; both have 65 536 registers, and 1 KiB of a cube is CUDA's own.
PROCESSORS = {"sm_80": (164 << 10, 2048), "sm_90": (228 << 10, 2048)}
REGISTERS = 1 << 16
RESERVED = 1 << 10


def enter():
    """Goes on in a virtual environment with NVRTC, made here if there is none."""
    if sys.prefix != sys.base_prefix:
        return
    python = VENV / "bin" / "python"
    if not python.exists():
        print(f"making {VENV}", file=sys.stderr)
        subprocess.run([sys.executable, "-m", "venv", VENV], check=True)
    pins = HERE / "requirements.txt"
    pip = [python, "-m", "pip", "install", "--disable-pip-version-check", "--quiet"]
    subprocess.run([*pip, "--requirement", pins], check=True)
    os.execv(python, [str(python), *sys.argv])


class Nvrtc:
    """NVRTC, from the packages of the virtual environment."""

    def __init__(self):
        packages = Path(sys.prefix).glob("lib/python3*/site-packages/nvidia")
        nvidia = next(packages, None)
        if nvidia is None:
            sys.exit("error: NVRTC is not installed: run outside a virtual environment, or install requirements.txt in it")
        [library] = (nvidia / "cuda_nvrtc" / "lib").glob("libnvrtc.so.*")
        self.headers = nvidia / "cuda_runtime" / "include"
        self.library = ctypes.CDLL(str(library))

    def compile(self, source, architecture):
        """Whether it compiles, and the log."""
        options = [f"--gpu-architecture={architecture}", "--ptxas-options=-v", f"--include-path={self.headers}"]
        options = (ctypes.c_char_p * len(options))(*map(str.encode, options))
        program = ctypes.c_void_p()
        code = self.library.nvrtcCreateProgram(ctypes.byref(program), source.encode(), b"kernel.cu", 0, None, None)
        if code != 0:
            return False, f"nvrtcCreateProgram: error {code}"
        code = self.library.nvrtcCompileProgram(program, len(options), options)
        size = ctypes.c_size_t()
        self.library.nvrtcGetProgramLogSize(program, ctypes.byref(size))
        log = ctypes.create_string_buffer(size.value)
        self.library.nvrtcGetProgramLog(program, log)
        self.library.nvrtcDestroyProgram(ctypes.byref(program))
        return code == 0, log.value.decode()


def number(pattern, text):
    found = re.search(pattern, text)
    if found is None:
        sys.exit(f"error: nothing like {pattern!r} in\n{text}")
    return int(found[1])


def room(architecture, registers, shared, units):
    """The share of a processor's units that there can be at once, in percent."""
    memory, most = PROCESSORS[architecture]
    of_registers = REGISTERS // (-(-registers // 8) * 8 * units)
    of_memory = memory // (shared + RESERVED)
    return 100 * min(of_registers, of_memory, most // units, 32) * units // most


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sources", type=Path, help="a folder of .cu files")
    parser.add_argument("--architecture", choices=PROCESSORS, action="append", help="may be repeated; default all")
    arguments = parser.parse_args()
    enter()
    nvrtc = Nvrtc()
    files = sorted(arguments.sources.glob("*.cu"))
    if not files:
        sys.exit(f"error: {arguments.sources} has no .cu files")
    jobs = [(file, architecture) for architecture in arguments.architecture or PROCESSORS for file in files]
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        results = pool.map(lambda job: nvrtc.compile(job[0].read_text(), job[1]), jobs)

    print(f"{'kernel':44} {'':6} {'registers':>9} {'stack':>6} {'spilled':>12} {'shared':>7} {'units':>5} {'room':>5}")
    failed, spilled = [], 0
    for (file, architecture), (compiled, log) in zip(jobs, results):
        if not compiled:
            failed.append(f"{file.name} does not compile for {architecture}:\n{log}")
            continue
        source = file.read_text()
        shared, units = (number(rf"// {what}: (\d+)", source) for what in ("shared bytes", "units"))
        registers = number(r"Used (\d+) registers", log)
        stack = number(r"(\d+) bytes stack frame", log)
        stored, loaded = number(r"(\d+) bytes spill stores", log), number(r"(\d+) bytes spill loads", log)
        percent = room(architecture, registers, shared, units)
        print(
            f"{file.stem:44} {architecture:6} {registers:9} {stack:6} {stored:5} {loaded:6} {shared:7} {units:5} {percent:4}%"
        )
        spilled += stored > 0 or loaded > 0
    print(f"{spilled} of {len(jobs)} spill registers")
    if failed:
        sys.exit("error: " + "\n".join(failed))


if __name__ == "__main__":
    main()
