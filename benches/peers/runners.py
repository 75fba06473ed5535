"""The two kinds of things that are timed, with the same `measure`: ours and a peer."""

import json
import shlex
import subprocess
import sys
import tempfile
from contextlib import suppress
from pathlib import Path

import worker

OURS = "burn-sig"


class Failed(Exception):
    """Says why there is no time."""


class Ours:
    """The Rust bench, a process each time."""

    name = OURS

    def __init__(self, command, threads):
        self.command = shlex.split(command)
        self.threads = threads

    def build(self):
        """Compiles the bench if the command does, by a call which takes no time."""
        smallest = ["--batch", "1", "--length", "2", "--channels", "1", "--depth", "1", "--seconds", "0"]
        self._run(smallest, stdout=subprocess.DEVNULL)

    def suits(self, shape, op):
        return True

    def measure(self, shape, args):
        """A row for each pass: forward, backward by autodiff, and backprop by the call for it where there is one."""
        numbers = dict(zip(("batch", "length", "channels", "depth"), shape))
        numbers |= dict(window=args.window, hop=args.hop, threads=self.threads, seconds=args.seconds)
        options = ["--op", args.op, *(word for name, number in numbers.items() for word in (f"--{name}", str(number)))]
        if args.op == "kernel":
            options += ["--solver", args.solver, "--kernels", args.kernels]
        with tempfile.TemporaryDirectory() as folder:
            rows = Path(folder) / "rows.json"
            found = []
            for chosen in [[], *([["--pass", "backprop"]] if args.op in worker.BACKPROP else [])]:
                self._run([*options, *chosen, "--json", str(rows)], capture_output=True, text=True)
                found += json.loads(rows.read_text())
            return found

    def _run(self, options, **streams):
        try:
            done = subprocess.run([*self.command, *options], **streams)
        except OSError as error:
            raise Failed(f"{self.command[0]}: {error.strerror}") from error
        if done.returncode != 0:
            raise Failed(f"{shlex.join(self.command)} failed\n{done.stderr or ''}".strip())


class Peer:
    """A worker process, which stays for the next workload."""

    def __init__(self, name, threads):
        self.name = name
        self.errors = tempfile.TemporaryFile("w+")
        self.process = subprocess.Popen(
            [sys.executable, worker.__file__, name, str(threads)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.errors, text=True, bufsize=1,
        )
        self.versions = self._answer()["versions"]

    def suits(self, shape, op):
        return worker.suits(self.name, shape, op)

    def measure(self, shape, args):
        """A row for each pass that the peer has; a gradient by a call for it is both backward and backprop."""
        request = dict(shape=shape, op=args.op, window=args.window, hop=args.hop, seconds=args.seconds)
        request |= dict(solver=args.solver, kernels=args.kernels)
        with suppress(BrokenPipeError):  # it has ended, and there will be no answer
            self.process.stdin.write(json.dumps(request) + "\n")
        answer = self._answer()
        if "error" in answer:
            raise Failed(answer["error"])
        explicit = [row | {"pass": "backprop"} for row in answer["rows"] if row["pass"] == "backward"]
        return answer["rows"] + (explicit if self.name in worker.EXPLICIT and args.op in worker.BACKPROP else [])

    def _answer(self):
        line = self.process.stdout.readline()
        if line:
            return json.loads(line)
        code = self.process.wait()
        self.errors.seek(0)
        told = self.errors.read().strip().splitlines() or ["no reason given"]
        raise Failed(f"ended with {code}: {told[-1]}")

    def stop(self):
        with suppress(BrokenPipeError):
            self.process.stdin.close()
        self.process.wait()
