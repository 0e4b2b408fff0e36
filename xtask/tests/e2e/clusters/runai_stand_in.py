"""Stands in for `runai`: takes the options that version 2 has, and no others, makes of them the request that the server would be
sent, and has Run:ai's own models check it. What it is asked is kept in the folder RUNAI_FOLDER, a line for each call."""

import argparse
import json
import os
import re
import sys
from pathlib import Path

FOLDER = Path(os.environ["RUNAI_FOLDER"])
REFERENCE = Path(os.environ["RUNAI_REFERENCE"])


def options(kind):
    parser = argparse.ArgumentParser(allow_abbrev=False)
    parser.add_argument("name")
    for line in REFERENCE.read_text().splitlines():
        where, option, value = line.split()
        if where == kind:
            parser.add_argument(option, **({"action": "append"} if value == "value" else {"action": "store_true"}))
    return parser


def pairs(text):
    """`a=b,c=d,e` as a mapping."""
    return {key: value or True for key, _, value in (it.partition("=") for it in text.split(","))}


def seconds(text):
    return int(re.fullmatch(r"(\d+)s", text)[1])


def request(kind, given, command):
    one = lambda name, change=str: change(getattr(given, name)[0]) if getattr(given, name, None) else None
    each = lambda name: getattr(given, name) or []
    variables = [it.partition("=") for it in each("environment")]
    claims = [pairs(it) for it in each("existing_pvc")]
    folders = [pairs(it) for it in each("host_path")]
    said = lambda mapping: {key: value for key, value in mapping.items() if value not in (None, [], {})}
    compute = {
        "cpuCoreRequest": one("cpu_core_request", float),
        "cpuMemoryRequest": one("cpu_memory_request"),
        "cpuMemoryLimit": one("cpu_memory_limit"),
        "gpuDevicesRequest": one("gpu_devices_request", int),
        "gpuRequestType": one("gpu_request_type"),
        "gpuPortionRequest": one("gpu_portion_request", float),
        "largeShmRequest": given.large_shm or None,
    }
    storage = {
        "pvc": [{"existingPvc": True, "claimName": it["claimname"], "path": it["path"]} for it in claims],
        "hostPath": [{"path": it["path"], "mountPath": it["mount"], "readOnly": "readwrite" not in it} for it in folders],
        "configMapVolume": [{"configMap": it["name"], "mountPath": it["path"]} for it in map(pairs, each("configmap_map_volume"))],
        "secretVolume": [{"secret": it["name"], "mountPath": it["path"]} for it in map(pairs, each("secret_volume"))],
    }
    security = {
        "uidGidSource": "custom",
        "runAsUid": one("run_as_uid", int),
        "runAsGid": one("run_as_gid", int),
        "supplementalGroups": one("supplemental_groups"),
    }
    spec = {
        "image": one("image"),
        "imagePullPolicy": one("image_pull_policy"),
        "command": command,
        "workingDir": one("working_dir"),
        "environmentVariables": [{"name": name, "value": value} for name, _, value in variables],
        "labels": [{"name": it.partition("=")[0], "value": it.partition("=")[2]} for it in each("label")],
        "nodePools": each("node_pools"),
        "nodeType": one("node_type"),
        "compute": said(compute),
        "storage": said(storage),
        "security": said(security),
        "backoffLimit": one("backoff_limit", int),
        "autoDeletionTimeAfterCompletionSeconds": one("auto_deletion_time_after_completion", seconds),
    }
    if kind == "standard":
        spec["terminationGracePeriodSeconds"] = one("termination_grace_period", seconds)
    else:
        spec["numWorkers"] = one("workers", int)
        spec["distributedFramework"] = "PyTorch"
    return {"name": given.name, "projectId": "1", "clusterId": "00000000-0000-0000-0000-000000000000", "spec": said(spec)}


def check(kind, body):
    from runai.models.distributed_creation_request import DistributedCreationRequest
    from runai.models.training_creation_request import TrainingCreationRequest

    model = TrainingCreationRequest if kind == "standard" else DistributedCreationRequest
    read = model.from_dict(body).to_dict()
    lost = lost_keys(body, read)
    if lost:
        sys.exit(f"Run:ai has no {', '.join(lost)}")


def lost_keys(given, read, place=""):
    """What a model has not taken over, because it does not know it."""
    if isinstance(given, dict):
        return [it for key, value in given.items() for it in lost_keys(value, (read or {}).get(key), f"{place}.{key}")]
    if isinstance(given, list):
        return [it for index, value in enumerate(given) for it in lost_keys(value, (read or [None] * len(given))[index], place)]
    return [place] if given is not None and read is None else []


def main():
    training, kind, verb, *rest = sys.argv[1:]
    with (FOLDER / "calls").open("a") as log:
        log.write(json.dumps(sys.argv[1:]) + "\n")
    if verb == "submit":
        place = rest.index("--")
        given = options(kind).parse_args(rest[:place])
        refusal = FOLDER / "refuse"
        if refusal.exists() and given.name.endswith(refusal.read_text()):
            sys.exit("the project is over its quota")
        body = request(kind, given, " ".join(rest[place + 1 :]))
        check(kind, body)
        (FOLDER / f"{given.name}.json").write_text(json.dumps(body))
    elif verb == "logs":
        print(f"the output of {rest[0]}")


main()
