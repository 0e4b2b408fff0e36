//! Archives made by hand, read up to the report.

use std::fs;
use std::io::Read;
use std::path::Path;

use anyhow::Result;
use tempfile::TempDir;

use super::{Bytes, Compression, Layer, SavedImage, SizeReport};

/// A directory that becomes an archive.
struct Archive(TempDir);

impl Archive {
    fn new() -> Self {
        Self(TempDir::new().unwrap())
    }

    /// A layer with these files; a path with `/` at the end is a directory.
    fn layer(&self, place: &str, options: &[&str], files: &[(&str, &[u8])]) {
        let directory = TempDir::new().unwrap();
        for (path, contents) in files {
            write(&directory.path().join(path), contents);
        }
        let target = self.0.path().join(place);
        fs::create_dir_all(target.parent().unwrap()).unwrap();
        let mut tar = assert_cmd::Command::new("tar");
        tar.arg("--create").args(options).arg("--file").arg(&target).arg("--directory").arg(directory.path()).arg(".");
        tar.assert().success();
    }

    fn file(&self, path: &str, contents: &str) {
        write(&self.0.path().join(path), contents.as_bytes());
    }

    /// The description of an image whose layers were made by these instructions.
    fn describe(&self, layers: &[&str], steps: &[&str]) {
        let history: Vec<_> = steps.iter().map(|it| serde_json::json!({ "created_by": it })).collect();
        let empty = serde_json::json!({ "created_by": "CMD [\"python\"]", "empty_layer": true });
        let history: Vec<_> = history.into_iter().chain([empty]).collect();
        self.file("config.json", &serde_json::json!({ "history": history }).to_string());
        let manifest = serde_json::json!([{ "Config": "config.json", "Layers": layers }]);
        self.file("manifest.json", &manifest.to_string());
    }

    fn read(&self) -> Result<SavedImage> {
        let mut tar = assert_cmd::Command::new("tar");
        let output = tar.args(["--create", "--sort=name", "--directory"]).arg(self.0.path()).arg(".").output().unwrap();
        SavedImage::read(&mut output.stdout.as_slice(), decompressed)
    }

    fn report(&self) -> String {
        SizeReport::new(&self.read().unwrap()).lines("image").join("\n")
    }
}

fn write(path: &Path, contents: &[u8]) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, contents).unwrap();
}

fn decompressed(compression: Compression, layer: &mut dyn Read) -> Result<Layer> {
    let mut bytes = Vec::new();
    layer.read_to_end(&mut bytes)?;
    let output = assert_cmd::Command::new(compression.program()).arg("-dc").write_stdin(bytes).output()?;
    Layer::read(&mut output.stdout.as_slice())
}

const MEGABYTE: &[u8] = &[b'x'; 1_000_000];

#[test]
fn an_archive_of_docker_20_10_is_read() {
    let archive = Archive::new();
    archive.layer("aa/layer.tar", &[], &[("a", b"12345")]);
    archive.file("aa/json", "{}");
    archive.layer("bb/layer.tar", &[], &[("b", b"123")]);
    fs::create_dir(archive.0.path().join("cc")).unwrap();
    std::os::unix::fs::symlink("../bb/layer.tar", archive.0.path().join("cc/layer.tar")).unwrap();
    archive.describe(
        &["aa/layer.tar", "bb/layer.tar", "cc/layer.tar"],
        &["/bin/sh -c #(nop) ADD file:1 in / ", "RUN /bin/sh -c make  all\t&& rm x # buildkit", "/bin/sh -c true"],
    );
    let saved = archive.read().unwrap();
    let found: Vec<_> = saved.layers.iter().map(|it| (it.instruction.as_str(), it.layer.size())).collect();
    let expected = [("ADD file:1 in /", Bytes(5)), ("RUN make all && rm x", Bytes(3)), ("RUN true", Bytes(0))];
    assert_eq!(found, expected);
}

#[test]
fn an_archive_of_a_newer_docker_is_read_with_its_compressed_layers() {
    let archive = Archive::new();
    archive.layer("blobs/sha256/ff", &["--gzip"], &[("a", b"12345")]);
    archive.layer("blobs/sha256/00", &[], &[("b", b"123")]);
    archive.file("oci-layout", r#"{"imageLayoutVersion":"1.0.0"}"#);
    // Two steps that made the same are one file.
    archive.describe(&["blobs/sha256/ff", "blobs/sha256/00", "blobs/sha256/00"], &["one", "two", "three"]);
    let saved = archive.read().unwrap();
    assert_eq!(saved.layers.iter().map(|it| it.layer.size()).collect::<Vec<_>>(), [Bytes(5), Bytes(3), Bytes(0)]);
}

#[test]
fn an_archive_without_one_of_its_layers_is_refused() {
    let archive = Archive::new();
    archive.layer("aa/layer.tar", &[], &[("a", b"1")]);
    archive.describe(&["aa/layer.tar", "bb/layer.tar"], &["one", "two"]);
    assert_eq!(archive.read().unwrap_err().to_string(), "`docker save` left out the layer `bb/layer.tar`");
}

#[test]
fn what_a_later_layer_replaces_or_removes_is_found() {
    let archive = Archive::new();
    let files = [("opt/env/model", MEGABYTE), ("opt/cache/x", MEGABYTE), ("opt/cache/y", MEGABYTE), ("gone", MEGABYTE)];
    archive.layer("1", &[], &files);
    archive.layer("2", &[], &[("opt/env/model", MEGABYTE)]);
    archive.layer("3", &[], &[("opt/.wh.cache", b""), (".wh.gone", b"")]);
    archive.describe(&["1", "2", "3"], &["COPY a b", "RUN chown -R 1000 /opt", "RUN rm -r /opt/cache /gone"]);
    let report = archive.report();
    let replaced = "warning: 1.0 MB stored again in layer 2 (RUN chown -R 1000 /opt): /opt/env/model (1.0 MB)\n";
    assert!(report.contains(replaced), "{report}");
    let removed = "warning: 3.0 MB stored below and removed by layer 3 (RUN rm -r /opt/cache /gone): /gone (1.0 MB), ";
    assert!(report.contains(removed), "{report}");
    assert!(report.starts_with("image: 5.0 MB in 3 layers\n"), "{report}");
}

#[test]
fn what_is_put_into_an_emptied_directory_is_not_removed() {
    let archive = Archive::new();
    archive.layer("1", &[], &[("d/old", MEGABYTE)]);
    archive.layer("2", &[], &[("d/.wh..wh..opq", b""), ("d/var/cache/pip/new", MEGABYTE)]);
    archive.describe(&["1", "2"], &["one", "two"]);
    let report = archive.report();
    assert!(report.contains("1.0 MB stored below and removed by layer 2 (two): /d/old"), "{report}");
    assert!(report.contains("1.0 MB of pip's cache left in the image"), "{report}");
}

#[test]
fn packages_are_the_sum_of_their_files_and_no_file_counts_twice() {
    let archive = Archive::new();
    let site = "opt/env/lib/python3.12/site-packages";
    let record = "numpy/core.py,sha256=x,3\n../../../bin/f2py,,\n\"numpy/a,b\",,\nnumpy-2.1.dist-info/RECORD,,\n";
    let conda = r#"{"name":"mkl","version":"2024.0","files":["lib/libmkl.so","bin/f2py"]}"#;
    archive.layer(
        "1",
        &[],
        &[
            (&format!("{site}/numpy/core.py"), b"123"),
            (&format!("{site}/numpy/a,b"), b"1"),
            (&format!("{site}/numpy/__pycache__/core.cpython-312.opt-1.pyc"), b"1234"),
            (&format!("{site}/numpy-2.1.dist-info/RECORD"), record.as_bytes()),
            ("opt/env/bin/f2py", b"12345"),
            ("opt/env/lib/libmkl.so", b"1234567890"),
            ("opt/env/conda-meta/mkl-2024.0-0.json", conda.as_bytes()),
            ("usr/bin/less", b"1234567"),
            ("var/lib/dpkg/info/less:amd64.list", b"/.\n/usr\n/usr/bin\n/usr/bin/less\n"),
        ],
    );
    archive.describe(&["1"], &["one"]);
    let report = archive.report();
    let sizes = [format!("{} B  numpy 2.1 (Python)", 3 + 1 + 4 + record.len()), "15 B  mkl 2024.0 (conda)".to_owned()];
    for line in sizes.iter().map(String::as_str).chain(["7 B  less (apt)"]) {
        assert!(report.contains(line), "{line} in {report}");
    }
}

#[test]
fn bytecode_without_its_source_and_caches_are_found_when_they_are_worth_it() {
    let archive = Archive::new();
    let files = [
        ("a/__pycache__/kept.cpython-312.pyc", MEGABYTE),
        ("a/kept.py", b"" as &[u8]),
        ("a/__pycache__/gone.cpython-312.pyc", MEGABYTE),
        ("var/lib/apt/lists/main_Packages", MEGABYTE),
        ("root/.cache/uv/wheel", MEGABYTE),
        ("opt/conda/pkgs/x.conda", MEGABYTE),
        ("root/.cache/pip/small", b"1"),
    ];
    archive.layer("1", &[], &files);
    archive.describe(&["1"], &["one"]);
    let report = archive.report();
    for expected in ["bytecode in `__pycache__`", "apt's package lists", "uv's cache", "conda's packages"] {
        assert!(report.contains(&format!("warning: 1.0 MB of {expected}")), "{expected} in {report}");
    }
    assert!(!report.contains("pip's cache"));
}
