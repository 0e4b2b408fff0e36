//! Files before and after `add` and `remove`.

use report::Source;

use super::*;

const ASKED: &str = "\
# Ours.
name: paper
dependencies:
  - python>=3.11
  - \"conda-forge::mkl\"  # for speed
  # Arrays.
  - numpy=1.26.4  # why  # intent: numpy >=1.26

  - pip:
      # Progress.
      - tqdm
      - 'uvicorn[standard]~=0.30 ; python_version < ''3.13'''   # the server
      - rich==13.9.4  # by hand  # added by freeze
# The end.
";

const PIP_ONLY: &str = "dependencies:\n- python\n- pip:\n  - tqdm # why\n";

fn file(text: &str) -> EnvironmentFile {
    EnvironmentFile::parse(Source::new("environment.yml", text))
}

fn strings(words: &[&str]) -> Vec<String> {
    words.iter().map(|it| (*it).to_owned()).collect()
}

fn added(text: &str, list: Option<PackageList>, specs: &[&str]) -> Result<AskedFile, Findings> {
    add(&file(text), list, &strings(specs))
}

fn removed(text: &str, list: Option<PackageList>, names: &[&str]) -> Result<AskedFile, Findings> {
    remove(&file(text), list, &strings(names))
}

fn told(edited: &AskedFile) -> Vec<String> {
    edited.changes.iter().map(ToString::to_string).collect()
}

/// The change that one spec makes, and the text that it leaves.
fn change(text: &str, spec: &str) -> (String, String) {
    let edited = added(text, None, &[spec]).unwrap_or_else(|why| panic!("{spec}\n{why}"));
    let [change] = &told(&edited)[..] else { panic!("{edited:?}") };
    (change.clone(), edited.file.text().to_owned())
}

#[test]
fn new_packages_come_last_in_their_lists_in_the_style_of_their_neighbours() {
    let edited = added(ASKED, None, &["polars", "httpx[http2]>=0.27", "lab::blas=*=*mkl"]).unwrap();
    let pip = "# added by freeze\n      - polars\n      - httpx[http2]>=0.27\n";
    let expected = ASKED.replace("# added by freeze\n", pip);
    let expected = expected.replace("numpy >=1.26\n", "numpy >=1.26\n  - lab::blas=*=*mkl\n");
    assert_eq!(edited.file.text(), expected);
    assert_eq!(told(&edited), ["8 + lab::blas=*=*mkl", "15 + polars", "16 + httpx[http2]>=0.27"]);
    let reasons: Vec<ListReason> = edited.packages.iter().map(|it| it.reason).collect();
    assert_eq!(reasons, [ListReason::Python, ListReason::Python, ListReason::Condas]);

    let quoted = "dependencies:\n  - 'python'\n  - pip:\n    - \"tqdm\"\n";
    let edited = added(quoted, None, &["polars"]).unwrap();
    assert_eq!(edited.file.text(), format!("{quoted}    - \"polars\"\n"));
    // What YAML would read as something else gets quotes of its own.
    let edited = added(PIP_ONLY, None, &["a; platform_version == \"b: c\""]).unwrap();
    assert_eq!(edited.file.text(), format!("{PIP_ONLY}  - 'a; platform_version == \"b: c\"'\n"));
}

#[test]
fn a_section_is_made_where_there_is_none_and_goes_with_its_last_package() {
    let text = "dependencies:\n  - python\n  - pip # for pip\n";
    let edited = added(text, None, &["polars", "rich"]).unwrap();
    assert_eq!(edited.file.text(), format!("{text}  - pip:\n      - polars\n      - rich\n"));
    assert_eq!(told(&edited), ["5 + polars", "6 + rich"]);
    assert_eq!(removed(edited.file.text(), None, &["rich", "polars"]).unwrap().file.text(), text);

    let commented = "dependencies:\n  - python\n  - pip:\n    # Ours.\n    - rich\n";
    assert_eq!(
        removed(commented, None, &["rich"]).unwrap().file.text(),
        "dependencies:\n  - python\n  - pip:\n    # Ours.\n"
    );
}

#[test]
fn what_is_added_and_removed_again_leaves_no_trace() {
    let texts = [ASKED, PIP_ONLY, "dependencies:\n  - python\n  - pip", &ASKED.replace('\n', "\r\n")];
    for text in texts.into_iter().map(str::to_owned).chain(texts.map(|it| format!("{it}\n\n# last"))) {
        for (list, specs, names) in [
            (None, &["polars", "Scikit_Learn>=1.4 ; os_name == 'posix'"][..], &["scikit.learn", "polars"][..]),
            (Some(PackageList::Pip), &["t @ git+https://e.org/t.git@main#subdirectory=py"], &["t"]),
            (Some(PackageList::Conda), &["lab::swig[version='>=4']", "r-base 4.* h0"], &["swig", "r-base"]),
        ] {
            let edited = added(&text, list, specs).unwrap_or_else(|why| panic!("{text}\n{why}"));
            assert_eq!(edited.changes.len(), specs.len());
            let again = added(edited.file.text(), list, specs).unwrap();
            assert!(again.file.text() == edited.file.text(), "adding twice is adding once: {:?}", told(&again));
            let back = removed(edited.file.text(), None, names).unwrap_or_else(|why| panic!("{text}\n{why}"));
            assert_eq!(back.file.text(), text);
        }
    }
}

#[test]
fn a_line_that_is_there_says_what_is_asked_for() {
    assert_eq!(change(ASKED, "tqdm"), ("11 tqdm is there already".to_owned(), ASKED.to_owned()));
    let (change, text) = change(ASKED, "TQDM>=4");
    assert_eq!(change, "11 tqdm -> tqdm>=4");
    assert_eq!(text, ASKED.replace("- tqdm", "- tqdm>=4"));
    let (change, text) = self::change(ASKED, "uvicorn[dev]");
    assert!(change.starts_with("12 uvicorn[standard]~=0.30 ; "), "{change}");
    assert_eq!(text, ASKED.replace("[standard]", "[standard,dev]"));
    let (_, text) = self::change(ASKED, "python>=3.12");
    assert_eq!(text, ASKED.replace("3.11", "3.12"));
    let (_, text) = self::change(ASKED, "mkl=2024");
    assert_eq!(text, ASKED.replace("::mkl", "::mkl=2024"));
}

#[test]
fn a_pin_of_freeze_goes_where_something_else_is_asked_for() {
    assert_eq!(change(ASKED, "numpy").1, ASKED);
    let (change, text) = change(ASKED, "numpy>=2.1");
    assert_eq!(change, "7 numpy=1.26.4 -> numpy>=2.1");
    assert_eq!(text, ASKED.replace("numpy=1.26.4  # why  # intent: numpy >=1.26", "numpy>=2.1  # why"));
    let (change, text) = self::change(ASKED, "rich");
    assert_eq!(change, "13 rich==13.9.4 -> rich");
    assert_eq!(text, ASKED.replace("rich==13.9.4  # by hand  # added by freeze", "rich  # by hand"));
    assert_eq!(removed(ASKED, None, &["numpy", "rich"]).unwrap().changes.len(), 2);
}

#[test]
fn what_other_packages_have_brought_can_be_asked_for_and_not_removed() {
    let block = format!("  {}\n  - colorama==0.4.6\n  {}\n", block::BEGINNING, block::END);
    let frozen = format!("{PIP_ONLY}{block}");
    assert_eq!(change(&frozen, "polars").1, format!("{PIP_ONLY}  - polars\n{block}"));
    let (change, text) = change(&frozen, "colorama");
    assert_eq!(change, "5 + colorama");
    assert_eq!(text, format!("{PIP_ONLY}  - colorama\n{}", block.replace("  - colorama==0.4.6\n", "")));
    let why = removed(&frozen, None, &["colorama"]).unwrap_err().to_string();
    assert!(why.contains(":6:5: error[E0343]: `colorama` is not asked for; other packages bring it"), "{why}");
}

#[test]
fn what_cannot_be_added_is_a_finding() {
    let has = |text: &str, list, spec: &str, says: &[&str]| {
        let why = added(text, list, &[spec]).unwrap_err().to_string();
        assert!(says.iter().all(|it| why.contains(it)), "{spec}: {why}");
    };
    has(PIP_ONLY, None, "numpy=1.26", &["command line:1:6: error[E0314]", "say `--conda`"]);
    has(PIP_ONLY, None, "lab::numpy", &["command line:1:", "say `--conda`"]);
    has(PIP_ONLY, None, "nump y>", &["command line:1:"]);
    has(PIP_ONLY, None, "", &["command line:1:1: error"]);
    has(PIP_ONLY, None, "--pre", &["`--pre` names no package", "by hand"]);
    has(PIP_ONLY, None, "-r more.txt", &["E0321"]);
    has(PIP_ONLY, None, "-e .", &["W0322"]);
    has(PIP_ONLY, None, "https://e.org/x/archive/main.zip", &["names no package", "NAME @"]);
    has(PIP_ONLY, Some(PackageList::Conda), "numpy[", &["command line:1:", "E0306"]);
    has(
        PIP_ONLY,
        Some(PackageList::Conda),
        "tqdm=4",
        &["environment.yml:4:5: ", "in the pip list", "remove --pip tqdm"],
    );
    has(ASKED, Some(PackageList::Pip), "NumPy", &["environment.yml:7:5: ", "in the conda list already"]);
    has("dependencies: [python, pip]\n", None, "rich", &["E0341", "environment.yml:1:16"]);
    let twice = "dependencies:\n- pip:\n  - a; os_name=='nt'\n  - a>1; os_name=='posix'\n";
    has(twice, None, "a>2", &[":3:5: error[E0341]: `a` has more than one line, also 4"]);
    assert_eq!(removed(twice, None, &["a"]).unwrap_err().to_string().matches("E0302").count(), 1);
}

#[test]
fn what_cannot_be_removed_is_a_finding() {
    let has = |text: &str, list, name: &str, says: &[&str]| {
        let why = removed(text, list, &[name]).unwrap_err().to_string();
        assert!(says.iter().all(|it| why.contains(it)), "{name}: {why}");
    };
    has(ASKED, None, "tqmd", &["error[E0343]: `tqmd` is not listed", "did you mean `tqdm`?"]);
    has(ASKED, Some(PackageList::Conda), "tqdm", &[":11:9: ", "in the pip list, not in the conda list"]);
    has("dependencies: [python, git]\n", None, "git", &["E0341"]);
    let both = "dependencies:\n  - python\n  - numpy\n  - pip:\n    - numpy\n";
    has(both, None, "numpy", &["is in both lists", "`--conda` or `--pip`"]);
    let edited = removed(both, Some(PackageList::Pip), &["numpy"]).unwrap();
    assert_eq!(edited.file.text(), "dependencies:\n  - python\n  - numpy\n");
}
