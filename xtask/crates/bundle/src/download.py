"""Fetches files by their digests: download.py REQUEST

REQUEST is a JSON file: {"directory": …, "files": [{"path", "url", "sha256"}, …]}. What is there already and right is kept.
Proxies are those of the environment, certificate authorities those of SSL_CERT_FILE, and logins those of NETRC.
"""

import concurrent.futures
import hashlib
import json
import netrc
import os
import sys
import urllib.parse
import urllib.request
from base64 import b64encode


def digest(path):
    hashed = hashlib.sha256()
    with open(path, "rb") as file:
        while block := file.read(1 << 16):
            hashed.update(block)
    return hashed.hexdigest()


def login(url):
    path = os.environ.get("NETRC") or os.path.expanduser("~/.netrc")
    try:
        found = netrc.netrc(path).hosts.get(urllib.parse.urlsplit(url).hostname)
    except (OSError, netrc.NetrcParseError):
        return {}
    if not found:
        return {}
    word = b64encode(f"{found[0]}:{found[2]}".encode()).decode()
    return {"Authorization": f"Basic {word}"}


class WithoutLogin(urllib.request.HTTPRedirectHandler):
    """Keeps a login from whoever a server sends us on to."""

    def redirect_request(self, request, *rest):
        following = super().redirect_request(request, *rest)
        if following is not None and following.host != request.host:
            following.remove_header("Authorization")
        return following


OPENER = urllib.request.build_opener(WithoutLogin)


def fetch(directory, file):
    path = os.path.join(directory, file["path"])
    if os.path.exists(path) and digest(path) == file["sha256"]:
        return
    os.makedirs(os.path.dirname(path), exist_ok=True)
    begun = path + ".begun"
    request = urllib.request.Request(file["url"], headers=login(file["url"]))
    with OPENER.open(request, timeout=60) as answer, open(begun, "wb") as out:
        while block := answer.read(1 << 16):
            out.write(block)
    found = digest(begun)
    if found != file["sha256"]:
        os.remove(begun)
        raise ValueError(f"its SHA-256 is {found}, and the lock says {file['sha256']}")
    os.replace(begun, path)


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        request = json.load(file)
    failed = False
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        tasks = [(it, pool.submit(fetch, request["directory"], it)) for it in request["files"]]
        for file, task in tasks:
            try:
                task.result()
            except (OSError, ValueError) as error:
                failed = True
                print(f"{file['url']}: {error}", file=sys.stderr)
    sys.exit(1 if failed else 0)


main()
