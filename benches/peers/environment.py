"""The virtual environment of the peers, the cores everything runs on, and what the machine is."""

import os
import platform
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
VENV = HERE.parents[1] / "target" / "peers-venv"
PINS = HERE / "requirements.txt"

# What pip installs, each at its pin in requirements.txt. The first is needed to build the last two, and torch for the last,
# which compiles for minutes.
PACKAGES = {
    "build tools": ["numpy", "setuptools", "wheel"],
    "pictures": ["matplotlib"],
    "pysiglib": ["pysiglib", "torch"],
    "signax": ["signax", "jax"],
    "keras_sig": ["keras_sig", "jax"],
    "sigkan": ["sigkan", "jax"],
    "iisignature": ["--no-build-isolation", "iisignature"],
    "signatory": ["--no-build-isolation", "signatory"],
}


def enter():
    """Goes on in the virtual environment of the peers, made here if there is none.

    Inside a virtual environment already, that one is used as it is.
    """
    if sys.prefix != sys.base_prefix:
        return
    if not VENV.exists():
        _make()
    python = VENV / "bin" / "python"
    os.execv(python, [str(python), *sys.argv])


def _make():
    if not (3, 11) <= sys.version_info < (3, 13):
        sys.exit(f"error: the peers need Python 3.11 or 3.12, this is {platform.python_version()}")
    print(f"making {VENV}, which takes some minutes; delete it to do so again", file=sys.stderr)
    subprocess.run([sys.executable, "-m", "venv", VENV], check=True)
    pip = [VENV / "bin" / "python", "-m", "pip", "install", "--disable-pip-version-check", "--constraint", PINS]
    for name, packages in PACKAGES.items():
        print(f"installing {name}", file=sys.stderr)
        done = subprocess.run([*pip, *packages], capture_output=True, text=True)
        if done.returncode != 0:
            lines = [line.strip() for line in done.stderr.splitlines()]
            told = [line for line in lines if line.lower().startswith(("error:", "fatal:"))] or ["no reason given"]
            print(f"{name} is left out, it does not install: {told[0]}", file=sys.stderr)


def limit(threads):
    """Keeps this process and its children to so many cores and threads; says how.

    The cores are the first of those allowed: choose others with `taskset -c 2,4 python3 …`.
    Must come before the libraries are imported.
    """
    os.environ.update(KERAS_BACKEND="jax", JAX_PLATFORMS="cpu")
    for pool in ("OMP", "MKL", "OPENBLAS"):
        os.environ[f"{pool}_NUM_THREADS"] = str(threads)
    os.environ["NPROC"] = str(threads)  # of XLA, where cores cannot be chosen
    if not hasattr(os, "sched_setaffinity"):
        return "not pinned"
    allowed = sorted(os.sched_getaffinity(0))
    if len(allowed) < threads:
        sys.exit(f"error: --threads {threads}, but only {len(allowed)} cores are allowed")
    os.sched_setaffinity(0, allowed[:threads])
    return "pinned to core " + ", ".join(map(str, allowed[:threads]))


def cpu():
    """The name of the CPU model."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        lines = []
    names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or platform.machine()
