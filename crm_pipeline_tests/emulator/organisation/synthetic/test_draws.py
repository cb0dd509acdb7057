"""Random numbers that are the same on every machine, and as even as they should be."""

import numpy as np
import pytest

from crm_pipeline.emulator.organisation.synthetic.draws import Draws, cumulate


def test_a_key_and_a_name_mean_these_numbers_everywhere():
    draws = Draws("a", 1)

    assert draws.words("x", 3).tolist() == [6866993904556846257, 7789360132582325812, 16050546138509872775]
    assert draws.number("x", 5, 100).tolist() == [37, 42, 87, 75, 18]
    assert Draws("a", 1).below("b").words("x", 2).tolist() == Draws("a", 1, "b").words("x", 2).tolist()


def test_a_longer_stream_begins_with_the_shorter_one():
    assert Draws("a").uniform("x", 50)[:20].tolist() == Draws("a").uniform("x", 20).tolist()


def test_streams_of_other_names_and_keys_are_others():
    streams = [Draws(key).uniform(name, 1000) for key in ("a", "b") for name in ("x", "y")]

    assert np.abs(np.corrcoef(streams) - np.eye(4)).max() < 0.12


def test_draws_are_even():
    draws = Draws("even")

    assert draws.uniform("u", 100_000).mean() == pytest.approx(0.5, abs=0.005)
    assert draws.chance("c", 100_000, 0.2).mean() == pytest.approx(0.2, abs=0.005)
    assert np.bincount(draws.number("n", 100_000, 7)) == pytest.approx(100_000 / 7, rel=0.05)
    assert np.bincount(draws.choice("w", 100_000, cumulate(1, 0, 3))) == pytest.approx([25_000, 0, 75_000], rel=0.03)
    assert sorted(draws.order("o", 1000)) == list(range(1000))
