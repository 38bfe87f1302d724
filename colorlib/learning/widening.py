"""The weights of a narrow U-Net in a wider one that answers the same, and has room to learn more.

After T. Chen, I. Goodfellow & J. Shlens, "Net2Net", ICLR 2016. New channels keep their random weights on the way in,
and nothing reads them yet: their weights on the way out are 0, from where training moves them.
"""

import numpy as np


def can_widen(model, narrow):
    """Whether `widen` takes these two: U-Nets of the same layers, none of them wider in `narrow`."""
    shapes = {variable.path: variable.shape for variable in narrow.weights}
    wider = (
        len(variable.shape) == len(shapes[variable.path])
        and all(np.greater_equal(variable.shape, shapes[variable.path]))
        for variable in model.weights
        if variable.path in shapes
    )
    return "up_16/kernel" in shapes and shapes.keys() == {variable.path for variable in model.weights} and all(wider)


def widen(model, narrow):
    """Give a network (`models.unet`) the weights of a narrower one of the same layers (`models.narrow_unet`).

    Args:
        model: The wide keras.Model; its weights are overwritten.
        narrow: The keras.Model that it will answer like.

    Raises:
        ValueError: When the narrow network lacks a weight that the wide one has.
    """
    weights = {variable.path: np.array(variable) for variable in narrow.weights}
    for variable in model.weights:
        if variable.path not in weights:
            raise ValueError(
                f"{narrow.name} has no weights {variable.path}; wanted a network that {model.name} widens."
            )
        inputs = _kept_inputs(variable.path.split("/")[0], model, narrow)
        variable.assign(_widened(np.array(variable), weights[variable.path], inputs))


def _widened(wide, narrow, inputs):
    """A wide kernel or vector with the narrow one's values; what its outputs read of new inputs is 0."""
    if wide.shape == narrow.shape:
        return narrow
    if wide.ndim == 4:  # (kernel height, kernel width, inputs, outputs)
        wide[..., : narrow.shape[3]] = 0
        wide[:, :, inputs, : narrow.shape[3]] = narrow
    else:
        wide[: len(narrow)] = narrow
    return wide


def _kept_inputs(name, model, narrow):
    """Which input channels of a layer of the wide network are those of the narrow one."""
    if not name.startswith("up_") or name.endswith("_norm"):
        return slice(0, narrow.get_layer(name).input.shape[-1])
    skip = f"skip_{name[3:]}"  # the maps from below come first, then those of the skip connection
    skipped, wide_skipped = (network.get_layer(skip).filters for network in (narrow, model))
    below, wide_below = (network.get_layer(name).input.shape[-1] for network in (narrow, model))
    below, wide_below = below - skipped, wide_below - wide_skipped
    return [*range(below), *range(wide_below, wide_below + skipped)]
