"""A network as one compiled function, for any height and width; what it must take and give."""

import numpy as np


def last_weights(model):
    """The bytes of a network's last weights, which every step of training changes: they say that it has learned."""
    return b"".join(np.asarray(weight).tobytes() for weight in model.weights[-8:])


def check_contract(model):
    shapes = getattr(model, "input_shape", None), getattr(model, "output_shape", None)
    if not all(isinstance(shape, tuple) and len(shape) == 4 for shape in shapes):
        raise ValueError(f"model is {model!r}; wanted a keras.Model that takes L and gives ab.")
    if (shapes[0][3], shapes[1][3]) != (1, 2):
        raise ValueError(f"model takes {shapes[0]} and gives {shapes[1]}; wanted (B, H, W, 1) and (B, H, W, 2).")


def compiled(model):
    """The network as one compiled function of L, for any height and width.

    `model.predict` would trace again for each new size, 0.8-1.8 s each.
    """
    import keras

    if keras.backend.backend() == "tensorflow":
        import tensorflow as tf

        L = tf.TensorSpec((None, None, None, 1), "float32")
        return tf.function(lambda L: model(L, training=False), input_signature=[L])
    if keras.backend.backend() == "jax":
        return _compiled_jax(model)
    return lambda L: {name: keras.ops.convert_to_numpy(o) for name, o in model(L, training=False).items()}


def _compiled_jax(model):
    import jax

    def call(variables, L):
        trainable, fixed = variables
        return model.stateless_call(trainable, fixed, L, training=False)[0]

    compiled = jax.jit(call)  # compiles once for each padded size: few, as sizes are multiples of 32
    variables = model.trainable_variables, model.non_trainable_variables  # read at each call: they can be set
    return lambda L: compiled([[variable.value for variable in some] for some in variables], L)
