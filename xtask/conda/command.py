"""`conda` as people type it in the environment: install, remove, update and list, and nothing else."""

from __future__ import annotations

import argparse
import os
import shutil
import sys
from pathlib import Path
from typing import NoReturn

import rattler
from changes import Change, install_or_update, removal
from environment import Environment
from explaining import in_words
from listing import as_json, as_table
from prefix import Prefix
from protocol import Failure
from surroundings import writable_cache

_VERSION = f"conda {rattler.__version__} (cargo xtask, with py-rattler)"
_VERBS = ("install", "update", "remove", "uninstall", "list")
_SUPPORTED = (
    "this conda can `install`, `remove`, `update` and `list`, with -c CHANNEL, -y and -q; for anything else write "
    "dependencies/environment.yml and run `cargo xtask build`"
)


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise Failure("other", f"{message}: {_SUPPORTED}")


async def conda(arguments: list[str]) -> int:
    verb = next((each for each in arguments if not each.startswith("-")), None)
    if verb and verb not in _VERBS:
        raise Failure("other", f"there is no `conda {verb}` here: {_SUPPORTED}")
    options = _parser().parse_args(arguments)
    prefix = _active_prefix(options)
    if options.verb == "list":
        print(as_json(prefix, options.pattern) if options.json else as_table(prefix, options.pattern))
        return 0
    with writable_cache() as cache:
        environment = Environment(prefix, cache)
        if options.verb == "remove":
            change = removal(environment, options.names)
        else:
            change = await install_or_update(environment, options.names, options.channel, options.verb == "update")
        return await _carry_out(change, options)


async def _carry_out(change: Change, options: argparse.Namespace) -> int:
    if not options.quiet:
        print(change.in_words())
    if change.is_nothing:
        await change.carry_out()
        return 0
    if not options.yes:
        if sys.stdin.isatty():
            if input("Proceed ([y]/n)? ").strip().lower() not in ("", "y", "yes"):
                return 1
        elif change.touches_what_is_installed:
            raise Failure("other", "this changes or removes what is installed: add -y if that is right")
    await change.carry_out()
    return 0


def say(failure: Failure) -> None:
    print(f"error: {in_words(failure)}", file=sys.stderr)


def _active_prefix(options: argparse.Namespace) -> Prefix:
    if options.prefix:
        raise Failure("other", f"-p is not for this environment: {_SUPPORTED}")
    if options.name not in (None, "base"):
        raise Failure("other", f"there is one environment, and it has no name: {_SUPPORTED}")
    path = os.environ.get("CONDA_PREFIX")
    if not path:
        raise Failure("other", "no environment is active: CONDA_PREFIX is not set")
    return Prefix(Path(path).absolute())


def _parser() -> argparse.ArgumentParser:
    width = min(shutil.get_terminal_size().columns, 100)
    shape = lambda prog: argparse.HelpFormatter(prog, width=width)  # noqa: E731
    parser = _Parser(prog="conda", description=_SUPPORTED, formatter_class=shape, allow_abbrev=False)
    parser.add_argument("-V", "--version", action="version", version=_VERSION)

    anywhere = _Parser(add_help=False)
    anywhere.add_argument("-n", "--name", help="ignored if it is `base`")
    anywhere.add_argument("-p", "--prefix", help=argparse.SUPPRESS)
    anywhere.add_argument("-q", "--quiet", action="store_true", help="do not show what changes")

    changing = _Parser(add_help=False, parents=[anywhere])
    changing.add_argument("names", nargs="+", metavar="NAME")
    changing.add_argument("-y", "--yes", action="store_true", help="do not ask")

    with_channels = _Parser(add_help=False, parents=[changing])
    with_channels.add_argument("-c", "--channel", action="append", default=[], help="look here first")

    verbs = parser.add_subparsers(dest="verb", required=True, metavar="install|remove|update|list")
    verbs.add_parser("install", parents=[with_channels], help="adds packages, and changes as few others as it can")
    verbs.add_parser("update", parents=[with_channels], help="takes newer packages of these names")
    remove = verbs.add_parser("remove", aliases=["uninstall"], parents=[changing], help="removes packages")
    remove.set_defaults(verb="remove")
    listing = verbs.add_parser("list", parents=[anywhere], help="lists what is installed")
    listing.add_argument("pattern", nargs="?", help="only names that match this regular expression")
    listing.add_argument("--json", action="store_true")
    return parser
