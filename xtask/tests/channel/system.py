"""The platforms of the channel, and what a package needs of the system below it."""

# The only one whose packages run. The others are there to be solved for, and have no programs in them.
RUNNING = "linux-64"
SUBDIRS = (RUNNING, "linux-aarch64", "osx-arm64")


def needs_of(subdir: str) -> tuple[str, ...]:
    # As conda-forge's packages say. Debian's files in truth want the glibc of Debian 12.
    return ("__osx >=11.0",) if subdir.startswith("osx") else ("__glibc >=2.17,<3.0.a0",)
