import dataclasses

import pytest

from colorlib.settings import Settings


def test_settings_survive_the_environment():
    settings = Settings("net.keras", 128, "/tmp/history", 95.5, True, "/tmp/cache", "results")
    environment = {"COLORLIB_SIZE": "7", "OTHER": "x"}
    settings.to_environment(environment)
    assert len(environment) == 1 + len(dataclasses.fields(Settings))
    assert Settings.from_environment(environment) == settings
    Settings().to_environment(environment)
    assert environment == {"OTHER": "x"} and Settings.from_environment(environment) == Settings()


def test_empty_variables_count_as_not_set():
    assert Settings.from_environment({"COLORLIB_SIZE": "", "COLORLIB_PUBLIC": ""}) == Settings()


def test_a_bad_number_gets_one_sentence():
    with pytest.raises(ValueError, match="^COLORLIB_SIZE is 'big'; wanted a number.$"):
        Settings.from_environment({"COLORLIB_SIZE": "big"})
