"""A server that answers kubectl as Kubernetes does, for tests: it keeps what it is given, and plays what a test wants.

    kubernetes.py FOLDER

It writes `address` and `kubeconfig` to the folder, and reads `play.json` from there, again for each request:

    {"pods": {"0": {"phase": "Running"}}, "job": {"conditions": []}, "logs": {"0": "text"}, "refuse": "quota exceeded"}

`pods` has the status of each pod of a job by its index, `job` that of the job, and `refuse` the words with which a job is refused.
"""

import json
import re
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

KINDS = {"pods": "Pod", "services": "Service", "configmaps": "ConfigMap", "jobs": "Job"}
VERBS = ["create", "delete", "get", "list", "patch", "update"]
GROUPS = {"/api/v1": ("v1", ["pods", "services", "configmaps"]), "/apis/batch/v1": ("batch/v1", ["jobs"])}
FOLDER = Path(sys.argv[1])
OBJECTS = {}


def play():
    file = FOLDER / "play.json"
    return json.loads(file.read_text()) if file.exists() else {}


def resources(version, names):
    entry = lambda name: {"name": name, "singularName": name[:-1], "namespaced": True, "kind": KINDS[name], "verbs": VERBS}
    return {"kind": "APIResourceList", "apiVersion": "v1", "groupVersion": version, "resources": [entry(it) for it in names]}


def discovery(path):
    if path == "/api":
        return {"kind": "APIVersions", "versions": ["v1"]}
    if path == "/apis":
        version = {"groupVersion": "batch/v1", "version": "v1"}
        group = {"name": "batch", "versions": [version], "preferredVersion": version}
        return {"kind": "APIGroupList", "apiVersion": "v1", "groups": [group]}
    if path == "/version":
        return {"major": "1", "minor": "37", "gitVersion": "v1.37.1"}
    if path in GROUPS:
        return resources(*GROUPS[path])
    return openapi(path)


def openapi(path):
    """As much of a description as kubectl looks for: that a server finds unknown fields."""
    if path == "/openapi/v3":
        return {"paths": {group[1:]: {"serverRelativeURL": f"/openapi/v3{group}?hash=1"} for group in GROUPS}}
    group = path.removeprefix("/openapi/v3")
    if group not in GROUPS:
        return None
    parameter = {"name": "fieldValidation", "in": "query", "schema": {"type": "string"}}
    version, names = GROUPS[group]
    of = lambda name: {"group": version.rpartition("/")[0], "version": "v1", "kind": KINDS[name]}
    patch = lambda name: {"parameters": [parameter], "responses": {}, "x-kubernetes-group-version-kind": of(name)}
    paths = {f"{group}/namespaces/{{namespace}}/{name}/{{name}}": {"patch": patch(name)} for name in names}
    return {"openapi": "3.0.0", "info": {"title": "a test", "version": "1"}, "paths": paths}


def pods_of(job):
    """The pods of an indexed job, as far as the play has them."""
    name, namespace = job["metadata"]["name"], job["metadata"]["namespace"]
    template = job["spec"]["template"]
    for index, status in play().get("pods", {}).items():
        index_name = "batch.kubernetes.io/job-completion-index"
        yield {
            "kind": "Pod",
            "apiVersion": "v1",
            "metadata": {
                "name": f"{name}-{index}-abcde",
                "namespace": namespace,
                "creationTimestamp": "2026-12-01T00:00:00Z",
                "labels": {**template["metadata"]["labels"], index_name: index},
                "annotations": {index_name: index},
            },
            "spec": {**template["spec"], "nodeName": "node-1"},
            "status": status,
        }


def kept(namespace, resource):
    jobs = [it for (where, what, _), it in OBJECTS.items() if where == namespace and what == "jobs"]
    if resource == "pods":
        return [pod for job in jobs for pod in pods_of(job)]
    if resource == "jobs":
        return [{**job, "status": play().get("job", {})} for job in jobs]
    return [it for (where, what, _), it in OBJECTS.items() if (where, what) == (namespace, resource)]


def selected(items, query):
    """Those that fit `a=b` and `a in (b,c)`, which have commas between them."""
    parts = re.findall(r"([^,= ]+)(?:=([^,]*)| in \(([^)]*)\))", query.get("labelSelector", [""])[0])
    wanted = {key: {value} if value else set(values.split(",")) for key, value, values in parts}
    labels = lambda item: item["metadata"].get("labels", {})
    return [it for it in items if all(labels(it).get(key) in values for key, values in wanted.items())]


def failure(code, reason, message):
    return code, {"kind": "Status", "apiVersion": "v1", "status": "Failure", "code": code, "reason": reason, "message": message}


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def answer(self):
        url = urlsplit(self.path)
        length = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(length)
        with (FOLDER / "requests").open("a") as log:
            log.write(f"{self.command} {url.path}\n")
        code, answer = self.respond(url.path, parse_qs(url.query), body)
        text = answer.encode() if isinstance(answer, str) else json.dumps(answer).encode()
        self.send_response(code)
        self.send_header("Content-Type", "text/plain" if isinstance(answer, str) else "application/json")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    do_GET = do_PATCH = do_POST = do_DELETE = answer

    def respond(self, path, query, body):
        found = discovery(path)
        if found is not None:
            return 200, found
        _, _, below = path.partition("/namespaces/")
        namespace, resource, name, *more = (below + "///").split("/")
        if resource not in KINDS:
            return failure(404, "NotFound", f"there is no {path}")
        key = (namespace, resource, name)
        items = selected(kept(namespace, resource), query)
        one = next((it for it in items if it["metadata"]["name"] == name), None)
        if self.command == "PATCH":
            return self.apply(key, json.loads(body))
        if not name:
            version = "batch/v1" if resource == "jobs" else "v1"
            return 200, {"kind": f"{KINDS[resource]}List", "apiVersion": version, "metadata": {}, "items": items}
        if one is None:
            return failure(404, "NotFound", f'{resource} "{name}" not found')
        if "log" in more:
            index = one["metadata"]["annotations"]["batch.kubernetes.io/job-completion-index"]
            return 200, play().get("logs", {}).get(index, "")
        if self.command == "DELETE":
            OBJECTS.pop(key, None)
            return 200, {"kind": "Status", "apiVersion": "v1", "status": "Success"}
        return 200, one

    def apply(self, key, given):
        refusal = play().get("refuse")
        if refusal and key[1] == "jobs":
            return failure(403, "Forbidden", f'jobs.batch "{key[2]}" is forbidden: {refusal}')
        is_new = key not in OBJECTS
        OBJECTS.setdefault(key, given)["metadata"]["uid"] = "-".join(key)
        return 201 if is_new else 200, OBJECTS[key]

    def log_message(self, *_):
        pass


def main():
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    address = f"http://127.0.0.1:{server.server_port}"
    config = {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": "test",
        "clusters": [{"name": "test", "cluster": {"server": address}}],
        "users": [{"name": "test", "user": {"token": "none"}}],
        "contexts": [{"name": "test", "context": {"cluster": "test", "user": "test"}}],
    }
    (FOLDER / "kubeconfig").write_text(json.dumps(config))
    (FOLDER / "address").write_text(address)
    server.serve_forever()


main()
