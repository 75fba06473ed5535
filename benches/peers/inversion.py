#!/usr/bin/env python3
"""Times the inversion of a pen digit, as in the notebook of signax, by our example and by signax on JAX in turn.

    python3 benches/peers/inversion.py
    python3 benches/peers/inversion.py --seeds 1 2 3 --iterations 1000
    python3 benches/peers/inversion.py --ours "target/release/examples/inversion --starts 1"

Ours is a process from its start to its end, pictures included; eight paths descend side by side. That of signax is a jitted
step of signature, gradient and Adam, run so many times from one random path, from the first call on, its compilation among
them, without the start of Python and JAX; each seed compiles anew. Both are float32.
"""

import argparse
import re
import shlex
import statistics
import subprocess
import sys
import time
from importlib.metadata import version

import environment
from compare import positive

DIGIT = [[29, 97], [0, 57], [22, 10], [68, 0], [100, 40], [83, 90], [37, 100], [12, 57]]


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3, 4, 5], help="default 1 to 5")
    parser.add_argument("--iterations", type=positive, default=5000, help="default %(default)s")
    parser.add_argument("--depth", type=positive, default=12, help="default %(default)s")
    parser.add_argument("--threads", type=positive, default=2, help="and cores; default %(default)s")
    parser.add_argument("--ours", default="cargo run --release --example inversion --", metavar="COMMAND",
                        help="default %(default)s")
    return parser.parse_args()


def ours(command, seed, iterations, depth):
    """What our example prints of the losses, and the seconds."""
    numbers = dict(seed=seed, iterations=iterations, depth=depth)
    options = [word for name, number in numbers.items() for word in (f"--{name}", str(number))]
    start = time.perf_counter()
    done = subprocess.run([*shlex.split(command), *options], capture_output=True, text=True)
    seconds = time.perf_counter() - start
    if done.returncode != 0:
        sys.exit(f"error: {command} failed\n{done.stderr}".strip())
    losses = re.findall(r"Iter=(\d+) loss=(\S+)", done.stdout)
    return {int(iteration): float(loss) for iteration, loss in losses}, seconds


def signax(seed, iterations, depth):
    """The losses that it would print, and the seconds."""
    import jax
    import jax.numpy as jnp
    from signax import signature

    digit = jnp.asarray(DIGIT, jnp.float32) / 50 - 1
    rate, beta_1, beta_2, epsilon = 2e-3, 0.9, 0.999, 1e-8
    jax.clear_caches()
    start = time.perf_counter()
    target = signature(digit, depth)
    weights = jnp.floor(jnp.log2(jnp.arange(target.size, dtype=jnp.float32) + 2))

    def loss(path):
        return jnp.log(jnp.mean(((target - signature(path, depth)) * weights) ** 2))

    @jax.jit
    def step(path, first, second, iteration):
        value, gradient = jax.value_and_grad(loss)(path)
        first = beta_1 * first + (1 - beta_1) * gradient
        second = beta_2 * second + (1 - beta_2) * gradient**2
        size = jnp.sqrt(second / (1 - beta_2**iteration)) + epsilon
        return value, path - rate * first / (1 - beta_1**iteration) / size, first, second

    path = jax.random.uniform(jax.random.PRNGKey(seed), digit.shape, minval=-1.0, maxval=1.0)
    first, second = jnp.zeros_like(path), jnp.zeros_like(path)
    losses = {}
    for iteration in range(iterations):
        value, path, first, second = step(path, first, second, iteration + 1.0)
        if iteration % 500 == 0:
            losses[iteration] = float(value)
    path.block_until_ready()
    return losses, time.perf_counter() - start


def main():
    args = arguments()
    environment.enter()
    sides = {"burn-sig": lambda *sizes: ours(args.ours, *sizes), "signax": signax}
    sides["burn-sig"](1, 1, 1)  # compiled, on all cores
    cores = environment.limit(args.threads)
    used = ", ".join(f"{name} {version(name)}" for name in ("signax", "jax"))
    print(f"{environment.cpu()}; threads: {args.threads}, {cores}; ours: {args.ours}; {used}")
    taken = {name: [] for name in sides}
    for seed in args.seeds:
        for name, invert in sides.items():
            losses, seconds = invert(seed, args.iterations, args.depth)
            taken[name].append(seconds)
            last = max(losses)
            print(f"seed {seed}: {name}: Iter={last} loss={losses[last]:.4f}, {seconds:.2f} s", flush=True)
    medians = {name: statistics.median(seconds) for name, seconds in taken.items()}
    told = ", ".join(f"{name} {seconds:.2f} s" for name, seconds in medians.items())
    print(f"medians: {told}; signax ÷ ours: {medians['signax'] / medians['burn-sig']:.2f}")


if __name__ == "__main__":
    main()
