"""Makes an environment from an exact list, or changes one by the difference."""

from __future__ import annotations

import json
import re
import sys
from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import scripts
from bytecode import compile_packages
from channels import bare
from explaining import name_of
from fetching import Fetching, Packages
from history import record_change
from network import channel_failure, client, configuration, relevant, use_credentials
from prefix import Installed, Prefix
from protocol import Failure, InstallRequest
from rattler import Config, Subdir
from rattler import install as rattler_install
from records import Link
from solving import parse

_MISMATCH = re.compile(r"hash mismatch when extracting (?P<url>\S+) to \S+: (?P<digests>expected \w+, got \w+)")


async def install(request: InstallRequest) -> dict[str, Any]:
    prefix = Prefix(request.prefix)
    before = prefix.installed()
    links = [Link.of(line) for line in request.packages]
    _check_names(links)
    staying = {link.name for link in links if link.name in before and _stays(before[link.name], link)}
    again = _to_link_again(before, links)

    use_credentials(request.credentials)
    config = configuration(request.copy)
    with Fetching(request.cache, client(config), request.offline) as fetching:
        needed = await fetching.checked([link for link in links if link.name not in staying - again])
        links = [needed.get(link.name) or _as_installed(link, before[link.name]) for link in links]
        _run_unlink_scripts(request, prefix, [each for name, each in before.items() if name not in staying])
        await _link(request, config, links, again)

    after = prefix.installed()
    _finish(request, prefix, after, links)
    not_run = _run_link_scripts(request, prefix, after, links)
    for package in after.values():
        package.save()
    record_change(prefix, request.requested, request.command)
    (prefix.path / "CACHEDIR.TAG").unlink(missing_ok=True)
    return {
        "installed": [link.stem for link in links if link.name not in staying],
        "removed": sorted(package.stem for name, package in before.items() if name not in staying),
        "kept": len(staying),
        "scripts_not_run": not_run,
    }


def _check_names(links: list[Link]) -> None:
    names = Counter(link.name for link in links)
    twice = sorted(name for name, count in names.items() if count > 1)
    if twice:
        raise Failure("other", f"the list has more than one package of the name {', '.join(twice)}")


def _as_installed(link: Link, package: Installed) -> Link:
    """With the digest of the package that stays, so that py-rattler sees that it is the same."""
    sha256 = package.data.get("sha256")
    return replace(link, sha256=bytes.fromhex(sha256)) if sha256 else link


def _stays(package: Installed, link: Link) -> bool:
    if link.stem != package.stem:
        return False
    known = package.data.get("sha256"), package.data.get("md5")
    for digest, ours in ((link.sha256, known[0]), (link.md5, known[1])):
        if digest and ours:
            return bool(digest.hex() == ours)
    return True


def _to_link_again(before: dict[str, Installed], links: list[Link]) -> set[str]:
    """What py-rattler would leave as it is, and may not."""
    wanted = {link.name: link for link in links}
    # Its place in the cache is gone, so that it cannot be finished from there.
    again = {
        package.name
        for package in before.values()
        if not package.is_finished and not (Path(package.data["extracted_package_dir"]) / "info/index.json").exists()
    }
    python, link = before.get("python"), wanted.get("python")
    if python and link and _minor(python.data["version"]) != _minor(link.parts()[1]):
        # Packages for any Python lie in a folder that has Python's version in its name.
        again |= {package.name for package in before.values() if package.is_noarch_python}
    return again & set(wanted)


def _minor(version: str) -> list[str]:
    return version.split(".")[:2]


async def _link(request: InstallRequest, config: Config, links: list[Link], again: set[str]) -> None:
    try:
        await rattler_install(
            [link.record() for link in links],
            target_prefix=request.prefix,
            cache_dir=Packages(request.cache).folder,
            reinstall_packages=again,
            platform=Subdir(request.platform),
            execute_link_scripts=False,
            show_progress=sys.stderr.isatty(),
            client=client(config),
            alternative_target_prefix=request.target_prefix,
            config=config,
        )
    except Exception as error:
        raise _link_failure(request, error, links) from error


def _link_failure(request: InstallRequest, error: Exception, links: list[Link]) -> Failure:
    text = str(error)
    mismatch = _MISMATCH.search(text)
    if mismatch:
        Packages(request.cache).drop(Link(mismatch["url"]))
        return Failure("digest", f"{mismatch['url']}: {mismatch['digests'].replace('got', 'found')}")
    channels = sorted({bare(link.channel) for link in links})
    return channel_failure(error, channels) or Failure("other", relevant(text))


def _finish(request: InstallRequest, prefix: Prefix, installed: dict[str, Installed], links: list[Link]) -> None:
    """Completes what py-rattler wrote, which knows no more than the list."""
    new = [package for package in installed.values() if not package.is_finished]
    for package in new:
        _complete(package, next(link for link in links if link.name == package.name))
    if request.bytecode and _runs_here(request):
        compile_packages(prefix, request.target_prefix or request.prefix, new)
    requested = _by_name(request.requested)
    for package in installed.values():
        package.data["requested_specs"] = requested.get(package.name, [])
        package.data.pop("requested_spec", None)
        if package.data["requested_specs"]:
            package.data["requested_spec"] = package.data["requested_specs"][0]


def _complete(package: Installed, link: Link) -> None:
    folder = Path(package.data["extracted_package_dir"])
    index = json.loads((folder / "info" / "index.json").read_text())
    data = {**package.data, **index}
    data.pop("extracted_package_dir")
    data.pop("package_tarball_full_path", None)
    data["url"] = bare(link.url)
    data["channel"] = bare(link.channel)
    data["fn"] = link.file_name
    if link.md5:
        data["md5"] = link.md5.hex()
    data["subdir"] = link.subdir
    # Readers want the key, and an empty source says that no cache belongs to this environment.
    data["link"] = {"source": "", "type": 1}
    package.data = data


def _by_name(requested: Iterable[str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for spec in requested:
        found.setdefault(name_of(parse(spec, spec)), []).append(spec)
    return found


def _runs_here(request: InstallRequest) -> bool:
    return request.platform == str(Subdir.current())


def _run_unlink_scripts(request: InstallRequest, prefix: Prefix, leaving: list[Installed]) -> None:
    for package in leaving:
        if package.name in request.link_scripts and package.script("pre-unlink") and _runs_here(request):
            scripts.run(prefix, package, "pre-unlink")


def _run_link_scripts(
    request: InstallRequest, prefix: Prefix, installed: dict[str, Installed], links: list[Link]
) -> list[str]:
    """Runs what is allowed and has not run yet. The names of the others are the answer."""
    have_run = set(prefix.remembered().get("scripts_run", []))
    with_script = [installed[link.name] for link in links if installed[link.name].script("post-link")]
    not_run = []
    ran = []
    for package in with_script:
        if package.stem in have_run and package.is_finished:
            ran.append(package.stem)
        elif package.name in request.link_scripts and _runs_here(request):
            scripts.run(prefix, package, "post-link")
            ran.append(package.stem)
        else:
            not_run.append(package.name)
    prefix.remember(
        {
            "channels": [bare(channel) if "://" in channel else channel for channel in request.channels],
            "channel_alias": request.channel_alias,
            "link_scripts": sorted(request.link_scripts),
            "platform": request.platform,
            "requested": request.requested,
            "scripts_run": sorted(ran),
            "virtual_packages": [asdict(package) for package in request.virtual_packages],
        }
    )
    return not_run
