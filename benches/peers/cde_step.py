#!/usr/bin/env python3
"""Times a training step of a Log-NCDE and of a linear NCDE on JAX: forward, mean square error, backward, Adam.

    python3 benches/peers/cde_step.py --threads 2

The log-signatures of the windows are part of the step, as in ours. The Log-NCDE pushes one tangent per channel and forms
only the block of the last layer that each needs, which is the cheaper of the known ways, in a `lax.scan` along the windows. The
linear NCDE is timed with a `lax.scan` and with `lax.associative_scan`, and the faster is told. Jitted, warm, float32.
"""

import argparse
import resource
import statistics
import time

import environment
from compare import positive

CHANNELS, HIDDEN, OUTPUTS, WIDTH, LAYERS, BLOCK, STEPS = 6, 64, 2, 128, 3, 4, 10


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--length", type=positive, default=1000, help="default %(default)s")
    parser.add_argument("--batch", type=positive, default=32, help="default %(default)s")
    parser.add_argument("--threads", type=positive, default=1, help="and cores; default %(default)s")
    parser.add_argument("--steps", type=positive, default=50, help="to take the median of; default %(default)s")
    return parser.parse_args()


def models(jax, random):
    """Name → (parameters, function of parameters and paths)."""
    jnp = jax.numpy
    d, h = CHANNELS, HIDDEN
    pairs = [(i, j) for i in range(d) for j in range(i + 1, d)]
    firsts, seconds = (jnp.array(side) for side in zip(*pairs))

    def windows(path):
        """Increments and areas of windows that share their end points; the last rests at the last point."""
        batch, length, _ = path.shape
        count = -(-(length - 1) // STEPS)
        path = jnp.pad(path, ((0, 0), (0, count * STEPS + 1 - length), (0, 0)), mode="edge")
        steps = (path[:, 1:] - path[:, :-1]).reshape(batch, count, STEPS, d)
        before = jnp.cumsum(steps, 2) - steps
        products = jnp.einsum("bwsi,bwsj->bwij", before, steps)
        areas = (products - products.swapaxes(2, 3)) / 2
        return steps.sum(2), areas

    def uniform(inputs, outputs, scale=1.0):
        bound = inputs**-0.5 / scale
        draw = lambda *shape: jnp.asarray(random.uniform(-bound, bound, shape), "float32")
        return draw(inputs, outputs), draw(outputs)

    affine = lambda layer, x: x @ layer[0] + layer[1]

    def log_ncde(parameters, path):
        increments, areas = windows(path)
        *hidden, last = parameters["field"]
        blocks = last[0].reshape(WIDTH, d, h)

        def field(y, l, area):
            x, slopes = y, []
            for layer in hidden:
                z = affine(layer, x)
                s = jax.nn.sigmoid(z)
                x = z * s
                slopes.append(s * (1 + z * (1 - s)))
            f = jnp.tanh(affine(last, x)).reshape(-1, d, h)
            t = jnp.einsum("bij,bih->bjh", area, f)
            for layer, slope in zip(hidden, slopes):
                t = (t @ layer[0]) * slope[:, None]
            brackets = (1 - f * f) * jnp.einsum("bjw,wjh->bjh", t, blocks)
            return jnp.einsum("bi,bih->bh", l, f) + brackets.sum(1)

        def heun(y, window):
            first = field(y, *window)
            second = field(y + first, *window)
            return y + (first + second) / 2, None

        start = affine(parameters["initial"], path[:, 0])
        by_time = increments.swapaxes(0, 1), areas.swapaxes(0, 1)
        last_state, _ = jax.lax.scan(heun, start, by_time)
        return affine(parameters["output"], last_state)

    def linear_ncde(parameters, path, parallel):
        increments, areas = windows(path)
        a = parameters["matrices"]
        left, right = a[firsts], a[seconds]
        brackets = right @ left - left @ right
        logs = jnp.concatenate([increments, areas[:, :, firsts, seconds]], 2)
        flows = jnp.einsum("bwn,nkij->wbkij", logs, jnp.concatenate([a, brackets]))
        flows = flows + jnp.eye(BLOCK)
        batch = path.shape[0]
        start = affine(parameters["initial"], path[:, 0]).reshape(batch, -1, BLOCK)
        if parallel:
            products = jax.lax.associative_scan(lambda x, y: y @ x, flows)
            states = jnp.einsum("wbkij,bkj->wbki", products, start)
        else:
            def step(y, flow):
                y = jnp.einsum("bkij,bkj->bki", flow, y)
                return y, y
            _, states = jax.lax.scan(step, start, flows)
        states = jnp.concatenate([start[None], states]).reshape(-1, batch, h)
        return affine(parameters["output"], states.mean(0))

    sizes = [h] + [WIDTH] * LAYERS + [d * h]
    ends = {"initial": uniform(d, h), "output": uniform(h, OUTPUTS)}
    field = {"field": [uniform(*pair, scale=1000.0) for pair in zip(sizes, sizes[1:])]}
    shape = (d, h // BLOCK, BLOCK, BLOCK)
    matrices = {"matrices": jnp.asarray(random.normal(0, 0.25 / BLOCK**0.5, shape), "float32")}
    return {
        "log-ncde": (ends | field, log_ncde),
        "linear-ncde, scan": (ends | matrices, lambda p, x: linear_ncde(p, x, False)),
        "linear-ncde, associative scan": (ends | matrices, lambda p, x: linear_ncde(p, x, True)),
    }


def training(jax, model, parameters, paths, targets):
    """A call that does a step of Adam."""
    jnp, tree = jax.numpy, jax.tree_util.tree_map

    # The paths are arguments: of constants, the log-signatures would be folded into the program.
    def step(parameters, first, second, count, paths, targets):
        loss = lambda p: ((model(p, paths) - targets) ** 2).mean()
        gradient = jax.grad(loss)(parameters)
        first = tree(lambda m, g: 0.9 * m + 0.1 * g, first, gradient)
        second = tree(lambda m, g: 0.999 * m + 0.001 * g * g, second, gradient)
        moved = lambda p, m, v: p - 1e-3 * (m / (1 - 0.9**count)) / (jnp.sqrt(v / (1 - 0.999**count)) + 1e-8)
        return tree(moved, parameters, first, second), first, second, count + 1

    compiled = jax.jit(step)
    zeros = lambda: tree(jnp.zeros_like, parameters)
    state = [parameters, zeros(), zeros(), jnp.float32(1)]
    paths, targets = jnp.asarray(paths), jnp.asarray(targets)

    def call():
        nonlocal state
        state = jax.block_until_ready(compiled(*state, paths, targets))

    return call


def main():
    args = arguments()
    environment.enter()
    cores = environment.limit(args.threads)
    import jax
    import numpy as np

    print(f"{environment.cpu()}; threads: {args.threads}, {cores}; jax {jax.__version__}")
    random = np.random.default_rng(7)
    paths = random.normal(size=(args.batch, args.length, CHANNELS)).astype("float32")
    targets = random.normal(size=(args.batch, OUTPUTS)).astype("float32")
    for name, (parameters, model) in models(jax, random).items():
        call = training(jax, model, parameters, paths, targets)
        for _ in range(5):
            call()
        times = []
        for _ in range(args.steps):
            start = time.perf_counter()
            call()
            times.append((time.perf_counter() - start) * 1e3)
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
        count = sum(leaf.size for leaf in jax.tree_util.tree_leaves(parameters))
        print(
            f"{name}: batch {args.batch}, length {args.length}, {count} parameters: "
            f"median {statistics.median(times):.2f} ms, min {min(times):.2f} ms, peak memory {peak} MB"
        )


if __name__ == "__main__":
    main()
