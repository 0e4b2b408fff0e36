"""Random numbers that are the same each time the program runs."""

import random

import numpy as np


def seed_everything(seed: int) -> np.random.Generator:
    """Seed every source of random numbers and return the one to draw from.

    Python's and numpy's global generators are seeded too, for libraries that draw from
    them. The order of a `set` of strings is the one thing this cannot fix: it follows
    PYTHONHASHSEED, which Python reads only when it starts. Sort such a set before its
    order can matter, or set the variable when you start the program.

    Raises ValueError if the seed is negative or does not fit in 32 bits.
    """
    np.random.seed(seed)
    random.seed(seed)
    return np.random.default_rng(seed)
