"""Promises of seeding."""

import random

import numpy as np
import pytest

from template_package.seeding import seed_everything


def draw_from_every_source(seed: int) -> tuple[float, float, float]:
    rng = seed_everything(seed)
    return rng.random(), np.random.random(), random.random()


def test_every_source_repeats_with_the_same_seed() -> None:
    assert draw_from_every_source(5) == draw_from_every_source(5)


def test_every_source_differs_with_another_seed() -> None:
    pairs = zip(draw_from_every_source(5), draw_from_every_source(6), strict=True)
    assert all(first != second for first, second in pairs)


def test_a_negative_seed_is_refused() -> None:
    with pytest.raises(ValueError, match="Seed must be"):
        seed_everything(-1)
