"""EfficientNet-Lite0 with its ImageNet weights: as encoder of a network, and as classifier of photos.

Tan & Le, "EfficientNet: rethinking model scaling for convolutional neural networks", 2019, in the
"lite" variant of the authors: no squeeze and excitation, ReLU6 instead of swish. Here it is built
of Keras layers with names that stay: `encoder_stem`, `encoder_1a_depthwise`, ... `encoder_logits`. Its
batch normalization, whose statistics no longer change, is folded into the kernels: the same function,
with a third less work to train it.
"""

import keras
from keras import layers

from colorlib import weight_files

STAGES = [  # (blocks, kernel, stride of the first block, expansion, channels), the paper's table 1
    (1, 3, 1, 1, 16),
    (2, 3, 2, 6, 24),
    (2, 5, 2, 6, 40),
    (3, 3, 2, 6, 80),
    (3, 5, 1, 6, 112),
    (4, 5, 2, 6, 192),
    (1, 3, 1, 6, 320),
]
PREFIX = "encoder_"  # the names of its layers, and so the paths of its weights, begin with it
ALL = len(STAGES) + 1  # the head, of the classifier only, comes after the last stage
TAPS = (1, 2, 3, 5, 7)  # the stages after which the size halves, and the last


def lite0_features(image):
    """The five feature maps of a symbolic image `(B, H, W, C)` scaled to (rgb - 127) / 128, C 3 or 1.

    They are 1/2, 1/4, 1/8, 1/16 and 1/32 of the size, with 16, 24, 40, 112 and 320 channels. For a
    gray image (C = 1) the stem has one input; `load_imagenet` gives it the three colors' kernels
    summed, which is what a gray photo meets in the original. H and W are free; multiples of 32 if
    the maps are to be enlarged again. The weights are random until `load_imagenet`.
    """
    x = _conv(image, 32, 3, 2, "encoder_stem")
    maps = []
    for stage, (blocks, kernel, stride, expansion, channels) in enumerate(STAGES, start=1):
        for block in range(blocks):
            name = f"encoder_{stage}{'abcd'[block]}"
            x = _block(x, kernel, stride if block == 0 else 1, expansion, channels, name)
        if stage in TAPS:
            maps.append(x)
    return maps


def lite0_embedding(image):
    """The 1280 pooled features `(B, 1280)` of a symbolic image as `lite0_features` takes it."""
    x = _conv(lite0_features(image)[-1], 1280, 1, 1, "encoder_head")
    return layers.GlobalAveragePooling2D(name="encoder_embedding")(x)


def classifier():
    """EfficientNet-Lite0 from RGB `(B, H, W, 3)`, 0..255, to 1000 ImageNet logits `(B, 1000)`.

    With its weights; trained at 224 x 224. 4,631,000 parameters.
    """
    rgb = keras.Input((None, None, 3), name="rgb")
    logits = layers.Dense(1000, name="encoder_logits")
    model = keras.Model(rgb, logits(_pooled(rgb)), name="lite0_classifier")
    load_imagenet(model)
    return model


def embedding():
    """EfficientNet-Lite0 from RGB `(B, H, W, 3)`, 0..255, to its 1280 pooled features `(B, 1280)`, with its weights."""
    rgb = keras.Input((None, None, 3), name="rgb")
    model = keras.Model(rgb, _pooled(rgb), name="lite0_embedding")
    load_imagenet(model)
    return model


def class_names():
    """What the classifier's 1000 logits stand for, such as 'tabby', in their order: WordNet's first word for each."""
    return (weight_files.FOLDER / "imagenet_classes.txt").read_text().splitlines()


def stage(name):
    """The number of the stage that a layer of such a name, `encoder_2a_expand`, belongs to: 1..8."""
    part = name.removeprefix(PREFIX)
    return int(part[0]) if part[0].isdigit() else 1 if part.startswith("stem") else ALL


def load_imagenet(model):
    """Put the ImageNet weights into every `encoder_...` layer of a keras.Model; a gray stem gets them summed.

    Raises ValueError when the model has no such layer, or one whose tensor is missing from the
    weights or of another shape, naming it.
    """
    variables = [variable for variable in model.weights if variable.path.startswith(PREFIX)]
    if not variables:
        raise ValueError(f"{model.name} has no layer whose name begins with {PREFIX}.")
    arrays = weight_files.read("lite0")
    for variable in variables:
        if variable.path == "encoder_stem/kernel" and variable.shape[2] == 1:
            arrays[variable.path] = arrays[variable.path].sum(axis=2, keepdims=True)
    weight_files.assign_variables(variables, arrays)


def _pooled(rgb):
    return lite0_embedding(layers.Rescaling(1 / 128, offset=-127 / 128, name="scale_rgb")(rgb))


def _block(x, kernel, stride, expansion, channels, name):
    """Inverted residual block (MobileNetV2, Sandler et al. 2018): widen, filter each channel, narrow."""
    before, wide = x, x.shape[-1] * expansion
    if expansion > 1:
        x = _conv(x, wide, 1, 1, f"{name}_expand")
    x = layers.DepthwiseConv2D(kernel, stride, "same", name=f"{name}_depthwise")(x)
    x = layers.ReLU(max_value=6, name=f"{name}_depthwise_relu")(x)
    x = _conv(x, channels, 1, 1, f"{name}_project", relu=False)
    if stride == 1 and before.shape[-1] == channels:
        x = layers.Add(name=f"{name}_add")([before, x])
    return x


def _conv(x, channels, kernel, stride, name, relu=True):
    x = layers.Conv2D(channels, kernel, stride, "same", name=name)(x)
    return layers.ReLU(max_value=6, name=f"{name}_relu")(x) if relu else x
