#!/usr/bin/env python3
"""Makes the files of this folder: small models with random weights, as Keras saves them, and what they predict.

    pip install keras==3.15.1 jax==0.10.2 keras_efficient_kan==0.1.10 sigkan==0.2.0
    KERAS_BACKEND=jax python3 generate.py
"""

import json
from importlib.metadata import version
from pathlib import Path

import keras
import numpy as np
from keras.layers import Dense, Flatten, Input
from keras_efficient_kan import KANLinear
from sigkan import SigDense, SigKAN

HERE = Path(__file__).resolve().parent
MODELS = {
    "sigkan": [Input((6, 3)), SigKAN(4, 2), Flatten(), Dense(2)],
    "sigdense": [Input((6, 3)), SigDense(4, 3), Flatten(), Dense(2)],
    "kanlinear": [Input((3,)), KANLinear(4, grid_size=5, spline_order=2), KANLinear(2, use_layernorm=False)],
}


def main():
    cases = []
    random = np.random.default_rng(7)
    for name, layers in MODELS.items():
        keras.utils.set_random_seed(7)
        model = keras.Sequential(layers, name=name)
        # Weights that start at 0 or 1 would hide that they are taken for each other.
        for variable in model.trainable_variables:
            variable.assign(variable + 0.2 * random.normal(size=variable.shape))
        model.save_weights(HERE / f"{name}.weights.h5")
        if name == "kanlinear":
            model.save(HERE / f"{name}.keras")
        inputs = random.normal(size=(3, *model.input_shape[1:])).astype("float32")
        outputs = model.predict(inputs, verbose=0)
        cases.append({"name": name, "input": inputs.tolist(), "output": outputs.tolist()})
    used = {name: version(name) for name in ("keras", "sigkan", "keras_efficient_kan", "keras_sig", "jax", "h5py")}
    (HERE / "predictions.json").write_text(json.dumps({"versions": used, "cases": cases}, indent=1) + "\n")


if __name__ == "__main__":
    main()
