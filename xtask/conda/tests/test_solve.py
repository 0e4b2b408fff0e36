"""What a solution holds."""

import pytest

from conftest import Engine, Server, by_name, lines_of


def test_each_package_is_told_in_full_and_behind_what_it_needs(engine: Engine, lab: str) -> None:
    solved = engine.solve([lab], ["python=3.11", "demotool", "pip"])
    tool = by_name(solved)["demotool"]
    assert (tool["version"], tool["build"], tool["subdir"], tool["channel"]) == ("1!2.0", "h1_0", "linux-64", lab)
    assert tool["url"] == f"{lab}/linux-64/demotool-1!2.0-h1_0.conda"
    assert len(tool["sha256"]) == 64 and len(tool["md5"]) == 32 and tool["size"] > 0
    assert "libdemo" in tool["depends"] and tool["noarch"] is None
    assert by_name(solved)["pip"]["noarch"] == "python"

    names = [package["name"] for package in solved["packages"]]
    assert names.index("libdemo") < names.index("demopkg") < names.index("demotool")


def test_distributions_are_read_from_the_packages(engine: Engine, server: Server) -> None:
    specs = ["python=3.11", "conda-pluggy", "iniconfig", "typing-extensions", "libdemo"]
    found = by_name(engine.solve([server.url("lab")], specs))
    assert found["conda-pluggy"]["distributions"] == [{"name": "pluggy", "version": "1.5.0"}]
    assert [each["name"] for each in found["iniconfig"]["distributions"]] == ["iniconfig"]
    assert [each["name"] for each in found["typing_extensions"]["distributions"]] == ["typing-extensions"]
    assert found["typing-extensions"]["distributions"] == found["libdemo"]["distributions"] == []
    assert any(".conda" in request and "bytes=" in request for request in server.requests())


def test_distributions_are_read_once(engine: Engine, server: Server) -> None:
    first = engine.solve([server.url("lab")], ["python=3.11", "conda-pluggy"])
    before = [request for request in server.requests() if "pluggy" in request and ".conda" in request]
    assert engine.solve([server.url("lab")], ["python=3.11", "conda-pluggy"]) == first
    assert [request for request in server.requests() if "pluggy" in request and ".conda" in request] == before


@pytest.mark.parametrize(
    "spec, expected",
    [
        ("numpy=1.26.4=py311_mkl_0", "1.26.4 py311_mkl_0"),
        ("numpy 1.26.*", "1.26.4 py311_openblas_1"),
        ("numpy[version='>=2', build='*mkl*']", "2.1.3 py311_mkl_0"),
        ("NumPy<2", "1.26.4 py311_openblas_1"),
    ],
)
def test_specs_are_read_as_people_write_them(engine: Engine, lab: str, spec: str, expected: str) -> None:
    numpy = by_name(engine.solve([lab], ["python=3.11", spec]))["numpy"]
    assert f"{numpy['version']} {numpy['build']}" == expected


def test_the_first_channel_that_has_a_name_gives_it(engine: Engine, lab: str, extra: str) -> None:
    for channels, version in (([lab, extra], "1.3.0"), ([extra, lab], "1.2.9"), ([extra, "nodefaults", lab], "1.2.9")):
        assert by_name(engine.solve(channels, ["libdemo"]))["libdemo"]["version"] == version


def test_a_spec_can_name_its_channel(engine: Engine, lab: str, extra: str) -> None:
    for spec in ("extra::libdemo", f"{extra}::libdemo", "libdemo[channel=extra]"):
        assert by_name(engine.solve([lab, extra], [spec]))["libdemo"]["version"] == "1.2.9"
    # Also one that is not in the list.
    found = by_name(engine.solve([lab], [f"{extra}::libdemo", "demopkg", "python=3.11"]))
    assert (found["libdemo"]["version"], found["demopkg"]["version"]) == ("1.2.9", "2.0")


def test_names_of_channels_are_resolved(engine: Engine, server: Server) -> None:
    found = by_name(engine.solve(["lab"], ["libdemo"], channel_alias=server.http))
    assert found["libdemo"]["channel"] == server.url("lab")


def test_locked_packages_stay_unless_they_cannot(engine: Engine, lab: str) -> None:
    locked = lines_of(engine.solve([lab], ["python=3.11", "steady=1.0", "numpy=1.26"]))
    assert by_name(engine.solve([lab], ["python=3.11", "steady", "numpy"]))["steady"]["version"] == "1.1"
    found = by_name(engine.solve([lab], ["python=3.11", "steady", "numpy", "pip"], locked=locked))
    assert (found["steady"]["version"], found["numpy"]["version"]) == ("1.0", "1.26.4")
    found = by_name(engine.solve([lab], ["python=3.11", "steady", "numpy>=2"], locked=locked))
    assert (found["steady"]["version"], found["numpy"]["version"]) == ("1.0", "2.1.3")


def test_a_locked_epoch_may_be_encoded(engine: Engine, lab: str) -> None:
    locked = [f"{lab}/linux-64/demotool-1%212.0-h1_0.conda", f"{lab}/linux-64/libdemo-1.2.3-h7f98852_0.tar.bz2"]
    found = by_name(engine.solve([lab], ["python=3.11", "demotool"], locked=locked))
    assert (found["demotool"]["version"], found["libdemo"]["version"]) == ("1!2.0", "1.2.3")


def test_only_the_given_virtual_packages_are_assumed(engine: Engine, lab: str) -> None:
    cuda = {"name": "__cuda", "version": "12.4", "build": "0"}
    archspec = {"name": "__archspec", "version": "1", "build": "x86_64_v4"}
    glibc = {"name": "__glibc", "version": "2.36"}
    specs = ["python=3.11", "demotorch", "fastlib"]
    engine.variables = {"CONDA_OVERRIDE_CUDA": "12.4"}
    found = by_name(engine.solve([lab], specs))
    assert (found["demotorch"]["build"], found["fastlib"]["build"]) == ("cpu_py311_0", "v1_0")
    found = by_name(engine.solve([lab], specs, virtual_packages=[cuda, archspec, glibc]))
    assert (found["demotorch"]["build"], found["fastlib"]["build"]) == ("cuda126_py311_1", "v4_1")


@pytest.mark.parametrize("platform", ["linux-aarch64", "osx-arm64"])
def test_another_platform_needs_nothing_of_it(engine: Engine, lab: str, platform: str) -> None:
    virtual = [
        {"name": "__osx", "version": "14.0"} if platform == "osx-arm64" else {"name": "__glibc", "version": "2.36"}
    ]
    found = by_name(engine.solve([lab], ["python=3.11", "numpy"], platform=platform, virtual_packages=virtual))
    assert found["numpy"]["subdir"] == platform
    assert found["numpy"]["distributions"] == [{"name": "numpy", "version": "2.1.3"}]


def test_configuration_of_conda_does_not_count(engine: Engine, lab: str) -> None:
    (engine.home / ".condarc").write_text(f"channels: [{lab}x]\npinned_packages: [libdemo=1.2.3]\n")
    assert by_name(engine.solve([lab], ["libdemo"]))["libdemo"]["version"] == "1.3.0"
