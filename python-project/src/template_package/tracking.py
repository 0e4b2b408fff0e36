"""Optional tracking of a run with Weights & Biases."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any


@contextmanager
def track_run(
    mode: str, project: str | None, config: dict[str, Any], run_dir: Path
) -> Iterator[Callable[[dict[str, float]], None]]:
    """Track a run, and give the function that logs its metrics.

    In mode "disabled" the function does nothing and wandb is not even imported, which
    takes longer than a short experiment. The modes "offline" and "online" are wandb's;
    it reads WANDB_API_KEY itself. Its files go to WANDB_DIR, or beside the result.
    """
    if mode == "disabled":
        yield lambda metrics: None
        return

    import wandb

    with wandb.init(
        mode=mode,
        project=project,
        name=run_dir.name,
        config=config,
        dir=os.environ.get("WANDB_DIR") or run_dir,
    ) as run:
        yield run.log
