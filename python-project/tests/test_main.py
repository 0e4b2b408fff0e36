"""Promises of `python -m template_package.main`."""

import json
import platform
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from conftest import RunMain, StartMain


def only_result_in(outputs_dir: Path) -> dict[str, Any]:
    (path,) = outputs_dir.rglob("result.json")
    return json.loads(path.read_text(encoding="utf-8"))


def test_the_result_says_what_was_run_and_with_what(
    run_main: RunMain, outputs_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIT_COMMIT", "0123abcd-dirty")
    run = run_main("some_arg=some_value", "seed=3")

    assert run.returncode == 0, run.stderr
    result = only_result_in(outputs_dir)
    assert result["config"]["some_arg"] == "some_value"
    assert result["seed"] == 3
    assert result["commit"] == "0123abcd-dirty"
    assert result["python"] == platform.python_version()
    assert result["packages"]["numpy"] == np.__version__


def test_the_last_line_names_the_result_and_the_metric(
    run_main: RunMain, outputs_dir: Path
) -> None:
    run = run_main()

    assert run.returncode == 0, run.stderr
    path, metric = run.stdout.splitlines()[-1].split(": ")
    assert Path(path).is_relative_to(outputs_dir)
    assert Path(path).is_file()
    final_loss = only_result_in(outputs_dir)["metrics"]["final_loss"]
    assert metric == f"final_loss={final_loss:.6g}"


def test_everything_is_written_under_outputs_dir(
    run_main: RunMain, working_dir: Path
) -> None:
    single = run_main()
    several = run_main("--multirun", "seed=0,1")

    assert (single.returncode, several.returncode) == (0, 0)
    assert list(working_dir.iterdir()) == []


def test_no_progress_bar_is_drawn_outside_a_terminal(run_main: RunMain) -> None:
    run = run_main()

    assert run.returncode == 0
    assert run.stderr == ""


def test_a_mistyped_key_is_named(run_main: RunMain, outputs_dir: Path) -> None:
    run = run_main("training.learning_rat=0.1")

    assert run.returncode != 0
    assert "'training.learning_rat'" in run.stderr
    assert not outputs_dir.exists()


def test_two_runs_at_once_do_not_overwrite_each_other(
    start_main: StartMain, outputs_dir: Path
) -> None:
    runs = [start_main(f"some_arg=run_{number}") for number in (1, 2)]
    for run in runs:
        _, stderr = run.communicate()
        assert run.returncode == 0, stderr

    results = [json.loads(path.read_text()) for path in outputs_dir.rglob("*.json")]
    recorded = sorted(result["config"]["some_arg"] for result in results)
    assert recorded == ["run_1", "run_2"]


def test_two_processes_with_the_same_seed_agree(
    start_main: StartMain, outputs_dir: Path
) -> None:
    runs = [start_main("seed=7") for _ in range(2)]
    for run in runs:
        _, stderr = run.communicate()
        assert run.returncode == 0, stderr

    results = [json.loads(path.read_text()) for path in outputs_dir.rglob("*.json")]
    first, second = (result["metrics"] for result in results)
    assert first == second
