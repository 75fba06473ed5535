#!/usr/bin/env python3
"""Times what `cargo run --release --example inversion` does, by signax on JAX: the notebook's inversion of a pen digit.

    python3 benches/peers/inversion.py
    python3 benches/peers/inversion.py --seeds 1 2 3 --iterations 1000

A jitted step of signature, gradient and Adam, run so many times from a random path. The seconds are those from the first
call on, its compilation among them, without the start of Python and JAX; each seed compiles anew.
"""

import argparse
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
    return parser.parse_args()


def invert(seed, iterations, depth):
    """The losses printed, and the seconds."""
    import jax
    import jax.numpy as jnp
    import signax

    digit = jnp.asarray(DIGIT, jnp.float32) / 50 - 1
    rate, beta_1, beta_2, epsilon = 2e-3, 0.9, 0.999, 1e-8
    jax.clear_caches()
    start = time.perf_counter()
    target = signax.signature(digit, depth)
    weights = jnp.floor(jnp.log2(jnp.arange(target.size, dtype=jnp.float32) + 2))

    def loss(path):
        return jnp.log(jnp.mean(((target - signax.signature(path, depth)) * weights) ** 2))

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
    cores = environment.limit(args.threads)
    used = ", ".join(f"{name} {version(name)}" for name in ("signax", "jax"))
    print(f"{environment.cpu()}; threads: {args.threads}, {cores}; {used}")
    for seed in args.seeds:
        losses, seconds = invert(seed, args.iterations, args.depth)
        last = max(losses)
        print(f"seed {seed}: Iter={last} loss={losses[last]:.4f}, {seconds:.2f} s")


if __name__ == "__main__":
    main()
