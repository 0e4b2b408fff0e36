"""Promises of tracking."""

import sys
from pathlib import Path

import pytest

from template_package.tracking import track_run


def test_disabled_tracking_works_without_wandb(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    # Importing a module that is None in sys.modules fails.
    monkeypatch.setitem(sys.modules, "wandb", None)

    with track_run("disabled", None, {}, tmp_path) as report:
        report({"loss": 1.0})

    assert list(tmp_path.iterdir()) == []
