# The public names of colorlib and the module that each lies in.
from . import (
    ab_bins as ab_bins,
    affinity as affinity,
    baselines as baselines,
    by_hand as by_hand,
    by_hand_command as by_hand_command,
    cli as cli,
    color as color,
    colorizer as colorizer,
    compiling as compiling,
    decoding as decoding,
    drawings as drawings,
    encoder as encoder,
    explorers as explorers,
    files as files,
    folders as folders,
    hints as hints,
    inference as inference,
    layers as layers,
    learning as learning,
    metrics as metrics,
    models as models,
    network_files as network_files,
    page as page,
    parts as parts,
    photos as photos,
    plots as plots,
    pretrained_networks as pretrained_networks,
    reading as reading,
    settings as settings,
    turing as turing,
    weight_files as weight_files,
)
from .color import lab_to_rgb as lab_to_rgb, lightness as lightness, rgb_to_lab as rgb_to_lab
from .colorizer import Colorizer as Colorizer
from .decoding import PhotoError as PhotoError, TooLarge as TooLarge
from .hints import Hint as Hint
from .learning import (
    aging as aging,
    batches as batches,
    cleaning as cleaning,
    datasets as datasets,
    losses as losses,
    optimizers as optimizers,
    training as training,
)
from .learning.training import train as train
from .page import demo as demo, serve as serve
from .photos import (
    find_photos as find_photos,
    load_photo as load_photo,
    sample_photos as sample_photos,
    save_photo as save_photo,
)
from .pretrained_networks import pretrained as pretrained
