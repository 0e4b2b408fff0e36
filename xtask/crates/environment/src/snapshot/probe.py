"""Prints what is installed in the environment of the Python that runs this, as one JSON document.

    python -I -c PROBE [--files] [--all-apt] [APT-PACKAGE…]

Only the environment's own site-packages count: not the user's, not PYTHONPATH's, not those of a Python that a
virtual environment was made from. importlib.metadata is not used: it parses each package's description, too, which
is most of the text. Python 3.8 or newer, the standard library only. What cannot be read is told in "problems" and
left out; the probe itself does not fail over it.
"""

import base64
import csv
import hashlib
import json
import os
import platform
import re
import sys
import sysconfig

PROBLEMS = []

# The packages whose files are not all there.
LOST = []


def problem(path, why):
    PROBLEMS.append({"path": path, "message": str(why)})


def text_of(path):
    """The text of a file, or None where there is none; bytes that are not UTF-8 become U+FFFD."""
    try:
        with open(path, "rb") as file:
            return file.read().decode("utf-8", "replace")
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        problem(path, error)
        return None


def json_of(path):
    text = text_of(path)
    if text is None:
        return None
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        problem(path, error)
        return None


def note_lost(package, directory, files):
    """Notes which files that were installed are gone. Bytecode is made anew."""
    files = [it for it in files if isinstance(it, str) and it and not it.endswith(".pyc")]
    lost = [it for it in files if not os.path.lexists(os.path.join(directory, it))]
    if lost:
        LOST.append({"package": package, "count": len(lost), "first": lost[0]})


def normalised(name):
    return re.sub(r"[-_.]+", "-", name).lower()


def text_in(mapping, key):
    value = mapping.get(key)
    return value if isinstance(value, str) and value else None


# conda

METADATA_FOLDER = re.compile(r"site-packages/([^/]+)\.(?:dist-info|egg-info)(?:/|$)")


def conda_record(record, with_files):
    requested = record.get("requested_specs")
    if not isinstance(requested, list) or not requested:
        requested = [record.get("requested_spec")]
    files = record.get("files")
    folders = set()
    for file in files if isinstance(files, list) else ():
        if "-info" in file:
            match = METADATA_FOLDER.search(file)
            if match:
                folders.add(match.group(1))
    result = {key: text_in(record, key) for key in ("name", "version", "channel", "subdir", "url", "md5", "sha256")}
    result["build"] = text_in(record, "build") or text_in(record, "build_string")
    result["requested"] = [it for it in requested if isinstance(it, str) and it and it != "None"]
    depends = record.get("depends")
    result["depends"] = [it for it in depends if isinstance(it, str)] if isinstance(depends, list) else []
    result["metadata"] = sorted(folders)
    result["licence"] = {"text": text_in(record, "license")}
    size = record.get("size")
    result["size"] = size if isinstance(size, int) and size >= 0 else None
    if with_files:
        result["files"], result["edited"] = conda_files(record)
    note_lost(result["name"], sys.prefix, files if isinstance(files, list) else ())
    return result


# Where a prefix stood while a package without a place of its own for it was made.
PLACEHOLDER = b"/placeholder"

# How scripts name their interpreter depends on how long its path is.
INTERPRETER = re.compile(rb"\A#![^\n]*\n(?:'''exec'[^\n]*\n(?:' '''\n)?)?")


def conda_files(record):
    """The digests of a package's files, by their path, the same wherever the environment lies; and the paths of those that
    are not what they were when they were installed. Bytecode is left out, and a file that is gone is not in the answer.
    """
    data = record.get("paths_data")
    entries = data.get("paths") if isinstance(data, dict) else None
    if not isinstance(entries, list):
        # Old records have no digests.
        files = record.get("files")
        entries = [{"_path": it} for it in files] if isinstance(files, list) else []
    entries = [it for it in entries if isinstance(it, dict) and text_in(it, "_path") and is_compared(it)]
    answers = each_in_parallel(conda_file, entries)
    files = {entry["_path"]: digest for entry, (digest, _) in zip(entries, answers) if digest}
    return files, [entry["_path"] for entry, (_, is_edited) in zip(entries, answers) if is_edited]


def is_compared(entry):
    path = entry["_path"]
    # A program that has a prefix in it is signed anew for each on macOS.
    is_signed = sys.platform == "darwin" and entry.get("file_mode") == "binary"
    return not path.endswith(".pyc") and not path.startswith("conda-meta/") and not is_signed


def conda_file(entry):
    """The digest of a file as it would be in any prefix, and whether the file was edited."""
    path = os.path.join(sys.prefix, entry["_path"])
    if os.path.islink(path):
        return sha256(without_prefix(os.fsencode(os.readlink(path)), PLACEHOLDER)), False
    if os.path.isdir(path):
        return None, False
    placeholder = text_in(entry, "prefix_placeholder")
    if not placeholder and "entry_point" not in str(entry.get("path_type")):
        digest = digest_of(path)
        digest = digest and digest.hex()
        return digest, is_other(digest, text_in(entry, "sha256"))
    data = bytes_of(path)
    if data is None:
        return None, False
    is_edited = is_other(sha256(data), text_in(entry, "sha256_in_prefix" if placeholder else "sha256"))
    placeholder = os.fsencode(placeholder) if placeholder else PLACEHOLDER
    as_built = binary_as_built if entry.get("file_mode") == "binary" else text_as_built
    return sha256(as_built(data, placeholder)), is_edited


def is_other(digest, recorded):
    return bool(digest and recorded) and digest != recorded


def sha256(data):
    return hashlib.sha256(data).hexdigest()


def without_prefix(data, placeholder):
    return data.replace(os.fsencode(sys.prefix), placeholder)


def text_as_built(data, placeholder):
    return INTERPRETER.sub(b"", without_prefix(data, placeholder))


def binary_as_built(data, placeholder):
    """A text in a binary file ends with NUL. It was filled up with more of them, for each prefix that is shorter."""
    prefix = os.fsencode(sys.prefix)
    growth = max(len(placeholder) - len(prefix), 0)

    def as_built(match):
        text, filling = match.groups()
        return text.replace(prefix, placeholder) + filling[growth * text.count(prefix) :]

    return re.sub(rb"(%b[^\0]*)(\0*)" % re.escape(prefix), as_built, data)


def conda_records(prefix, with_files):
    folder = os.path.join(prefix, "conda-meta")
    records = []
    try:
        names = sorted(os.listdir(folder))
    except OSError:
        return records
    for name in names:
        path = os.path.join(folder, name)
        record = json_of(path) if name.endswith(".json") else None
        if isinstance(record, dict) and text_in(record, "name") and text_in(record, "version"):
            records.append(conda_record(record, with_files))
        elif name.endswith(".json"):
            problem(path, "not a record of a package")
    return records


def assumed_system(prefix):
    """What was assumed of the system, as our installer has noted it beside the records."""
    noted = json_of(os.path.join(prefix, "conda-meta", "xtask"))
    packages = noted.get("virtual_packages") if isinstance(noted, dict) else None
    if not isinstance(packages, list):
        return []
    form = "{name} {version}={build} from {origin}".format
    return [form(**dict({"origin": "the environment"}, **it)) for it in packages if isinstance(it, dict)]


# Python

def headers(text):
    """The headers of a METADATA or PKG-INFO file, up to the blank line, by their lower-case name."""
    result = {}
    values = None
    # A licence in a header has lines of blanks alone, and its characters may include what splitlines() splits at.
    for line in text.split("\n"):
        line = line.rstrip("\r")
        if not line:
            break
        if line[0] in " \t":
            if values:
                values[-1] += " " + line.strip()
            continue
        name, colon, value = line.partition(":")
        if not colon:
            break
        values = result.setdefault(name.strip().lower(), [])
        values.append(value.strip())
    return result


def metadata_in(path):
    """The text of the metadata of a distribution's folder; an egg-info may also be a file."""
    if path.endswith(".dist-info"):
        return text_of(os.path.join(path, "METADATA"))
    if os.path.isdir(path):
        return text_of(os.path.join(path, "PKG-INFO"))
    return text_of(path)


def requires_of_egg(path):
    """The requirements of an egg-info folder, which has them in a file of sections instead of headers."""
    requires, extras, marker = [], [], None
    for line in (text_of(os.path.join(path, "requires.txt")) or "").splitlines():
        line = line.strip()
        if line.startswith("[") and line.endswith("]"):
            extra, _, condition = line[1:-1].partition(":")
            parts = ["(%s)" % condition] if condition else []
            if extra:
                extras.append(extra)
                parts.append('extra == "%s"' % extra)
            marker = " and ".join(parts)
        elif line:
            requires.append("%s; %s" % (line, marker) if marker else line)
    return requires, extras


def bytes_of(path):
    """The contents of a file, or None where there is none."""
    try:
        with open(path, "rb") as file:
            return file.read()
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        problem(path, error)
        return None


def each_in_parallel(work, items):
    """The answers for all, in their order. Digests are made outside of the interpreter's lock."""
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        return list(pool.map(work, items))


def digest_of(path):
    """The SHA-256 of a file, as bytes, or None where there is none."""
    digest = hashlib.sha256()
    try:
        with open(path, "rb") as file:
            for piece in iter(lambda: file.read(1 << 20), b""):
                digest.update(piece)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        problem(path, error)
        return None
    return digest.digest()


def files_of(path):
    """The digests of the installed files whose bytes do not depend on who installed them, and where, by their path; and
    the paths of those that are not what they were then.

    RECORD names them, and has a digest of each that was not made here, such as bytecode. Its digests are what the files
    were; those here are what they are. Scripts outside of site-packages begin with the path of the interpreter, and what
    stands in the distribution's own folder names the installer. A file that is gone is not in the answer.
    """
    directory, own = os.path.split(path)
    rows = csv.reader((text_of(os.path.join(path, "RECORD")) or "").splitlines())
    rows = [it for it in rows if len(it) > 1 and it[1] and not it[0].startswith(("..", "/", own + "/"))]
    files, edited = {}, []
    for row, digest in zip(rows, each_in_parallel(digest_of, [os.path.join(directory, it[0]) for it in rows])):
        if digest:
            files[row[0]] = digest.hex()
            # Source: the PyPA's "Recording installed projects", "The RECORD file".
            recorded = base64.urlsafe_b64encode(digest).decode("ascii").rstrip("=")
            if row[1].startswith("sha256=") and row[1] != "sha256=" + recorded:
                edited.append(row[0])
    return files, edited


def distribution(path, owned, with_files):
    metadata = metadata_in(path)
    stem = os.path.basename(path).rsplit(".", 1)[0]
    if metadata is None:
        problem(path, "a distribution without metadata")
        return None
    fields = headers(metadata)
    one = lambda name: next((it for it in fields.get(name, ()) if it), None)
    name, version = one("name"), one("version")
    if not name or not version:
        problem(path, "metadata without a name or version")
        return None
    requires, extras = fields.get("requires-dist", []), fields.get("provides-extra", [])
    if not requires and path.endswith(".egg-info"):
        requires, extras = requires_of_egg(path)
    installer = (text_of(os.path.join(path, "INSTALLER")) or "").strip() or None
    is_condas = installer == "conda" or (stem in owned and installer != "uv")
    direct_url = json_of(os.path.join(path, "direct_url.json"))
    wheel = headers(text_of(os.path.join(path, "WHEEL")) or "") if path.endswith(".dist-info") else {}
    result = {
        "name": name,
        "version": version,
        "installer": "conda" if is_condas else installer,
        # What a package of conda was built from is a directory of the machine that built it.
        "direct_url": direct_url if isinstance(direct_url, dict) and not is_condas else None,
        "requires": requires,
        "extras": extras,
        "tags": wheel.get("tag", []),
        "licence": {
            "expression": one("license-expression"),
            "text": one("license"),
            "classifiers": [it for it in fields.get("classifier", ()) if it.startswith("License ::")],
        },
        "build": next(iter(wheel.get("build", ())), None),
    }
    # The record of conda's package has the files of the distributions in it.
    if not (is_condas and stem in owned):
        if with_files:
            result["files"], result["edited"] = files_of(path)
        record = csv.reader((text_of(os.path.join(path, "RECORD")) or "").splitlines())
        note_lost(normalised(name), os.path.dirname(path), [row[0] for row in record if row])
    return result


def linked_distribution(path):
    """The distribution of an .egg-link file, which is what `setup.py develop` leaves."""
    directory = (text_of(path) or "").split("\n")[0].strip()
    try:
        eggs = sorted(it for it in os.listdir(directory) if it.endswith(".egg-info")) if directory else []
    except OSError as error:
        problem(path, error)
        return None
    found = distribution(os.path.join(directory, eggs[0]), (), False) if eggs else None
    if found:
        found["direct_url"] = {"url": "file://" + directory, "dir_info": {"editable": True}}
    return found


def site_directories():
    directories = []
    for scheme in ("purelib", "platlib"):
        path = os.path.realpath(sysconfig.get_path(scheme))
        if path not in directories:
            directories.append(path)
    return directories


def distributions(owned, with_files):
    found = {}
    for directory in site_directories():
        try:
            names = sorted(os.listdir(directory))
        except OSError as error:
            problem(directory, error)
            continue
        for name in names:
            path = os.path.join(directory, name)
            if name.startswith("~"):
                # pip renames what it is about to remove, and leaves it so when it is stopped.
                continue
            if name.endswith((".dist-info", ".egg-info")):
                it = distribution(path, owned, with_files)
            elif name.endswith(".egg-link"):
                it = linked_distribution(path)
            else:
                continue
            if it is None:
                continue
            key = normalised(it["name"])
            if key in found:
                problem(path, "a second distribution of the name %s" % key)
                # What pip or uv has put over conda's is what counts.
                if it["installer"] == "conda":
                    continue
            found[key] = it
    return [found[key] for key in sorted(found)]


# The interpreter and the machine

def implementation_version():
    info = sys.implementation.version
    version = "%d.%d.%d" % (info.major, info.minor, info.micro)
    return version if info.releaselevel == "final" else "%s%s%d" % (version, info.releaselevel[0], info.serial)


def interpreter():
    return {
        "version": platform.python_version(),
        "implementation": platform.python_implementation(),
        "prefix": sys.prefix,
        # Source: the PyPA's "Dependency specifiers", "Environment Markers".
        "markers": {
            "implementation_name": sys.implementation.name,
            "implementation_version": implementation_version(),
            "os_name": os.name,
            "platform_machine": platform.machine(),
            "platform_python_implementation": platform.python_implementation(),
            "platform_release": platform.release(),
            "platform_system": platform.system(),
            "platform_version": platform.version(),
            "python_full_version": platform.python_version(),
            "python_version": ".".join(platform.python_version_tuple()[:2]),
            "sys_platform": sys.platform,
        },
    }


def libc():
    try:
        version = os.confstr("CS_GNU_LIBC_VERSION")
    except (AttributeError, ValueError, OSError):
        version = None
    if version:
        return version
    is_musl = any(os.path.exists("/lib/ld-musl-%s.so.1" % it) for it in ("x86_64", "aarch64"))
    return "musl" if is_musl else None


APT_FIELDS = ("Package", "Version", "Architecture", "db:Status-Abbrev", "source:Package", "source:Version")


def apt_packages(names, every):
    """Those of the names that are installed, or every package that is."""
    if not names and not every:
        return []
    import subprocess

    form = "\t".join("${%s}" % it for it in APT_FIELDS) + "\n"
    try:
        output = subprocess.run(
            ["dpkg-query", "--show", "--showformat", form, "--"] + names,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            # It exits with 1 when it does not know one of the names, and tells the others.
            stderr=subprocess.DEVNULL,
            env=dict(os.environ, LC_ALL="C"),
        ).stdout
    except OSError as error:
        problem("dpkg-query", error)
        return []
    rows = (line.split("\t") for line in output.decode("utf-8", "replace").splitlines())
    rows = sorted(row for row in rows if len(row) == len(APT_FIELDS) and row[3].startswith(("ii", "hi")))
    return [
        {"name": row[0], "version": row[1], "architecture": row[2], "source": row[4], "source_version": row[5]}
        for row in rows
    ]


def distribution_of_linux():
    """The distribution and its release, such as `debian` and `12`, as os-release(5) has them."""
    import shlex

    fields = {}
    for line in (text_of("/etc/os-release") or "").splitlines():
        name, _, value = line.partition("=")
        try:
            fields[name] = "".join(shlex.split(value))
        except ValueError:
            continue
    return {"id": text_in(fields, "ID"), "release": text_in(fields, "VERSION_ID")}


def main(arguments):
    with_files, every_apt = "--files" in arguments, "--all-apt" in arguments
    conda = conda_records(sys.prefix, with_files)
    owned = {folder for record in conda for folder in record["metadata"]}
    python = distributions(owned, with_files)
    snapshot = {
        "format": 1,
        "interpreter": interpreter(),
        "platform": {"machine": platform.machine(), "system": platform.system(), "libc": libc()},
        "conda": conda,
        "system": assumed_system(sys.prefix),
        "distributions": python,
        "apt": apt_packages([it for it in arguments if not it.startswith("-")], every_apt),
        "release": distribution_of_linux() if every_apt else None,
        "lost": LOST,
        "problems": PROBLEMS,
    }
    sys.stdout.write(json.dumps(snapshot) + "\n")


main(sys.argv[1:])
