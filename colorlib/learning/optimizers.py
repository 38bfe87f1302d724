"""Optimizers: Adam, and one with a smaller learning rate for a pretrained encoder."""

import contextlib

import keras
import numpy as np

from colorlib import encoder, models

AVERAGED = 0.999  # momentum of the running means of weights: about the last 1,000 steps count
WARM_UP = 200  # steps in which the learning rate of a pretrained network rises


@keras.saving.register_keras_serializable("colorlib")
class FineTuning(keras.optimizers.AdamW):
    """AdamW with a smaller learning rate for a pretrained encoder: `encoder_share` of that of the other layers.

    Scaling the gradients instead would have no effect, since Adam divides by their size.
    """

    def __init__(self, learning_rate=1e-3, encoder_share=1 / 6, **options):
        super().__init__(learning_rate, **options)
        self.encoder_share = encoder_share

    def build(self, variables):
        self._shares = [self.encoder_share if v.path.startswith(encoder.PREFIX) else 1.0 for v in variables]
        super().build(variables)

    def update_step(self, gradient, variable, learning_rate):
        super().update_step(gradient, variable, learning_rate * self._shares[self._get_variable_index(variable)])

    def get_config(self):
        return super().get_config() | {"encoder_share": self.encoder_share}


def optimizer_for(model, learning_rate, mixed_precision, steps, average=False):
    """The optimizer of a network: Adam, or `FineTuning` for one with a pretrained encoder.

    Args:
        model: The network. With `mixed_precision`, the policy of its layers is set too.
        learning_rate: The largest learning rate.
        mixed_precision: None, "float16" or "bfloat16".
        steps: The number of steps over which the learning rate of `FineTuning` rises and falls.
        average: Whether running means of the weights are kept, for `averaged`.

    Raises:
        ValueError: `mixed_precision` is something else.
    """
    if mixed_precision not in (None, "float16", "bfloat16"):
        raise ValueError(f"mixed_precision is {mixed_precision!r}; wanted None, 'float16' or 'bfloat16'.")
    means = {"use_ema": average, "ema_momentum": AVERAGED}
    if models.has_encoder(model):
        optimizer = _fine_tuning(learning_rate, steps, means)
    else:
        optimizer = keras.optimizers.Adam(learning_rate, **means)
    if mixed_precision:
        for layer in model.layers:
            # Scaling layers have no weights: L and ab stay in single precision. Depthwise convolutions do too, as they
            # are a small part of the work, and several times slower in half precision on CPUs.
            if layer.weights and not isinstance(layer, keras.layers.DepthwiseConv2D):
                layer.dtype_policy = keras.DTypePolicy(f"mixed_{mixed_precision}")
    return keras.optimizers.LossScaleOptimizer(optimizer) if mixed_precision == "float16" else optimizer


@contextlib.contextmanager
def averaged(model):
    """Within this block, the model has the running means of its weights, where its optimizer keeps them.

    Means over many steps generalize better than the last step's weights, and need less of a falling learning rate.
    """
    optimizer = getattr(model.optimizer, "inner_optimizer", model.optimizer)
    if not optimizer.use_ema or not int(optimizer.iterations):
        yield
        return
    variables = optimizer._trainable_variables
    # Copies: JAX deletes a variable's array at the next step, and with it what shares that array.
    current = [np.array(keras.ops.convert_to_numpy(variable)) for variable in variables]
    for variable, mean in zip(variables, optimizer._model_variables_moving_average):
        variable.assign(np.array(keras.ops.convert_to_numpy(mean)))
    try:
        yield
    finally:
        for variable, value in zip(variables, current):
            variable.assign(value)


def _fine_tuning(learning_rate, steps, means):
    warm_up = min(WARM_UP, steps // 4)
    rate = keras.optimizers.schedules.CosineDecay(
        0.0, steps - warm_up, alpha=0.02, warmup_target=learning_rate, warmup_steps=warm_up
    )
    optimizer = FineTuning(rate, weight_decay=1e-3, global_clipnorm=1.0, **means)
    optimizer.exclude_from_weight_decay(var_names=["bias", "norm"])
    return optimizer
