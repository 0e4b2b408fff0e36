//! What the output of a failed build or solver has to do with: lines of the lists, and system packages that are missing.

use std::fmt;

use project::AptStage;

use super::{AptList, AskedPackage, Intent};

/// A header, library or program that somebody has looked for in vain, and the system package that has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MissingFile {
    /// As it is called in the output, in lower case.
    pub name: &'static str,
    pub package: &'static str,
    pub stage: AptStage,
}

/// The table: names, the package, its list.
type Row = (&'static [&'static str], &'static str, AptStage);

/// What people miss most.
///
/// Sources: the installation notes of the packages that need them (psycopg2, mysqlclient, h5py, SciPy, python-soundfile, shapely,
/// pyproj, GDAL, mpi4py, PyAudio, lxml, cffi, OpenCV, PyTorch), and the lists of files of Debian's packages. Each package was
/// seen in Debian 12 by `apt-cache policy`.
const ROWS: [Row; 27] = [
    (&["python.h"], "python3-dev", AptStage::Build),
    (&["gcc", "g++", "cc1plus", "x86_64-linux-gnu-gcc", "aarch64-linux-gnu-gcc"], "build-essential", AptStage::Build),
    (&["gfortran"], "gfortran", AptStage::Build),
    (&["cmake"], "cmake", AptStage::Build),
    (&["ninja"], "ninja-build", AptStage::Build),
    (&["pkg-config", "pkgconfig"], "pkg-config", AptStage::Build),
    (&["git", "git executable"], "git", AptStage::Build),
    (&["swig"], "swig", AptStage::Build),
    (&["ffi.h"], "libffi-dev", AptStage::Build),
    (&["libpq-fe.h", "pg_config", "pg_config executable"], "libpq-dev", AptStage::Build),
    (&["mysql.h", "mysql_config", "mariadb_config"], "default-libmysqlclient-dev", AptStage::Build),
    (&["hdf5.h", "libhdf5.so"], "libhdf5-dev", AptStage::Build),
    (&["openblas", "-lopenblas", "cblas.h"], "libopenblas-dev", AptStage::Build),
    (&["sndfile.h"], "libsndfile1-dev", AptStage::Build),
    (&["geos_c.h", "geos-config"], "libgeos-dev", AptStage::Build),
    (&["proj.h"], "libproj-dev", AptStage::Build),
    (&["gdal.h", "gdal-config"], "libgdal-dev", AptStage::Build),
    (&["mpi.h", "mpicc"], "libopenmpi-dev", AptStage::Build),
    (&["portaudio.h"], "portaudio19-dev", AptStage::Build),
    (&["libxml/xmlversion.h", "xml2-config"], "libxml2-dev", AptStage::Build),
    (&["libxslt/xslt.h", "xslt-config"], "libxslt1-dev", AptStage::Build),
    (&["zlib.h", "-lz"], "zlib1g-dev", AptStage::Build),
    (&["bzlib.h"], "libbz2-dev", AptStage::Build),
    (&["lzma.h"], "liblzma-dev", AptStage::Build),
    (&["openssl/ssl.h", "openssl/opensslv.h"], "libssl-dev", AptStage::Build),
    (&["libgl.so.1"], "libgl1", AptStage::Runtime),
    (&["libgomp.so.1"], "libgomp1", AptStage::Runtime),
];

/// As with [`ROWS`], what the code calls by a library's name.
const LIBRARIES: [Row; 2] = [
    (&["libsndfile", "libsndfile.so", "libsndfile.so.1", "sndfile library"], "libsndfile1", AptStage::Runtime),
    (&["libportaudio.so.2", "portaudio library"], "libportaudio2", AptStage::Runtime),
];

/// How compilers, shells, CMake, Meson, Python and the dynamic linker say that there is no such file.
const MISSING: [&str; 10] = [
    "no such file",
    "not found",
    "could not find",
    "cannot find",
    "can't find",
    "did not find",
    "unable to find",
    "cannot open shared object file",
    "not installed",
    "cannot execute",
];

impl MissingFile {
    /// Those that an output names where it tells that something is missing, each package once.
    pub fn all_in(output: &str) -> Vec<Self> {
        let lines: Vec<String> = output.lines().map(str::to_lowercase).collect();
        let lines: Vec<&String> = lines.iter().filter(|it| MISSING.iter().any(|said| it.contains(said))).collect();
        let find = |(names, package, stage): &Row| {
            let name = names.iter().find(|name| lines.iter().any(|line| misses(line, name)))?;
            Some(Self { name, package, stage: *stage })
        };
        ROWS.iter().chain(&LIBRARIES).filter_map(find).collect()
    }

    /// The command that installs it on this machine itself.
    pub fn on_this_machine(&self) -> String {
        let Self { name, package, .. } = self;
        format!("`{name}` is in the package {package} of Debian and Ubuntu: sudo apt-get install {package}")
    }
}

/// What adds it to the images.
impl fmt::Display for MissingFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { name, package, stage } = self;
        let option = stage.file_name().trim_end_matches(".txt");
        write!(f, "`{name}` is in the package {package}: cargo xtask add --{option} {package}")
    }
}

impl Intent {
    /// The lines of the lists that ask for a package which the output names.
    pub fn lines_named_in<'a>(&self, output: impl IntoIterator<Item = &'a str>) -> Vec<AskedPackage> {
        let output: Vec<&str> = output.into_iter().collect();
        self.listed_packages().into_iter().filter(|it| output.iter().any(|line| it.is_named_in(line))).collect()
    }

    /// What the output misses and no list has.
    pub fn missing_in(&self, output: &str) -> Vec<MissingFile> {
        let is_listed = |file: &MissingFile| {
            let list = self.apt.get(&file.stage).into_iter().flat_map(AptList::iter);
            list.into_iter().any(|(package, _)| package.name == file.package)
        };
        MissingFile::all_in(output).into_iter().filter(|it| !is_listed(it)).collect()
    }
}

impl AskedPackage {
    /// Whether a line of some output has its name, in one of the spellings that tools give it.
    pub fn is_named_in(&self, line: &str) -> bool {
        let (name, line) = (self.name.to_lowercase(), line.to_lowercase());
        [&name, &name.replace(['_', '.'], "-")].into_iter().any(|it| has_word(&line, it))
    }
}

/// The place and the name, as a sentence ends with them.
impl fmt::Display for AskedPackage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.included {
            Some(file) => write!(f, "{file}:{}: `{}`", self.line, self.name),
            None => write!(f, "dependencies/{}:{}: `{}`", self.list.file(), self.line, self.name),
        }
    }
}

/// Whether a line that tells of something missing tells it of this file, or of this program or library: other files may be
/// missing where a program is named.
fn misses(line: &str, name: &str) -> bool {
    if name.contains('.') || name.starts_with('-') {
        return has_word(line, name);
    }
    let before = ["could not find ", "cannot find ", "can't find ", "unable to find ", "did not find "];
    let behind = [" not found", ": not found", ": command not found", " is not installed", ": cannot execute"];
    let quoted = ["'", "\"", "`"].map(|quote| format!("{quote}{name}{quote}"));
    let after = before.map(|it| format!("{it}{name}"));
    let ahead = behind.map(|it| format!("{name}{it}"));
    quoted.iter().any(|it| line.contains(it)) || after.iter().chain(&ahead).any(|it| has_word(line, it))
}

/// Whether a line has a name as a whole.
fn has_word(line: &str, name: &str) -> bool {
    let is_part = |it: char| it.is_alphanumeric() || matches!(it, '-' | '_' | '.' | '/');
    line.match_indices(name).any(|(start, _)| {
        let (before, after) = (&line[..start], &line[start + name.len()..]);
        !before.ends_with(is_part) && !after.starts_with(|it| is_part(it) && it != '.')
    })
}

#[cfg(test)]
mod tests {
    use report::{Findings, Source};

    use super::*;

    fn packages(output: &str) -> Vec<&'static str> {
        MissingFile::all_in(output).iter().map(|it| it.package).collect()
    }

    #[test]
    fn a_package_is_named_by_its_whole_name() {
        assert!(has_word("E: Unable to locate package nosuch", "nosuch"));
        assert!(has_word("  × Failed to build `psutil==7.0`", "psutil"));
        assert!(!has_word("E: Unable to locate package nosuch-dev", "nosuch"));
        assert!(!has_word("error in /usr/lib/psutil/x.c", "psutil"));
    }

    #[test]
    fn what_compilers_and_scripts_miss_is_found() {
        for (output, package) in [
            ("x.c:1:10: fatal error: Python.h: No such file or directory", "python3-dev"),
            ("x.c:1:10: fatal error: 'ffi.h' file not found", "libffi-dev"),
            ("Error: pg_config executable not found.", "libpq-dev"),
            ("/bin/sh: 1: mysql_config: not found", "default-libmysqlclient-dev"),
            ("error: command 'x86_64-linux-gnu-gcc' failed: No such file or directory", "build-essential"),
            ("FileNotFoundError: [Errno 2] No such file or directory: 'cmake'", "cmake"),
            ("../meson.build:1:0: ERROR: Dependency \"OpenBLAS\" not found, tried pkgconfig", "libopenblas-dev"),
            ("/usr/bin/ld: cannot find -lz: No such file or directory", "zlib1g-dev"),
            ("x.c:2: fatal error: libxml/xmlversion.h: No such file or directory", "libxml2-dev"),
            ("ImportError: libGL.so.1: cannot open shared object file: No such file or directory", "libgl1"),
            ("OSError: sndfile library not found", "libsndfile1"),
            ("  Git executable not found. Ensure that Git is installed and available.", "git"),
            ("sh: 1: gfortran: not found", "gfortran"),
            ("fatal error: openssl/ssl.h: No such file or directory", "libssl-dev"),
        ] {
            assert!(packages(output).contains(&package), "{output}: {:?}", packages(output));
        }
    }

    #[test]
    fn what_is_only_mentioned_is_not_missing() {
        for output in [
            "gcc -I/usr/include/python3.12 -c x.c",
            "including Python.h",
            "x.c:1: fatal error: my_ffi.h: No such file or directory",
            "error: /opt/gfortran/x not found",
            "collecting cmake",
            "gcc: error: x.c: No such file or directory",
            "ninja: error: loading 'build.ninja': No such file or directory",
            "fatal: git fetch: remote: Repository not found",
        ] {
            assert_eq!(packages(output), Vec::<&str>::new(), "{output}");
        }
    }

    #[test]
    fn what_is_listed_already_is_not_advised() {
        let source = Source::new("apt-build.txt", "libpq-dev\n");
        let list = AptList::parse(&source, &mut Findings::default());
        let intent = Intent { apt: [(AptStage::Build, list)].into_iter().collect(), ..Intent::default() };
        let output = "pg_config: not found\nffi.h: No such file";
        let advice: Vec<String> = intent.missing_in(output).iter().map(ToString::to_string).collect();
        assert_eq!(advice, ["`ffi.h` is in the package libffi-dev: cargo xtask add --apt-build libffi-dev"]);
    }

    #[test]
    fn every_name_is_looked_for_in_lower_case() {
        let rows = || ROWS.iter().chain(&LIBRARIES);
        assert!(rows().flat_map(|it| it.0).all(|it| *it == it.to_lowercase()));
        let mut packages: Vec<&str> = rows().map(|it| it.1).collect();
        packages.sort_unstable();
        packages.dedup();
        assert_eq!(packages.len(), rows().count(), "each package has one row");
    }
}
