#!/usr/bin/env python3
"""Times a training step of the model in keras_sig's README, or of one around SigKAN, on JAX: forward, mean square error,
backward, Adam.

    python3 benches/peers/training_step.py
    python3 benches/peers/training_step.py --threads 2 --length 100 --depth 4
    python3 benches/peers/training_step.py --threads 2 --model sigkan

readme: Dense(7) → SigDense(10) → Flatten → Dense(10, relu) → Dense(10) on random paths of 10 features, jitted and warm.
sigkan: SigKAN(100) → Flatten → Dense(100, relu) → Dense(30) on 19 features. The layers are those of sigkan. Keras' own train_on_batch and a step through its stateless calls are timed, and the faster is told.
"""

import argparse
import statistics
import time
from functools import partial
from importlib.metadata import version

import environment
from compare import positive

# The model: features, what is forecast, lengths, depth.
MODELS = {"readme": (10, 10, (20, 500), 3), "sigkan": (19, 30, (150,), 2)}


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", choices=MODELS, default="readme", help="default %(default)s")
    parser.add_argument("--length", type=positive, action="append", help="may be repeated; default 20 and 500, or 150")
    parser.add_argument("--batch", type=positive, default=128, help="default %(default)s")
    parser.add_argument("--depth", type=positive, help="default 3, or 2 for sigkan")
    parser.add_argument("--threads", type=positive, default=1, help="and cores; default %(default)s")
    parser.add_argument("--steps", type=positive, default=50, help="to take the median of; default %(default)s")
    return parser.parse_args()


def built(name, length, depth):
    """The model, compiled and with all its weights."""
    import keras
    from keras.layers import Dense, Flatten, Input
    from sigkan import SigDense, SigKAN

    features, horizon, _, _ = MODELS[name]
    layers = {
        "readme": lambda: [Dense(7), SigDense(10, depth), Flatten(), Dense(10, "relu"), Dense(horizon)],
        "sigkan": lambda: [SigKAN(100, depth), Flatten(), Dense(100, "relu"), Dense(horizon)],
    }
    layers = [Input((length, features)), *layers[name]()]
    model = keras.Sequential(layers)
    model.compile(optimizer="adam", loss="mse", jit_compile=True)
    model.optimizer.build(model.trainable_variables)
    return model


def stateless_step(model, paths, targets):
    """A call which does a step through Keras' stateless interface, on a state of its own."""
    import jax

    def loss(trained, others):
        predicted, others = model.stateless_call(trained, others, paths, training=True)
        return ((predicted - targets) ** 2).mean(), others

    @partial(jax.jit, donate_argnums=(0, 1, 2))
    def step(trained, others, optimizer):
        (_, others), gradients = jax.value_and_grad(loss, has_aux=True)(trained, others)
        trained, optimizer = model.optimizer.stateless_apply(optimizer, gradients, trained)
        return trained, others, optimizer

    groups = model.trainable_variables, model.non_trainable_variables, model.optimizer.variables
    state = [[jax.numpy.copy(variable.value) for variable in group] for group in groups]

    def call():
        nonlocal state
        state = jax.block_until_ready(step(*state))

    return call


def median_ms(call, steps):
    """Of so many calls, after some to warm up."""
    for _ in range(5):
        call()
    times = []
    for _ in range(steps):
        start = time.perf_counter()
        call()
        times.append((time.perf_counter() - start) * 1e3)
    return statistics.median(times)


def main():
    args = arguments()
    environment.enter()
    cores = environment.limit(args.threads)
    import keras
    import numpy as np

    used = ", ".join(f"{name} {version(name)}" for name in ("keras_sig", "sigkan", "keras", "jax"))
    print(f"{environment.cpu()}; threads: {args.threads}, {cores}; {used}")
    features, horizon, lengths, depth = MODELS[args.model]
    depth = args.depth or depth
    for length in args.length or lengths:
        keras.utils.set_random_seed(7)
        random = np.random.default_rng(7)
        paths = random.normal(size=(args.batch, length, features)).astype("float32")
        targets = random.normal(size=(args.batch, horizon)).astype("float32")
        model = built(args.model, length, depth)
        ways = {
            "train_on_batch": lambda: model.train_on_batch(paths, targets),
            "stateless": stateless_step(model, paths, targets),
        }
        times = {way: median_ms(call, args.steps) for way, call in ways.items()}
        fastest = min(times, key=times.get)
        shape = f"batch {args.batch}, length {length}, depth {depth}, {model.count_params()} parameters"
        print(f"{shape}: {times[fastest]:.2f} ms a step ({fastest}, median of {args.steps})")


if __name__ == "__main__":
    main()
