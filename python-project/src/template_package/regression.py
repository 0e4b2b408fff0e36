"""Linear regression on synthetic data, by stochastic gradient descent (SGD)."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

Vector = NDArray[np.float64]
Matrix = NDArray[np.float64]


@dataclass(frozen=True)
class Dataset:
    """Inputs of shape (samples, features), their targets, and what made the targets."""

    inputs: Matrix
    targets: Vector
    true_weights: Vector


def fit_linear_regression(
    rng: np.random.Generator,
    *,
    samples: int,
    features: int,
    noise: float,
    epochs: int,
    batch_size: int,
    learning_rate: float,
    report: Callable[[dict[str, float]], None],
) -> dict[str, float]:
    """Draw a dataset, fit it by SGD, and return how well that went.

    `report` receives the loss after each epoch. The metrics returned are the mean
    squared error before and after training (a perfect fit leaves about `noise` squared)
    and the distance between the weights found and the true ones.

    Raises FloatingPointError if the loss diverges.
    """
    dataset = draw_dataset(rng, samples, features, noise)
    weights = np.zeros(features)
    initial_loss = final_loss = mean_squared_error(weights, dataset)

    # With disable=None tqdm is silent unless it writes to a terminal.
    for epoch in tqdm(range(1, epochs + 1), desc="Training", disable=None):
        weights = train_one_epoch(rng, weights, dataset, batch_size, learning_rate)
        final_loss = mean_squared_error(weights, dataset)
        if not np.isfinite(final_loss):
            raise FloatingPointError(
                f"the loss diverged in epoch {epoch}: "
                f"try a learning_rate below {learning_rate}"
            )
        report({"loss": final_loss})

    return {
        "initial_loss": initial_loss,
        "final_loss": final_loss,
        "weight_error": float(np.linalg.norm(weights - dataset.true_weights)),
    }


def draw_dataset(
    rng: np.random.Generator, samples: int, features: int, noise: float
) -> Dataset:
    """Draw inputs and weights, and targets with noise of that standard deviation."""
    true_weights = rng.normal(size=features)
    inputs = rng.normal(size=(samples, features))
    targets = inputs @ true_weights + rng.normal(scale=noise, size=samples)
    return Dataset(inputs, targets, true_weights)


def train_one_epoch(
    rng: np.random.Generator,
    weights: Vector,
    dataset: Dataset,
    batch_size: int,
    learning_rate: float,
) -> Vector:
    """Return the weights after a gradient step on each batch, in random order."""
    order = rng.permutation(len(dataset.targets))
    # The caller sees a divergence in the loss; numpy need not warn of it as well.
    with np.errstate(over="ignore", invalid="ignore"):
        for start in range(0, len(order), batch_size):
            batch = order[start : start + batch_size]
            inputs, targets = dataset.inputs[batch], dataset.targets[batch]
            gradient = 2 * inputs.T @ (inputs @ weights - targets) / len(batch)
            weights = weights - learning_rate * gradient
    return weights


def mean_squared_error(weights: Vector, dataset: Dataset) -> float:
    """Return the mean squared difference between predictions and targets."""
    with np.errstate(over="ignore", invalid="ignore"):
        return float(np.mean((dataset.inputs @ weights - dataset.targets) ** 2))
