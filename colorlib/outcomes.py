"""The outcome of each photo in a folder."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Outcome:
    """The outcome of one photo.

    Attributes:
        photo: The path of the photo.
        result: The path of its result.
        status: "colored", "skipped" (the result already existed), "failed", or None while the photo waits.
        error: One sentence that says why the photo failed or is not colored; None otherwise.
        note: A sentence for the user, such as which page of a file was used; None if there is nothing to say.
    """

    photo: Path
    result: Path
    status: str | None = None
    error: str | None = None
    note: str | None = None


def not_colored(found):
    """A list of Outcomes: the files that a `plans.Plan` does not color."""
    failed = [Outcome(path, None, "failed", why) for path, why in found.failed.items()]
    return failed + [Outcome(path, None, "skipped", why) for path, why in found.skipped.items()]


def failures(outcomes):
    """{photo: error} of the outcomes whose status is "failed"."""
    return {outcome.photo: outcome.error for outcome in outcomes if outcome.status == "failed"}
