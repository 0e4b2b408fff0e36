"""Run the experiment: `python -m template_package.main some_arg=some_value`."""

import logging
import secrets
from pathlib import Path
from typing import Any, cast

import hydra
from hydra.core.hydra_config import HydraConfig
from omegaconf import DictConfig, OmegaConf

from .regression import fit_linear_regression
from .result import write_result
from .seeding import seed_everything
from .tracking import track_run

log = logging.getLogger(__name__)

# Cached, so that every reading of one run's directory gives the same name.
OmegaConf.register_new_resolver(
    "run_token", lambda: secrets.token_hex(4), use_cache=True, replace=True
)


@hydra.main(config_path="configs", config_name="main", version_base=None)
def main(config: DictConfig) -> None:
    """Run the experiment once and say where its result is."""
    run_dir = Path(HydraConfig.get().runtime.output_dir)
    plain_config = cast(dict[str, Any], OmegaConf.to_container(config, resolve=True))

    log.info("Training with seed %d", config.seed)
    rng = seed_everything(config.seed)
    with track_run(**config.wandb, config=plain_config, run_dir=run_dir) as report:
        metrics = fit_linear_regression(
            rng, **config.data, **config.training, report=report
        )

    path = write_result(run_dir, plain_config, metrics)
    print(f"{path}: final_loss={metrics['final_loss']:.6g}")


if __name__ == "__main__":
    main()
