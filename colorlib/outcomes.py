"""The outcome of each photo of a folder, and the line of progress that shows them."""

from dataclasses import dataclass
from pathlib import Path

from colorlib.files import printable


@dataclass(frozen=True)
class Outcome:
    """The outcome of one photo.

    Attributes:
        photo: Where it came from: a path.
        result: Where it goes: a path.
        status: "colored", "skipped" (the result was there already), "failed", or None as long as it waits.
        error: Why it failed, or is passed over, in one sentence; None otherwise.
        note: What else to say of it: which page was taken.
    """

    photo: Path
    result: Path
    status: str | None = None
    error: str | None = None
    note: str | None = None


def not_colored(found):
    """The Outcomes of what a `plans.Plan` does not color."""
    failed = [Outcome(path, None, "failed", why) for path, why in found.failed.items()]
    return failed + [Outcome(path, None, "skipped", why) for path, why in found.skipped.items()]


def failures(outcomes):
    """{photo: error} of the outcomes that failed."""
    return {outcome.photo: outcome.error for outcome in outcomes if outcome.status == "failed"}


def shown(outcomes, total):
    """The outcomes, with a line of progress and a sentence for each failure."""
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
