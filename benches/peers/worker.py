"""One peer in a process of its own: a request a line on standard input, an answer a line on standard output.

    python worker.py signax 1

The first answer has the versions of what was imported. A request has `shape` (batch, length, channels, depth), `op`,
`window`, `hop`, `solver`, `kernels` and `seconds`; its answer has a row for each pass, and an `error` if one failed. `backward` is the result,
then the gradient of Σ result · cotangent with respect to the path. Everything is warm and jitted, inputs are float32,
results are materialised. Where a peer has no windows of its own for a batch, they are gathered into one, and the
gradients of their points added up, within what is timed.
"""

import importlib
import json
import os
import statistics
import sys
import time
from dataclasses import dataclass
from functools import lru_cache, partial
from importlib.metadata import version

CHUNKS = 8
KERNELS = ("gram", "pairs", "grids")
OPS = ("signature", "stream", "logsignature", "windows", "kernel")
# What we have a call for the gradient of, without autodiff, and the peers whose gradients are such calls.
BACKPROP = ("signature", "stream")
EXPLICIT = ("pysiglib", "iisignature")


@dataclass(frozen=True)
class Task:
    """What is to be computed of which path."""

    shape: tuple
    op: str
    window: int
    hop: int
    threads: int
    solver: str = "series:6"
    kernels: str = "gram"

    @property
    def depth(self):
        return self.shape[3]

    @property
    def stream(self):
        return self.op == "stream"

    def starts(self):
        """The first point of each window."""
        return range(0, self.shape[1] - self.window + 1, self.hop)

    def points(self):
        """The points of the windows, one window after another."""
        return [start + point for start in self.starts() for point in range(self.window)]

    def parts(self, path):
        """The paths whose signatures are taken, in numpy: an array that owns its numbers, which pysiglib would copy if not."""
        import numpy as np

        if self.op != "windows":
            return path
        points = np.array(self.points())
        parts = np.empty((len(path) * len(self.starts()), self.window, self.shape[2]), path.dtype)
        np.take(path, points, 1, out=parts.reshape(len(path), len(points), -1))
        return parts

    def traced_parts(self, path):
        """The same in JAX."""
        import numpy as np

        if self.op != "windows":
            return path
        return path[:, np.array(self.points())].reshape(-1, self.window, self.shape[2])

    def whole(self, gradient):
        """The gradient of the path from that of its parts, in numpy."""
        import numpy as np

        if self.op != "windows":
            return gradient
        batch, length, channels, _ = self.shape
        gradient = gradient.reshape(batch, -1, self.window, channels)
        total = np.zeros((batch, length, channels), gradient.dtype)
        for index, start in enumerate(self.starts()):
            total[:, start : start + self.window] += gradient[:, index]
        return total


def pysiglib(path, cotangent, task):
    """Prefixes are joined step by step, there being no call for all of them, and none for their gradient."""
    import numpy as np
    import pysiglib

    batch, _, channels, depth = task.shape
    threads = dict(n_jobs=task.threads)
    if task.op == "logsignature":
        pysiglib.prepare_log_sig(channels, depth, method=1)

    def prefixes():
        steps = np.diff(path.swapaxes(0, 1), axis=0)
        prefix = np.zeros((batch, pysiglib.sig_length(channels, depth)), path.dtype)
        out = np.empty((batch, len(steps), prefix.shape[1]), path.dtype)
        for index, step in enumerate(steps):
            prefix = pysiglib.sig_join(prefix, step.copy(), channels, depth, **threads)
            out[:, index] = prefix
        return out

    def signature():
        return pysiglib.sig(task.parts(path), depth, **threads)

    def gradient():
        parts = task.parts(path)
        terms = pysiglib.sig(parts, depth, **threads)
        return task.whole(pysiglib.sig_backprop(parts, terms, cotangent, depth, **threads))

    def logsignature():
        return pysiglib.log_sig(path, depth, method=1, **threads)

    def logsignature_gradient():
        terms = pysiglib.sig(path, depth, **threads)
        log = pysiglib.sig_to_log_sig(terms, channels, depth, method=1, **threads)
        back = pysiglib.sig_to_log_sig_backprop(terms, cotangent, channels, depth, method=1, **threads)
        return log, pysiglib.sig_backprop(path, terms, back, depth, **threads)

    return {"stream": (prefixes, None), "logsignature": (logsignature, logsignature_gradient)}.get(
        task.op, (signature, gradient)
    )


def kernels(x, y, task):
    """Signature kernels by pysiglib, their gradients in both batches, and the error of the first pairs."""
    import numpy as np
    import pysiglib

    name, order = task.solver.split(":")
    finite = dict(method="finite_difference", dyadic_order=int(order))
    solver = finite if name == "fd" else dict(method="polynomial", order=int(order))
    solver |= dict(n_jobs=task.threads)
    derivatives = dict(left_deriv=True, right_deriv=True)

    def gram():
        return pysiglib.sig_kernel_gram(x, y, **solver)

    def gram_gradient():
        ones = np.ones((len(x), len(y)), x.dtype)
        return gram(), pysiglib.sig_kernel_gram_backprop(ones, x, y, **derivatives, **solver)

    def pairs():
        return pysiglib.sig_kernel(x, y, **solver)

    def pairs_gradient():
        return pairs(), pysiglib.sig_kernel_backprop(np.ones(len(x), x.dtype), x, y, **derivatives, **solver)

    def grids():
        return pysiglib.sig_kernel(x, y, return_grid=True, **solver)

    def error():
        a, b = x[:64].copy(), y[:64].copy()
        exact = pysiglib.sig_kernel(a.astype("float64"), b.astype("float64"), method="polynomial", order=40)
        off = np.abs(pysiglib.sig_kernel(a, b, **solver) - exact)
        return float((off / np.maximum(1, np.abs(exact))).max())

    calls = {"gram": (gram, gram_gradient), "pairs": (pairs, pairs_gradient), "grids": (grids, None)}
    return *calls[task.kernels], error


def iisignature(path, cotangent, task):
    """Has one thread, and no gradient of all prefixes."""
    import iisignature

    depth = task.depth
    if task.stream:
        return partial(iisignature.sig, path, depth, 2), None
    if task.op == "logsignature":
        prepared = iisignature.prepare(task.shape[2], depth, "S")

        def logsignature():
            return iisignature.logsig(path, prepared, "S")

        return logsignature, lambda: (logsignature(), iisignature.logsigbackprop(cotangent, path, prepared, "S"))

    def gradient():
        parts = task.parts(path)
        return iisignature.sig(parts, depth), task.whole(iisignature.sigbackprop(cotangent, parts, depth))

    return lambda: iisignature.sig(task.parts(path), depth), gradient


def signatory(path, cotangent, task):
    """On torch."""
    import signatory
    import torch

    torch.set_num_threads(task.threads)
    path, cotangent = torch.from_numpy(path), torch.from_numpy(cotangent)
    logsignature = signatory.LogSignature(task.depth, mode="words")

    def result(path):
        if task.op == "logsignature":
            return logsignature(path)
        if task.op == "windows":
            path = path.unfold(1, task.window, task.hop).flatten(0, 1).transpose(1, 2)
        return signatory.signature(path, task.depth, stream=task.stream)

    def gradient():
        leaf = path.clone().requires_grad_(True)
        (result(leaf) * cotangent).sum().backward()
        return leaf.grad

    return partial(result, path), gradient


def signax(path, cotangent, task, chunks=1):
    """Long paths can be cut in chunks, which are computed at once."""
    import jax
    import signax

    jax.tree_map = jax.tree.map  # which signax 0.2.1 knows by the name it had in an older JAX
    if task.op == "logsignature":
        return _jitted(partial(signax.logsignature, depth=task.depth, num_chunks=chunks), path, cotangent)

    def signature(path):
        path = task.traced_parts(path)
        return signax.signature(path, depth=task.depth, stream=task.stream, num_chunks=chunks)

    return _jitted(signature, path, cotangent)


def keras_sig(path, cotangent, task):
    """In its standard form, which is the faster one on a CPU. Has no log-signatures."""
    import keras_sig

    if task.op == "logsignature":
        return None, None

    def signature(path):
        path = task.traced_parts(path)
        return keras_sig.signature(path, depth=task.depth, stream=task.stream, gpu_optimized=False)

    return _jitted(signature, path, cotangent)


def _jitted(signature, path, cotangent):
    import jax

    path, cotangent = jax.numpy.asarray(path), jax.numpy.asarray(cotangent)
    forward = jax.jit(signature)
    backward = jax.jit(jax.value_and_grad(lambda path, cotangent: (signature(path) * cotangent).sum()))
    return lambda: jax.block_until_ready(forward(path)), lambda: jax.block_until_ready(backward(path, cotangent))


# The function of a peer, and the packages whose versions count, its own first.
PEERS = {
    "pysiglib": (pysiglib, ["pysiglib", "numpy"]),
    "signax": (signax, ["signax", "jax"]),
    "signax-chunks": (partial(signax, chunks=CHUNKS), ["signax", "jax"]),
    "keras_sig": (keras_sig, ["keras_sig", "keras", "jax"]),
    "iisignature": (iisignature, ["iisignature", "numpy"]),
    "signatory": (signatory, ["signatory", "torch"]),
}


def suits(peer, shape, op):
    """Whether a peer is worth timing: chunks are for few and long paths, and one peer alone has kernels."""
    batch, length, _, _ = shape
    if op == "kernel":
        return peer == "pysiglib"
    return peer != "signax-chunks" or (batch <= 8 and length >= 500)


@lru_cache(maxsize=1)
def problem(peer, task):
    """What to call for forward and backward, kept for the next round."""
    import numpy as np

    batch, length, channels, depth = task.shape
    random = np.random.default_rng(7)
    steps = random.uniform(-1, 1, (batch, length, channels)) / (length / 3) ** 0.5
    if task.op == "kernel":
        others = random.uniform(-1, 1, (batch, length, channels)) / (length / 3) ** 0.5
        paths = [np.cumsum(part, 1) / channels**0.5 for part in (steps, others)]
        return kernels(*(part.astype("float32") for part in paths), task)
    terms = sum(channels**level for level in range(1, depth + 1))
    shape = {
        "signature": (batch, terms),
        "stream": (batch, length - 1, terms),
        "logsignature": (batch, sum(lyndon_words(channels, level) for level in range(1, depth + 1))),
        "windows": (batch * len(task.starts()), terms),
    }[task.op]
    cotangent = random.uniform(-1, 1, shape)
    build, _ = PEERS[peer]
    return build(np.cumsum(steps, 1).astype("float32"), cotangent.astype("float32"), task)


def lyndon_words(channels, level):
    """How many there are of a length: Σ_{e | level} μ(e) channels^(level / e) / level."""

    def moebius(number):
        sign = 1
        for factor in range(2, number + 1):
            if number % factor == 0:
                number //= factor
                sign = 0 if number % factor == 0 else -sign
        return sign

    return sum(moebius(e) * channels ** (level // e) for e in range(1, level + 1) if level % e == 0) // level


def measure(call, seconds):
    """Calls three times to warm up, then for some seconds and at least 7 times, as the Rust bench does."""
    for _ in range(3):
        call()
    times, start = [], time.perf_counter()
    while len(times) < 7 or (time.perf_counter() - start < seconds and len(times) < 2000):
        before = time.perf_counter()
        call()
        times.append((time.perf_counter() - before) * 1e3)
    return dict(median_ms=statistics.median(times), min_ms=min(times), n=len(times))


def answer(peer, threads, request):
    """The rows of a request, as many as the peer can do."""
    rows = []
    try:
        options = (request[name] for name in ("op", "window", "hop"))
        task = Task(tuple(request["shape"]), *options, threads, request["solver"], request["kernels"])
        forward, backward, *error = problem(peer, task)
        errors = {"error": error[0]()} if error else {}
        for name, call in (("forward", forward), ("backward", backward)):
            if call is not None:
                rows.append({"pass": name, **measure(call, request["seconds"]), **errors})
    except Exception as error:  # whatever a peer raises is its answer
        return dict(rows=rows, error=f"{type(error).__name__}: {error}")
    return dict(rows=rows)


def main():
    # Libraries print to standard output too: it becomes standard error for them.
    answers = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)
    peer, threads = sys.argv[1], int(sys.argv[2])
    _, packages = PEERS[peer]
    try:
        importlib.import_module(packages[0])
        print(json.dumps(dict(versions={name: version(name) for name in packages})), file=answers)
    except Exception as error:  # as above
        sys.exit(f"{type(error).__name__}: {error}")
    for line in sys.stdin:
        print(json.dumps(answer(peer, threads, json.loads(line))), file=answers)


if __name__ == "__main__":
    main()
