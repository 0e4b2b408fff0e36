# Prints the addresses of all that is locked for a platform, and installs what is conda's.
import asyncio
import os
import sys
import tempfile
from pathlib import Path

from rattler import LockFile, install

file, name, prefix = sys.argv[1:]
lock = LockFile.from_path(Path(file))
platform = next(each for each in lock.platforms() if each.name == name)
packages = lock.default_environment().packages(platform)
records = [package.repo_data_record() for package in packages if hasattr(package, "repo_data_record")]
with tempfile.TemporaryDirectory() as cache:
    asyncio.run(install(records, prefix, cache_dir=cache, show_progress=False))
for package in packages:
    print(package.location)
sys.stdout.flush()
# Threads of py-rattler 0.28.0 go on while the interpreter ends, and now and then crash it.
os._exit(0)
