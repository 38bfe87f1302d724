"""The progress lines of folders and films."""

from colorlib.files import printable


def shown(outcomes, total):
    """Yield the outcomes of photos unchanged, and show a progress line and a sentence for each failure.

    Args:
        outcomes: An iterable of Outcomes.
        total: How many there will be.
    """
    from tqdm.auto import tqdm

    failed = 0
    with tqdm(total=total, desc="coloring", unit="photo", disable=not total) as progress:
        for outcome in outcomes:
            if outcome.error:
                failed += 1
                tqdm.write(f"Left out: {printable(outcome.error)}")
                progress.set_postfix_str(f"{failed} left out", refresh=False)
            if outcome.note:
                tqdm.write(f"Note: {printable(outcome.note)}")
            progress.update()
            yield outcome


def frames_shown(frames, total, done):
    """Yield the frames of a film unchanged, and show a progress line with the frames per second and the time left.

    Args:
        frames: An iterable.
        total: How many frames the film has; None if it is unknown.
        done: How many an earlier run has colored.
    """
    from tqdm.auto import tqdm

    with tqdm(frames, desc="coloring", unit="frame", total=total, initial=done) as progress:
        yield from progress
