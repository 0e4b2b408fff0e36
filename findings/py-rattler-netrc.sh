#!/usr/bin/env bash
# py-rattler 0.28.0 (PyPI) reads no netrc file as soon as its configuration names a file of credentials.
#
# Credentials are looked for in several places, one after the other: a file of rattler's own, the keyring, a netrc file. The file
# can be named by the key `authentication-override-file` of the configuration or by the variable RATTLER_AUTH_FILE, and one
# expects that these are two ways to say the same. By the variable, hosts that are not in the file are looked up in the netrc
# file; by the key they are not, and a server that the netrc file has a login for answers 401.
#
# Seen with py-rattler 0.28.0 on Python 3.11.
# What it means here: the tokens of channels reach the solver and the build by the variable (`xtask/conda/network.py`),
# because logins for other hosts come by netrc.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv tools
tools/bin/pip install --quiet --disable-pip-version-check py-rattler==0.28.0
echo '{"elsewhere.example": {"CondaToken": "t"}}' >credentials.json
echo 'machine 127.0.0.1 login ada password word' >netrc
chmod 600 netrc

cat >server.py <<'EOF'
"""An empty channel behind a login."""
import base64
import http.server

EXPECTED = "Basic " + base64.b64encode(b"ada:word").decode()
REPODATA = b'{"info": {"subdir": "noarch"}, "packages": {}, "packages.conda": {}, "repodata_version": 1}'


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        is_known = self.headers.get("Authorization") == EXPECTED
        found = self.path.endswith("/noarch/repodata.json")
        self.send_response(401 if not is_known else 200 if found else 404)
        body = REPODATA if is_known and found else b""
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_HEAD = do_GET

    def log_message(self, *_: object) -> None:
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
print(server.server_port, flush=True)
server.serve_forever()
EOF

cat >try.py <<'EOF'
import asyncio
import os
import sys
import tempfile

from rattler import Channel, Gateway
from rattler.config import Config
from rattler.networking.client import Client
from rattler.repo_data.gateway import SourceConfig

port, how = sys.argv[1:]


async def main() -> None:
    text = 'authentication-override-file = "credentials.json"' if how == "key" else ""
    client = Client.from_config(Config.from_toml(text))
    plain = SourceConfig(sharded_enabled=False)
    gateway = Gateway(cache_dir=tempfile.mkdtemp(), client=client, default_config=plain, show_progress=False)
    try:
        await gateway.names([Channel(f"http://127.0.0.1:{port}/lab")], platforms=["noarch"])
        print(how, "200")
    except Exception as error:
        print(how, "401" if "401" in str(error) else error)


asyncio.run(main())
sys.stdout.flush()
os._exit(0)
EOF

python3 server.py >port &
server=$!
trap 'kill "$server"; rm -rf "$folder"' EXIT
until [[ -s port ]]; do sleep 0.1; done
export NETRC=$folder/netrc HOME=$folder NO_PROXY=127.0.0.1
seen=$(
    tools/bin/python try.py "$(cat port)" neither
    RATTLER_AUTH_FILE=credentials.json tools/bin/python try.py "$(cat port)" variable
    tools/bin/python try.py "$(cat port)" key
)
expected="neither 200
variable 200
key 401"

if [[ $seen != "$expected" ]]; then
    printf 'it has changed; seen now:\n%s\n' "$seen"
    exit 1
fi
printf '%s\n' "$seen"
