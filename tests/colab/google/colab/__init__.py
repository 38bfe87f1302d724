"""A stand-in for Colab's own package, as far as the notebooks meet it; $COLAB_RELEASE_TAG says they are in Colab."""

from . import drive, files, output  # noqa: F401
