"""A small conda channel for tests, whose packages truly run, and a server for it.

    python3 xtask/tests/channel make OUT [--wheels DIR]     # OUT/lab and OUT/extra
    python3 xtask/tests/channel make OUT --big N            # OUT/big: N records, without packages
    python3 xtask/tests/channel serve OUT [--port PORT] [--host HOST]… [--tls CERTIFICATE KEY] [--proxy] [--log FILE]

`make` needs Debian 12 with python3.11-venv, a C compiler, and py-rattler where Python finds it.
"""

import argparse
import os
import shutil
import sys
from pathlib import Path

from debian import Missing


def main() -> int:
    arguments = _parsed()
    try:
        arguments.run(arguments)
    except Missing as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


def _parsed() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="channel", description=__doc__.partition("\n")[0])
    commands = parser.add_subparsers(required=True, metavar="make|serve")

    make = commands.add_parser("make", help="make the channels `lab` and `extra`")
    make.set_defaults(run=_make)
    make.add_argument("out", type=Path)
    make.add_argument("--wheels", type=Path, help="where wheels from PyPI are kept (beside OUT, if not given)")
    make.add_argument("--big", type=int, metavar="N", help="make a channel `big` of N records instead")

    serve = commands.add_parser("serve", help="serve them until standard input ends")
    serve.set_defaults(run=_serve)
    serve.add_argument("out", type=Path)
    serve.add_argument("--port", type=int, default=0, help="any free one, if not given")
    serve.add_argument("--host", action="append", help="where to listen (127.0.0.1, if not given; repeatable)")
    serve.add_argument("--tls", nargs=2, type=Path, metavar=("CERTIFICATE", "KEY"), help="serve by HTTPS as well")
    serve.add_argument("--proxy", action="store_true", help="serve as a proxy as well; see proxy.py")
    serve.add_argument("--log", type=Path, help="a file for a line for each request")
    return parser.parse_args()


def _make(arguments: argparse.Namespace) -> None:
    if arguments.big:
        from big import write_big

        write_big(arguments.out / "big", arguments.big)
        return
    from catalogue import channels
    from index import index_all
    from package import write_all
    from wheels import Wheels

    wheels = Wheels(arguments.wheels or arguments.out.with_name(arguments.out.name + "-wheels"))
    wheels.fetch()
    for name, packages in channels(wheels).items():
        # What an earlier run has left would be indexed again.
        shutil.rmtree(arguments.out / name, ignore_errors=True)
        write_all(packages, arguments.out / name)
    index_all(arguments.out / name for name in ("lab", "extra"))


def _serve(arguments: argparse.Namespace) -> None:
    from serve import serve

    serve(
        arguments.out,
        hosts=arguments.host or ["127.0.0.1"],
        port=arguments.port,
        tls=arguments.tls,
        proxy=arguments.proxy,
        log=arguments.log,
    )


if __name__ == "__main__":
    code = main()
    sys.stdout.flush()
    # Threads of py-rattler 0.28.0 go on while the interpreter ends, and now and then crash it.
    os._exit(code)
