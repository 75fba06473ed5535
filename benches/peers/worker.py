"""One peer in a process of its own: a request a line on standard input, an answer a line on standard output.

    python worker.py signax 1

The first answer has the versions of what was imported. A request has `shape` (batch, length, channels, depth), `op` and
`seconds`; its answer has a row for each pass, and an `error` if one failed. `backward` is the signature, then the gradient
of Σ signature · cotangent with respect to the path. Everything is warm and jitted, inputs are float32, results are
materialised.
"""

import importlib
import json
import os
import statistics
import sys
import time
from functools import lru_cache, partial
from importlib.metadata import version

CHUNKS = 8


def pysiglib(path, cotangent, depth, stream, threads):
    """Prefixes are joined step by step, there being no call for all of them, and none for their gradient."""
    import numpy as np
    import pysiglib

    def signature():
        return pysiglib.sig(path, depth, n_jobs=threads)

    def gradient():
        return pysiglib.sig_backprop(path, signature(), cotangent, depth, n_jobs=threads)

    def prefixes():
        batch, _, channels = path.shape
        steps = np.diff(path.swapaxes(0, 1), axis=0)
        prefix = np.zeros((batch, pysiglib.sig_length(channels, depth)), path.dtype)
        out = np.empty((batch, len(steps), prefix.shape[1]), path.dtype)
        for index, step in enumerate(steps):
            prefix = pysiglib.sig_join(prefix, step.copy(), channels, depth, n_jobs=threads)
            out[:, index] = prefix
        return out

    return (prefixes, None) if stream else (signature, gradient)


def iisignature(path, cotangent, depth, stream, threads):
    """Has one thread, and no gradient of all prefixes."""
    import iisignature

    if stream:
        return partial(iisignature.sig, path, depth, 2), None

    def gradient():
        return iisignature.sig(path, depth), iisignature.sigbackprop(cotangent, path, depth)

    return partial(iisignature.sig, path, depth), gradient


def signatory(path, cotangent, depth, stream, threads):
    """On torch."""
    import signatory
    import torch

    torch.set_num_threads(threads)
    path, cotangent = torch.from_numpy(path), torch.from_numpy(cotangent)

    def gradient():
        leaf = path.clone().requires_grad_(True)
        (signatory.signature(leaf, depth, stream=stream) * cotangent).sum().backward()
        return leaf.grad

    return partial(signatory.signature, path, depth, stream=stream), gradient


def signax(path, cotangent, depth, stream, threads, chunks=1):
    """Long paths can be cut in chunks, which are computed at once."""
    import jax
    import signax

    jax.tree_map = jax.tree.map  # which signax 0.2.1 knows by the name it had in an older JAX
    return _jitted(partial(signax.signature, depth=depth, stream=stream, num_chunks=chunks), path, cotangent)


def keras_sig(path, cotangent, depth, stream, threads):
    """In its standard form, which is the faster one on a CPU."""
    import keras_sig

    signature = partial(keras_sig.signature, depth=depth, stream=stream, gpu_optimized=False)
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


def suits(peer, shape):
    """Whether a peer is worth timing: chunks are for few and long paths."""
    batch, length, _, _ = shape
    return peer != "signax-chunks" or (batch <= 8 and length >= 500)


@lru_cache(maxsize=1)
def problem(peer, shape, stream, threads):
    """What to call for forward and backward, kept for the next round."""
    import numpy as np

    batch, length, channels, depth = shape
    random = np.random.default_rng(7)
    steps = random.uniform(-1, 1, (batch, length, channels)) / (length / 3) ** 0.5
    terms = sum(channels**level for level in range(1, depth + 1))
    cotangent = random.uniform(-1, 1, (batch, length - 1, terms) if stream else (batch, terms))
    build, _ = PEERS[peer]
    return build(np.cumsum(steps, 1).astype("float32"), cotangent.astype("float32"), depth, stream, threads)


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
        calls = problem(peer, tuple(request["shape"]), request["op"] == "stream", threads)
        for name, call in zip(("forward", "backward"), calls):
            if call is not None:
                rows.append({"pass": name, **measure(call, request["seconds"])})
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
