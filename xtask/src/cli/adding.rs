//! The verbs that change the lists of packages.

use camino::Utf8PathBuf;
use clap::Args;

use environment::freeze::PackageList;
use project::AptStage;

/// `cargo xtask add`
#[derive(Debug, Args)]
#[command(after_help = "\
Without a choice, a package that is listed stays in its list, and a new one goes to the `pip:` list; to conda's,
where conda makes the environment and the package is written as conda writes it: CHANNEL::NAME, NAME=1.2.
A package that is listed already gets the new versions and the extras in addition.")]
pub struct AddArgs {
    #[command(flatten)]
    pub list: ListArg,
    /// Do not look whether versions can be found; needs no network.
    #[arg(long)]
    pub no_solve: bool,
    /// Packages, as their list has them: numpy, 'numpy>=2', 'NAME @ git+https://…'
    #[arg(value_name = "SPEC", required_unless_present = "from")]
    pub specs: Vec<String>,
    /// Also what this requirements.txt, environment.yml or pyproject.toml lists.
    #[arg(short = 'r', long, value_name = "FILE")]
    pub from: Option<Utf8PathBuf>,
}

/// `cargo xtask remove`
#[derive(Debug, Args)]
pub struct RemoveArgs {
    #[command(flatten)]
    pub list: ListArg,
    /// Leave the lock as it is; needs no network.
    #[arg(long)]
    pub no_solve: bool,
    /// Names of packages.
    #[arg(value_name = "NAME", required = true)]
    pub names: Vec<String>,
}

/// For verbs that change one of the lists.
#[derive(Debug, Args)]
#[group(multiple = false)]
#[expect(clippy::struct_excessive_bools, reason = "each is an option of its own on the command line")]
pub struct ListArg {
    /// conda's list in environment.yml.
    #[arg(long)]
    conda: bool,
    /// The pip: list in environment.yml.
    #[arg(long)]
    pip: bool,
    /// System packages that the code needs.
    #[arg(long)]
    apt_runtime: bool,
    /// System packages for developing.
    #[arg(long)]
    apt_dev: bool,
    /// System packages that only a build needs: compilers, headers.
    #[arg(long)]
    apt_build: bool,
}

/// The list that an option has named.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChosenList {
    Packages(PackageList),
    Apt(AptStage),
}

impl ListArg {
    pub fn chosen(&self) -> Option<ChosenList> {
        let options = [
            (self.conda, ChosenList::Packages(PackageList::Conda)),
            (self.pip, ChosenList::Packages(PackageList::Pip)),
            (self.apt_runtime, ChosenList::Apt(AptStage::Runtime)),
            (self.apt_dev, ChosenList::Apt(AptStage::Dev)),
            (self.apt_build, ChosenList::Apt(AptStage::Build)),
        ];
        options.into_iter().find_map(|(is_given, list)| is_given.then_some(list))
    }
}
