"""The networks, each a function that returns a keras.Model.

All keep one contract: L `(B, H, W, 1)` 0..100 in, ab `(B, H, W, 2)` in Lab units out, both float32.
H and W are free, in multiples of what each network states. Scaling is part of the network: it
begins with a layer that brings L to -1..1 and ends with one that brings about -1..1 to ab.
Raw L into such a network saturates its tanh at once (notebook 01 shows it happening).
"""

import inspect
import itertools

import keras
from keras import layers

from colorlib import ab_bins, encoder
from colorlib.layers import AnnealedMean, Beside, BilinearUpSampling2D, GrayOfL

TANH_SCALE = 128  # tanh's 1 in ab units; sRGB reaches -108..98
FEATURES = "features"  # the layer of a decoder's last maps
LOGITS = "logits"  # the layer of the bins' logits
LINEAR_SCALE = 32  # a linear layer's 1: about the spread of ab in colorful photos


def alpha():
    """The alpha network, 32,202 parameters, that learns one photo; sizes a multiple of 8.

    After E. Wallner, "Colorizing B&W Photos with Neural Networks" (2017), the alpha version.
    Notebook 01 builds the very same network in its own cells.
    """
    L = keras.Input((None, None, 1), name="L")
    x = _scaled_L(L)
    for filters, strides in [(8, 2), (8, 1), (16, 1), (16, 2), (32, 1), (32, 2)]:
        x = _conv(x, filters, strides)
    x = _conv(layers.UpSampling2D()(x), 32)
    x = _conv(layers.UpSampling2D()(x), 16)
    x = layers.UpSampling2D()(x)
    return keras.Model(L, _ab(x), name="alpha")


def beta():
    """The beta network, 3,892,194 parameters, that learns many photos; sizes a multiple of 8.

    Wallner's beta version, as table 4.2.4 of the 2018 report gives it. Its last doubling, of ab
    itself, is bilinear: by nearest neighbor, colors would come in blocks of 2 x 2 pixels.
    """
    L = keras.Input((None, None, 1), name="L")
    x = _scaled_L(L)
    encoder = [(64, 1), (64, 2), (128, 1), (128, 2), (256, 1), (256, 2)]
    for filters, strides in encoder + [(512, 1), (256, 1), (128, 1)]:
        x = _conv(x, filters, strides)
    x = _conv(layers.UpSampling2D()(x), 64)
    x = _conv(layers.UpSampling2D()(x), 32)
    return keras.Model(L, BilinearUpSampling2D()(_ab(x)), name="beta")


def faces():
    """The faces network, 445,622 parameters, with batch normalization; sizes a multiple of 32.

    After the training log of the 2018 report: pairs of convolutions down to 1/32 of the size, and
    back. There L and ab went in and out raw; its last layer is linear, so that ab is not bounded.
    """
    L = keras.Input((None, None, 1), name="L")
    x = _scaled_L(L)
    pairs = [(4, 8), (8, 16), (16, 32), (32, 64), (64, 128)]
    for a, b in pairs:
        x = _normalized_conv(_normalized_conv(x, a, strides=2), b)
    for a, b in reversed(pairs):
        x = _normalized_conv(_normalized_conv(layers.UpSampling2D()(x), b), a)
    return keras.Model(L, _ab(x, "linear", LINEAR_SCALE), name="faces")


def unet():
    """The classifying network: EfficientNet-Lite0 as encoder, logits over the ab bins; sizes a multiple of 32.

    A U-Net (Ronneberger, Fischer & Brox 2015): its decoder goes up to a quarter of the size, with a skip connection
    from the encoder at each size; at the lowest, the mean over the whole photo is added. Its layer "logits" is
    `(B, H/4, W/4, Q)`; "annealed_mean" turns it into ab, which is enlarged. The encoder has its ImageNet weights.
    """
    L, x = _unet_maps(lowest_filters=192, filters=(160, 112, 64))
    return _with_imagenet(L, _classified(x), "unet")


def narrow_unet():
    """`unet` as it was in November 2026, narrower on its way back: 3.43 instead of 3.78 million parameters."""
    L, x = _unet_maps()
    return _with_imagenet(L, _classified(x), "narrow_unet")


def regression_unet():
    """The twin of `narrow_unet` that predicts ab itself, by the smallest squared error; multiples of 32."""
    L, x = _unet_maps()
    x = layers.Rescaling(LINEAR_SCALE, name="scale_ab")(layers.Conv2D(2, 1, name="ab")(x))
    return _with_imagenet(L, _quadrupled(x), "regression_unet")


def fusion(width=32, classifier=None):
    """Beta's encoder fused with a classifier's embedding of the photo; sizes a multiple of 32.

    The report's wish, after Wallner's full version: the embedding, one vector per photo, is concatenated to every
    place of the encoder's map at 1/8 of the size. It ends in logits and annealed mean, like `unet`.

    Args:
        width: The filters of the first layer (beta has 64).
        classifier: None: EfficientNet-Lite0. Or the name of a `keras.applications` function, such as "MobileNetV2",
            whose ImageNet weights Keras downloads. Or a keras.Model from RGB `(B, H, W, 3)` 0..255 to `(B, D)`. It is
            not trained.
    """
    L = keras.Input((None, None, 1), name="L")
    x = _scaled_L(L)
    for step, (times, strides) in enumerate([(1, 1), (1, 2), (2, 1), (2, 2), (4, 1), (4, 2)]):
        x = _conv(x, times * width, strides, f"down_{step}")
    vector = _embedding(L, classifier)
    x = Beside(name="beside")([x, layers.Dense(4 * width, activation="relu", name="embedding")(vector)])
    x = layers.Conv2D(4 * width, 1, activation="relu", name="fused")(x)
    for step, times in enumerate([4, 2]):
        x = _conv(x if step == 0 else layers.UpSampling2D()(x), times * width, name=f"up_{step}")
    model = keras.Model(L, _classified(x), name="fusion")
    if classifier is None:
        encoder.load_imagenet(model)
        freeze_encoder(model)
    return model


NETWORKS = {build.__name__: build for build in (alpha, beta, faces, unet, narrow_unet, regression_unet, fusion)}


def build(name):
    """A new network by its name in NETWORKS; ValueError for another name."""
    if name not in NETWORKS:
        raise ValueError(f"There is no network {name!r}; wanted one of {', '.join(NETWORKS)}.")
    return NETWORKS[name]()


def freeze_encoder(model, stages=encoder.ALL):
    """Do not train the first stages of a pretrained encoder; 0 trains them all.

    The stem belongs to stage 1. The first two stages detect edges and corners; training them doubles the work and
    gains nothing.
    """
    for layer in encoder_layers(model):
        layer.trainable = encoder.stage(layer.name) > stages


def has_encoder(model):
    """Whether a network has the pretrained encoder."""
    return any(layer.name.startswith(encoder.PREFIX) for layer in model.layers)


def encoder_layers(model):
    """The layers of a network's pretrained encoder; ValueError when it has none."""
    if not has_encoder(model):
        raise ValueError(f"The network {model.name} has no pretrained encoder; wanted one such as unet.")
    return [layer for layer in model.layers if layer.name.startswith(encoder.PREFIX)]


def classifies(model):
    """Whether a network chooses among the ab bins: then it has an `AnnealedMean` layer."""
    return any(isinstance(layer, AnnealedMean) for layer in model.layers)


def annealed_mean_of(model):
    """The `AnnealedMean` layer of a classifying network; ValueError for another network."""
    if not classifies(model):
        raise ValueError(f"The network {model.name} does not choose among bins; wanted one that does, such as unet.")
    return next(layer for layer in model.layers if isinstance(layer, AnnealedMean))


def final_doublings(model):
    """How many times a network doubles the size of its colors in the end: 2 for `unet`."""
    return len(list(itertools.takewhile(lambda layer: isinstance(layer, BilinearUpSampling2D), reversed(model.layers))))


def doublings(model):
    """How many times a classifying network doubles the size of its annealed mean: 2 for `unet`, None for others."""
    count = final_doublings(model)
    return count if isinstance(model.layers[-1 - count], AnnealedMean) else None


def learner(model):
    """The part of a network that is trained: from L to its logits where it has any, else all of it."""
    if not classifies(model):
        return model
    return keras.Model(model.input, annealed_mean_of(model).input, name=model.name)


def with_inner_answers(model):
    """The same network with its inner answers: a keras.Model from L to a dict of tensors.

    "ab" `(B, H, W, 2)` is the network's output. "features" `(B, h, w, C)` are the maps of the last decoder stage, if
    it has a layer of that name, or one called "logits", whose input they are. "logits" `(B, h, w, Q)` exist if it
    chooses among bins.
    """
    names = {layer.name for layer in model.layers}
    answers = {"ab": model.output}
    if classifies(model):
        answers["logits"] = annealed_mean_of(model).input
    if FEATURES in names or LOGITS in names:
        answers["features"] = model.get_layer(FEATURES).output if FEATURES in names else model.get_layer(LOGITS).input
    return keras.Model(model.input, answers, name=f"{model.name}_answers")


def _scaled_L(L):
    return layers.Rescaling(1 / 50, offset=-1, name="scale_L")(L)


def _conv(x, filters, strides=1, name=None):
    return layers.Conv2D(filters, 3, strides, padding="same", activation="relu", name=name)(x)


def _normalized_conv(x, filters, strides=1):
    x = layers.Conv2D(filters, 3, strides, padding="same")(x)
    return layers.ReLU()(layers.BatchNormalization(momentum=0.9)(x))  # 0.99 lags behind for several epochs


def _unet_maps(lowest_filters=128, filters=(128, 80, 48)):
    """The input, and maps at a quarter of its size: what `unet` and its twin share."""
    L = keras.Input((None, None, 1), name="L")
    _, quarter, eighth, sixteenth, lowest = encoder.lite0_features(_scaled_gray(L))
    whole = layers.GlobalAveragePooling2D(keepdims=True)(lowest)
    x = layers.Add()(
        [layers.Conv2D(lowest_filters, 1, name="lowest")(lowest), layers.Conv2D(lowest_filters, 1, name="whole")(whole)]
    )
    for part, maps, width in zip((16, 8, 4), (sixteenth, eighth, quarter), filters):
        skip = layers.Conv2D(width // 2, 1, name=f"skip_{part}")(maps)
        x = layers.Concatenate()([layers.UpSampling2D()(x), skip])
        x = layers.Conv2D(width, 3, padding="same", use_bias=False, name=f"up_{part}")(x)
        x = layers.BatchNormalization(name=f"up_{part}_norm")(x)
        x = layers.ReLU(name=FEATURES if part == 4 else f"up_{part}_relu")(x)
    return L, x


def _scaled_gray(L):
    return layers.Rescaling(1 / 128, offset=-127 / 128, name="scale_gray")(GrayOfL(name="gray")(L))


def _embedding(L, classifier):
    """What a classifier, as `fusion` takes it, says of a photo's L: `(B, D)`."""
    if classifier is None:
        return encoder.lite0_embedding(_scaled_gray(L))
    gray = GrayOfL(name="gray")(L)
    rgb = layers.Concatenate(name="rgb")([gray, gray, gray])
    if isinstance(classifier, str):
        application = getattr(keras.applications, classifier)
        rgb = inspect.getmodule(application).preprocess_input(rgb)  # each expects its own scale
        classifier = application(include_top=False, pooling="avg", input_shape=(None, None, 3))
    classifier.trainable = False
    return classifier(rgb)


def _classified(x):
    """ab at 4 times the size of maps, by way of logits and their annealed mean."""
    x = layers.Conv2D(len(ab_bins.bins()), 1, name=LOGITS)(x)
    return _quadrupled(AnnealedMean(name="annealed_mean")(x))


def _quadrupled(ab):
    return BilinearUpSampling2D()(BilinearUpSampling2D()(ab))


def _with_imagenet(L, ab, name):
    model = keras.Model(L, ab, name=name)
    encoder.load_imagenet(model)
    return model


def _ab(x, activation="tanh", scale=TANH_SCALE):
    x = layers.Conv2D(2, 3, padding="same", activation=activation)(x)
    return layers.Rescaling(scale, name="scale_ab")(x)
