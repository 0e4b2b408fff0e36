"""Promises of the experiment itself."""

from typing import Any

import pytest

from template_package.regression import fit_linear_regression
from template_package.seeding import seed_everything

NOISE = 0.1


def fit(seed: int, **changes: float) -> tuple[dict[str, float], list[float]]:
    """Return the metrics, and the loss reported after each epoch."""
    losses: list[float] = []
    settings: dict[str, Any] = {
        "samples": 500,
        "features": 4,
        "noise": NOISE,
        "epochs": 10,
        "batch_size": 32,
        "learning_rate": 0.05,
    }
    metrics = fit_linear_regression(
        seed_everything(seed),
        **(settings | changes),
        report=lambda reported: losses.append(reported["loss"]),
    )
    return metrics, losses


def test_the_same_seed_gives_the_same_result() -> None:
    assert fit(seed=0) == fit(seed=0)


def test_another_seed_gives_another_result() -> None:
    assert fit(seed=0) != fit(seed=1)


@pytest.mark.parametrize("seed", range(5))
def test_training_reduces_the_loss_to_the_noise(seed: int) -> None:
    metrics, _ = fit(seed)

    assert metrics["final_loss"] < metrics["initial_loss"] / 10
    assert metrics["final_loss"] == pytest.approx(NOISE**2, rel=0.25)


def test_more_samples_find_the_weights_more_exactly() -> None:
    few, _ = fit(seed=0, samples=50, learning_rate=0.01, epochs=100)
    many, _ = fit(seed=0, samples=5000, learning_rate=0.01)

    assert many["weight_error"] < few["weight_error"]


def test_the_loss_is_reported_after_each_epoch() -> None:
    metrics, losses = fit(seed=0, epochs=3)

    assert len(losses) == 3
    assert losses[-1] == metrics["final_loss"]


def test_a_diverging_loss_is_an_error_that_says_what_to_change() -> None:
    with pytest.raises(FloatingPointError, match="learning_rate below 50"):
        fit(seed=0, learning_rate=50)
