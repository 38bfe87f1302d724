def mount(path):
    """Nobody consents here: as when a reader closes Colab's question."""
    raise ValueError("mount failed: nobody consented")
