# Started as `conda create --file LIST --prefix PREFIX …` and `conda run --prefix PREFIX COMMAND…`.
import json
import subprocess
import sys
from pathlib import Path

verb, *arguments = sys.argv[1:]
if verb == "--version":
    print("conda 26.9.0")
    sys.exit(0)
prefix = Path(arguments[arguments.index("--prefix") + 1])
if verb == "run":
    program, *words = arguments[arguments.index("--prefix") + 2 :]
    sys.exit(subprocess.run([prefix / "bin" / program, *words]).returncode)
lines = Path(arguments[arguments.index("--file") + 1]).read_text().splitlines()
request = {
    "prefix": str(prefix),
    "platform": "linux-64",
    "packages": [line for line in lines if "://" in line and not line.startswith("#")],
    "cache": str(prefix.with_name("cache")),
}
sys.exit(subprocess.run([sys.executable, ENGINE, "install"], input=json.dumps(request), text=True).returncode)
