"""The settings that come from the environment: every COLORLIB_* variable that the library reads."""

import os
from dataclasses import dataclass, fields

PREFIX = "COLORLIB_"


@dataclass(frozen=True)
class Settings:
    """What the variables COLORLIB_MODEL, COLORLIB_SIZE, ... say; None where a variable is not set.

    Attributes:
        model: The network of the page: a name that `pretrained()` lists, or a `.keras` file.
        size: The shorter side, in pixels, of what a `.keras` network sees.
        history: The folder of the previous predictions.
        upload_mb: How many megabytes arrive in one message of the browser.
        public: Whether the page is open to others, who may not read this computer's files.
        cache: The folder of decoded training photos.
        results: Where the page's server has the results as files; None where there is no such server.
    """

    model: str | None = None
    size: int | None = None
    history: str | None = None
    upload_mb: float | None = None
    public: bool = False
    cache: str | None = None
    results: str | None = None

    @classmethod
    def from_environment(cls, environment=None):
        """The settings of the variables in `environment` (default: this process's); ValueError for a bad number."""
        environment = os.environ if environment is None else environment
        given = {field.name: environment.get(PREFIX + field.name.upper()) for field in fields(cls)}
        return cls(**{name: _read(name, text) for name, text in given.items() if text})

    def to_environment(self, environment=None):
        """Write the settings into `environment` (default: this process's), so that a child process reads the same."""
        environment = os.environ if environment is None else environment
        for field in fields(self):
            value = getattr(self, field.name)
            environment.pop(PREFIX + field.name.upper(), None)
            if value:
                environment[PREFIX + field.name.upper()] = str(value)


def _read(name, text):
    kind = {"size": int, "upload_mb": float, "public": bool}.get(name, str)
    try:
        return kind(text)
    except ValueError:
        raise ValueError(f"{PREFIX}{name.upper()} is {text!r}; wanted a number.") from None
