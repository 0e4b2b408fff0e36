//! Files before and after.

use report::Source;
use specs::python::PipLine;

use super::*;

const FILE: &str = "environment.yml";

/// What is installed, as lines of both lists: `conda name version`, `pip name version-or-URL`.
#[derive(Default)]
struct Here {
    pins: Pins,
    added: Vec<AddedSpec>,
    transitive: Option<Vec<AddedSpec>>,
}

fn package(line: &str) -> AddedSpec {
    let [list, name, what] = line.split_whitespace().collect::<Vec<_>>()[..] else { panic!("{line}") };
    let (name, what) = (name.to_owned(), what.to_owned());
    match (list, what.contains("://")) {
        ("conda", _) => AddedSpec::Conda { channel: None, name, version: what },
        (_, true) => AddedSpec::Pip { name, pin: Pin::Url(what) },
        (_, false) => AddedSpec::Pip { name, pin: Pin::Version(what) },
    }
}

fn file(text: &str) -> EnvironmentFile {
    EnvironmentFile::parse(Source::new(FILE, text))
}

fn packages(lines: &[&str]) -> Vec<AddedSpec> {
    lines.iter().map(|it| package(it)).collect()
}

impl Here {
    fn with(lines: &[&str]) -> Self {
        let mut here = Self::default();
        for line in lines {
            match package(line) {
                AddedSpec::Conda { name, version, .. } => here.pins.conda(&name, Pin::Version(version)),
                AddedSpec::Pip { name, pin } => here.pins.pip(&name, pin),
            }
        }
        here
    }

    fn added(mut self, lines: &[&str]) -> Self {
        self.added = packages(lines);
        self
    }

    fn transitive(mut self, lines: &[&str]) -> Self {
        self.transitive = Some(packages(lines));
        self
    }

    fn freeze(&self, text: &str) -> Result<FrozenFile, Findings> {
        let installed = InstalledPackages {
            pins: &self.pins,
            added: &self.added,
            transitive: self.transitive.as_deref(),
            applies: &|line: &PipLine| !line.text().contains("win32"),
        };
        freeze(&file(text), &installed)
    }

    /// The text frozen, once what holds for every text has been seen to hold for it.
    fn frozen(&self, text: &str) -> String {
        let frozen = self.freeze(text).unwrap_or_else(|why| panic!("{text}\n{why}")).file;
        let frozen = frozen.text().to_owned();
        assert_eq!(self.freeze(&frozen).unwrap().file.text(), frozen, "freezing twice is freezing once");
        let thawed = thawed(&frozen);
        assert_eq!(self.freeze(&thawed).unwrap().file.text(), frozen, "freezing what is thawed is freezing");
        assert_eq!(file(&frozen).thawed().text(), thawed);
        frozen
    }
}

fn thawed(text: &str) -> String {
    thaw(&file(text), &[]).unwrap_or_else(|why| panic!("{text}\n{why}")).file.text().to_owned()
}

fn thawed_only(text: &str, names: &[&str]) -> Result<FrozenFile, Findings> {
    thaw(&file(text), &names.iter().map(|it| (*it).to_owned()).collect::<Vec<_>>())
}

const ASKED: &str = "\
# Ours.
name: paper
channels: [conda-forge]

dependencies:
  - python>=3.11
  - \"conda-forge::mkl\"  # for speed
  # Arrays.
  - numpy >=1.26
  - pip

  - pip:
      - --extra-index-url https://e.org/simple
      - torch>=2
      - 'uvicorn[standard]~=0.30 ; python_version < ''3.13'''   # the server
      - Py_Tqdm
      - tool @ git+https://e.org/tool.git@main
      - pywin32; sys_platform == 'win32'
      - ruff==0.8.1
# The end.
";

const FROZEN: &str = "\
# Ours.
name: paper
channels: [conda-forge]

dependencies:
  - python=3.12.4  # intent: python>=3.11
  - \"conda-forge::mkl=2024.2\"  # for speed  # intent: \"conda-forge::mkl\"
  # Arrays.
  - numpy=1.26.4  # intent: numpy >=1.26
  - pip=24.3  # intent: pip

  - pip:
      - --extra-index-url https://e.org/simple
      - torch==2.5.1+cpu  # intent: torch>=2
      - 'uvicorn[standard]==0.30.6 ; python_version < ''3.13'''   # the server  # intent: 'uvicorn[standard]~=0.30 ; python_version < ''3.13'''
      - Py_Tqdm==4.67.1  # intent: Py_Tqdm
      - tool @ git+https://e.org/tool.git@0123456789abcdef0123456789abcdef01234567  # intent: tool @ git+https://e.org/tool.git@main
      - pywin32; sys_platform == 'win32'
      - ruff==0.8.1
# The end.
";

fn here() -> Here {
    Here::with(&[
        "conda python 3.12.4",
        "conda mkl 2024.2",
        "conda numpy 1.26.4",
        "conda pip 24.3",
        "pip torch 2.5.1+cpu",
        "pip uvicorn 0.30.6",
        "pip py-tqdm 4.67.1",
        "pip tool git+https://e.org/tool.git@0123456789abcdef0123456789abcdef01234567",
        "pip pywin32 308",
        "pip ruff 0.8.1",
    ])
}

#[test]
fn every_package_gets_its_version_and_keeps_what_was_asked_for() {
    assert_eq!(here().frozen(ASKED), FROZEN);
    assert_eq!(thawed(FROZEN), ASKED);
    let windows = |it: &str| it.replace('\n', "\r\n");
    assert_eq!(here().frozen(&windows(ASKED)), windows(FROZEN));
    assert_eq!(thawed(&windows(FROZEN)), windows(ASKED));
    let with_mark = |it: &str| format!("\u{feff}{}", it.trim_end());
    assert_eq!(here().frozen(&with_mark(ASKED)), with_mark(FROZEN));
    assert_eq!(thawed(&with_mark(FROZEN)), with_mark(ASKED));
}

#[test]
fn the_changes_are_told_with_their_lines() {
    let changes = here().freeze(ASKED).unwrap().changes;
    let action = FreezeAction::Pinned { from: "torch>=2".to_owned(), to: "torch==2.5.1+cpu".to_owned() };
    assert_eq!(changes.len(), 8);
    assert_eq!(changes[4], FreezeChange { list: PackageList::Pip, line: 14, action });
    assert_eq!(here().freeze(FROZEN).unwrap().changes, []);

    let here = Here::with(&["pip a 1"]).added(&["pip b 2"]);
    let text = "dependencies:\n- python  # added by freeze\n- pip:\n  - a\n";
    let changes: Vec<(usize, FreezeAction)> =
        here.freeze(text).unwrap().changes.into_iter().map(|it| (it.line, it.action)).collect();
    let pinned = FreezeAction::Pinned { from: "a".to_owned(), to: "a==1".to_owned() };
    let expected = [
        (2, FreezeAction::Removed("python".to_owned())),
        (3, pinned),
        (4, FreezeAction::AddedPackage("b==2".to_owned())),
    ];
    assert_eq!(changes, expected);
}

#[test]
fn a_newer_version_takes_the_place_of_the_frozen_one() {
    let mut newer = here();
    newer.pins.conda("numpy", Pin::Version("1.27.0".to_owned()));
    assert_eq!(newer.frozen(FROZEN), FROZEN.replace("numpy=1.26.4", "numpy=1.27.0"));
    newer.pins.pip("ruff", Pin::Version("0.9".to_owned()));
    assert!(newer.frozen(FROZEN).contains("      - ruff==0.9  # intent: ruff==0.8.1\n"));
}

#[test]
fn only_the_named_packages_are_thawed() {
    let text = thawed_only(FROZEN, &["NumPy", "py.tqdm"]).unwrap().file.text().to_owned();
    let expected = FROZEN
        .replace("numpy=1.26.4  # intent: numpy >=1.26", "numpy >=1.26")
        .replace("Py_Tqdm==4.67.1  # intent: Py_Tqdm", "Py_Tqdm");
    assert_eq!(text, expected);
    assert_eq!(thawed_only(FROZEN, &["ruff"]).unwrap().file.text(), FROZEN, "it was never frozen");
    let found = thawed_only(FROZEN, &["numpi", "torch"]).unwrap_err().to_string();
    assert_eq!(found, "environment.yml: error[E0343]: `numpi` is not listed\n    help: did you mean `numpy`?");
}

#[test]
fn what_is_not_installed_is_told_and_left_alone() {
    let text = "dependencies:\n  - numpy\n  - mkl=2  # intent: mkl\n  - nu*\n  - pip:\n    - x>=1\n    - https://e.org/main.zip\n    - w; sys_platform=='win32'\n";
    let edited = Here::default().freeze(text).unwrap();
    assert_eq!(edited.file.text(), text);
    let found = edited.findings.to_string();
    for expected in [
        "environment.yml:2:5: warning[W0342]: `numpy` is not installed",
        "environment.yml:3:5: warning[W0342]: `mkl` is",
        "environment.yml:6:7: warning[W0342]: `x` is",
        "environment.yml:7:7: warning[W0342]: a URL that does not name its package",
    ] {
        assert!(found.contains(expected), "{expected}\n--- not in\n{found}");
    }
    assert_eq!(edited.findings.len(), 4);
}

#[test]
fn a_comment_that_only_looks_like_an_intent_stays_the_users() {
    let here = Here::with(&["conda numpy 1.26.4", "conda mkl 2", "conda zlib 1.3"]);
    let listed = "\
dependencies:
  - numpy  # intent: numpy >=1
  - mkl=1  # intent: make it fast
  - 'zlib  # intent: zlib' # added by freezers\t
";
    let frozen = "\
dependencies:
  - numpy=1.26.4  # intent: numpy >=1  # intent: numpy
  - mkl=2  # intent: make it fast  # intent: mkl=1
  - 'zlib=1.3' # added by freezers\t  # intent: 'zlib  # intent: zlib'
";
    assert_eq!(here.frozen(listed), frozen);
    assert_eq!(thawed(frozen), listed);
}

#[test]
fn odd_layouts_come_back_byte_for_byte() {
    let here = Here::with(&["conda a 1", "conda b 2", "pip c 3", "pip d 4"]);
    for (listed, frozen) in [
        ("dependencies: [a]", "dependencies: [a=1]  # intent: a"),
        (
            "dependencies: [\n  a, # x\n  \"b\" ,\n]\n",
            "dependencies: [\n  a=1, # x  # intent: a\n  \"b=2\" ,  # intent: \"b\"\n]\n",
        ),
        (
            "dependencies:\n-   a\t \n- !!str b\n-\n  pip: [c]\n",
            "dependencies:\n-   a=1\t   # intent: a\n- !!str b=2  # intent: b\n-\n  pip: [c==3]  # intent: c\n",
        ),
        (
            "{dependencies: [a=1, {pip: [c==3,\n d]}], name: x}\n",
            "{dependencies: [a=1, {pip: [c==3,\n d==4]}], name: x}  # intent: d\n",
        ),
        (
            "dependencies:\n- pip:\n  - \"c ; python_version < \\\"3.13\\\"\"\n",
            "dependencies:\n- pip:\n  - \"c==3 ; python_version < \\\"3.13\\\"\"  # intent: \"c ; python_version < \\\"3.13\\\"\"\n",
        ),
    ] {
        assert_eq!(here.frozen(listed), frozen);
        assert_eq!(thawed(frozen), listed);
    }
}

#[test]
fn lines_that_have_no_room_for_an_intent_are_refused_with_their_place() {
    let here = Here::with(&["conda a 1", "conda b 2", "pip c 3"]).added(&["pip d 4"]);
    for (text, finding) in [
        ("dependencies: [a, b]\n", "environment.yml:1:16: error[E0341]: more than one package in this line"),
        ("dependencies: [a=1, pip: [c]]\n", "environment.yml:1:27: error[E0341]: more than one package in this line"),
        (
            "dependencies:\n- \"a\n  >=1\"\n",
            "environment.yml:2:3: error[E0341]: a package that spans more than one line",
        ),
        ("dependencies:\n- pip: []\n", "environment.yml:2:3: error[E0341]: a list that freeze cannot add a line to"),
        ("dependencies:\n- a: 1\n", "environment.yml:2:3: error[E0304]"),
        ("dependencies:\n# <<< brought by the packages above\n- a\n", "environment.yml:2:1: error[E0341]: one end of"),
    ] {
        let found = here.freeze(text).unwrap_err().to_string();
        assert!(found.contains(finding), "{text}: {found}");
    }
    let block = Here::with(&["conda a 1"]).freeze("dependencies:\n- |\n  a\n").unwrap_err().to_string();
    assert!(block.contains("error[E0341]: the edited file would not say what it is expected to say"), "{block}");
}

#[test]
fn packages_installed_by_hand_come_last_in_their_lists_and_go_again() {
    let listed = "dependencies:\n  -  a\n  # pip's\n  - pip:\n    # few\n    - \"c\"   # why\n\n# end";
    let here = Here::with(&["conda a 1", "pip c 3"]);
    let rich = ["conda zlib 1.3", "pip Rich 13.9", "pip x https://e.org/x-1.tar.gz#sha256=0a"];
    let frozen = "\
dependencies:
  -  a=1  # intent: a
  -  zlib=1.3  # added by freeze
  # pip's
  - pip:
    # few
    - \"c==3\"   # why  # intent: \"c\"
    - \"Rich==13.9\"  # added by freeze
    - \"x @ https://e.org/x-1.tar.gz#sha256=0a\"  # added by freeze

# end";
    assert_eq!(Here::with(&["conda a 1", "pip c 3"]).added(&rich).frozen(listed), frozen);
    assert_eq!(
        thawed(frozen),
        frozen.replace("a=1  # intent: a", "a").replace("c==3\"   # why  # intent: \"c\"", "c\"   # why")
    );

    let newer = Here::with(&["conda a 1", "pip c 3", "conda zlib 1.4", "pip rich 14", "pip x 1"]);
    let changed = frozen.replace("zlib=1.3", "zlib=1.4").replace("Rich==13.9", "Rich==14");
    assert_eq!(newer.frozen(frozen), changed.replace("x @ https://e.org/x-1.tar.gz#sha256=0a", "x==1"));
    assert_eq!(thawed(&here.frozen(frozen)), listed);
}

#[test]
fn a_list_that_is_missing_is_made() {
    let none = Here::with(&["conda a 1"]);
    let some = |it: Here| it.added(&["pip b 2", "conda z 3"]);
    for (listed, frozen) in [
        (
            "dependencies:\n  - a\nname: x\n",
            "dependencies:\n  - a=1  # intent: a\n  - z=3  # added by freeze\n  - pip  # added by freeze\n  - pip:  # added by freeze\n      - b==2  # added by freeze\nname: x\n",
        ),
        (
            "dependencies:\r\n- a\r\n- pip:",
            "dependencies:\r\n- a=1  # intent: a\r\n- z=3  # added by freeze\r\n- pip:\r\n    - b==2  # added by freeze",
        ),
        (
            "dependencies:\n- pip:\n  - a\n",
            "dependencies:\n- z=3  # added by freeze\n- pip:\n  - a\n  - b==2  # added by freeze\n",
        ),
    ] {
        assert_eq!(some(Here::with(&["conda a 1"])).frozen(listed), frozen);
        assert_eq!(thawed(&none.frozen(frozen)), listed);
    }
    let with_pip = some(Here::with(&["conda a 1", "conda pip 24.3"]));
    assert!(with_pip.frozen("dependencies:\n- a\n").contains("\n- pip=24.3  # added by freeze\n"));
}

#[test]
fn all_other_packages_stand_in_a_block_of_their_own() {
    let all = ["conda zlib 1.3", "conda bzip2 1.0", "pip click 8.1", "conda a 1", "pip Anyio 4"];
    let full = Here::with(&["conda a 1", "pip c 3"]).transitive(&all);
    let some = Here::with(&["conda a 1", "pip c 3"]).added(&["pip d 4"]);
    let listed = "dependencies:\n  - a\n  - pip:\n      - c # x\n";
    let frozen = "\
dependencies:
  - a=1  # intent: a
  # >>> brought by the packages above, written by cargo xtask freeze --full
  - bzip2=1.0
  - zlib=1.3
  # <<< brought by the packages above
  - pip:
      - c==3 # x  # intent: c
      # >>> brought by the packages above, written by cargo xtask freeze --full
      - Anyio==4
      - click==8.1
      # <<< brought by the packages above
";
    assert_eq!(full.frozen(listed), frozen);
    assert_eq!(thawed(frozen), listed);
    assert_eq!(some.frozen(frozen), some.frozen(listed), "without --full the block goes");
    assert_eq!(thawed_only(frozen, &["c"]).unwrap().file.text(), listed.replace("- a\n", "- a=1  # intent: a\n"));

    for listed in ["dependencies:\n- a", "dependencies:\r\n- a\r\n# end", "dependencies:\n- a\n- pip:\n# end\n"] {
        let frozen = full.frozen(listed);
        assert!(frozen.contains("Anyio==4"), "{frozen}");
        assert_eq!(thawed(&frozen), listed);
    }
    let without_section = full.frozen("dependencies:\n- a\n");
    assert!(
        without_section.contains("\n- zlib=1.3\n- pip:\n    - Anyio==4\n    - click==8.1\n# <<<"),
        "{without_section}"
    );
}

#[test]
fn what_no_line_can_say_is_never_written() {
    for version in ["1\n- evil=1", "1 # x", "", "1: 2", "é"] {
        let mut here = Here::default();
        here.pins.conda("a", Pin::Version(version.to_owned()));
        here.pins.pip("b", Pin::Version(version.to_owned()));
        for text in ["dependencies:\n- a\n", "dependencies:\n- pip:\n  - b\n"] {
            let found = here.freeze(text).unwrap_err().to_string();
            assert!(found.contains("E0341"), "{version:?}: {found}");
        }
    }
}

#[test]
fn the_intent_of_what_is_no_environment_is_the_text_itself() {
    for text in ["", "a: [", "- x  # intent: y\n", "dependencies: x\n", "# >>> brought by\n"] {
        assert_eq!(file(text).thawed().text(), text);
    }
}

#[test]
fn a_hyphen_and_an_underscore_are_two_packages_of_condas() {
    let here = Here::with(&["conda python 3.12.4"]);
    let full = here.transitive(&["conda typing-extensions 4.12.2", "conda typing_extensions 4.12.1"]);
    let frozen = full.frozen("dependencies:\n  - python\n");
    assert!(frozen.contains("  - typing-extensions=4.12.2\n  - typing_extensions=4.12.1\n"), "{frozen}");
    let here = Here::with(&["conda typing-extensions 4.12.2", "conda typing_extensions 4.12.1"]);
    let frozen = here.frozen("dependencies:\n  - typing-extensions\n  - typing_extensions=4\n");
    assert_eq!(
        frozen,
        "dependencies:\n  - typing-extensions=4.12.2  # intent: typing-extensions\n  \
         - typing_extensions=4.12.1  # intent: typing_extensions=4\n"
    );
}

#[test]
fn each_of_two_lines_for_a_package_is_frozen_and_comes_back() {
    let here = Here::with(&["conda python 3.12.4", "conda numpy 1.26.4", "pip torch 2.5.1+cpu"]);
    let text = "dependencies:\n  - python=3.12\n  - numpy>=1.26\n  - numpy<2  # why\n  - pip\n  - pip:\n    \
                - torch==2.5.1+cpu\n    - Torch\n";
    let frozen = here.frozen(text);
    assert_eq!(
        frozen,
        "dependencies:\n  - python=3.12.4  # intent: python=3.12\n  - numpy=1.26.4  # intent: numpy>=1.26\n  \
         - numpy=1.26.4  # why  # intent: numpy<2\n  - pip\n  - pip:\n    - torch==2.5.1+cpu\n    \
         - Torch==2.5.1+cpu  # intent: Torch\n"
    );
    assert_eq!(thawed(&frozen), text);
}
