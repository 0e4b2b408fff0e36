//! What is installed by which solver, as the files that it reads.

use project::SolverChoice;
use report::{Code, Finding, Findings, Source, Span};
use specs::{
    conda::{MatchSpec, pep440},
    python::{PipLine, option},
};

use super::{
    AddressLogin, ChannelToken, EnvironmentFile, EnvironmentYml, LocalProject, Solver,
    conda::{CondaInstall, CondaIntent},
    lists::unpinned,
    lock::LayerLists,
};

/// The input of an installation, normalised: comments and order in the user's files do not change it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InstallPlan {
    pub solver: Solver,
    /// Why this solver, to stand behind `because`.
    pub reason: String,
    /// The PEP 440 specifier of the Python that uv finds; empty for any. With conda, Python is a package like others.
    pub python: String,
    /// What conda solves; `None` with uv.
    pub conda: Option<CondaIntent>,
    /// `requirements.txt`, for uv.
    pub requirements: String,
    /// What bounds the versions that uv chooses, besides what conda brings; empty where nothing does.
    pub constraints: String,
    /// The projects in folders of the repository, which are installed behind all others.
    pub projects: Vec<LocalProject>,
    /// Who logs in where: the users and passwords of the addresses, which are in none of the lists.
    pub logins: Vec<AddressLogin>,
    /// The tokens of conda's channels, which are in none of the lists either.
    pub tokens: Vec<ChannelToken>,
    /// What is installed without solving; `None` where everything is solved.
    pub locked: Option<LockedFiles>,
}

/// The part of an installation that comes from a lock.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LockedFiles {
    /// The exact Python, such as `==3.12.4`.
    pub python: String,
    /// conda's packages; `None` with uv.
    pub conda: Option<CondaInstall>,
    /// `pylock.toml`.
    pub pylock: String,
    /// The same packages, cut into the layers of an image.
    pub layers: LayerLists,
    /// Whether it has all that is installed. Otherwise pip's packages have changed since, and have to be solved.
    pub is_exact: bool,
}

/// Packages in conda's list that uv can install itself.
const KNOWN_TO_UV: [&str; 5] = ["python", "pip", "uv", "setuptools", "wheel"];

impl InstallPlan {
    /// Chooses the solver. `None` where `environment.yml` contradicts the choice, or has a constraint that the solver cannot
    /// take, which is then among the findings.
    pub fn new(file: &EnvironmentFile, choice: SolverChoice, findings: &mut Findings) -> Option<Self> {
        let (environment, source) = (file.environment(), file.source());
        let needs_conda = environment.conda.iter().map(|(spec, _)| spec).find(|it| is_only_condas(it));
        let mut planner = Planner { environment, source, findings };
        let plan = match (choice, needs_conda) {
            (SolverChoice::Conda, _) => Some(planner.conda("SOLVER=conda".to_owned())),
            (SolverChoice::Auto, Some(spec)) => Some(planner.conda(format!("`{}` comes from conda", spec.name))),
            (SolverChoice::Auto, None) => planner.uv("no package needs conda".to_owned()),
            (SolverChoice::Uv, None) => planner.uv("SOLVER=uv".to_owned()),
            (SolverChoice::Uv, Some(_)) => {
                planner.refuse_conda();
                None
            }
        };
        planner.refuse_other_logins(plan.as_ref()?);
        plan
    }

    /// The names that [`unsolved`](Self::unsolved) gives.
    pub const UNSOLVED: [&str; 2] = ["conda", "pip"];

    /// What solvers are asked for, by the part of environment.yml; nothing where a lock has the answer.
    pub fn unsolved(&self) -> Vec<(&'static str, String)> {
        let [conda, pip] = Self::UNSOLVED;
        let conda = || Some((conda, self.conda.as_ref()?.text()));
        let pip = (pip, self.asked_of_pip());
        match &self.locked {
            Some(locked) if locked.is_exact => Vec::new(),
            Some(_) => vec![pip],
            None => conda().into_iter().chain([pip]).collect(),
        }
    }

    /// What decides the content of the environment, by name: two plans that agree in it make the same environment.
    pub fn decisive(&self) -> Vec<(&'static str, String)> {
        let text = |it: &str| it.to_owned();
        if let Some(locked) = self.locked.as_ref().filter(|it| it.is_exact) {
            return vec![
                ("solver", text(self.solver.name())),
                ("python", text(&locked.python)),
                ("conda lock", locked.conda.as_ref().map(CondaInstall::list).unwrap_or_default()),
                ("pylock", text(&locked.pylock)),
            ];
        }
        vec![
            ("solver", text(self.solver.name())),
            ("python", text(&self.python)),
            ("conda", self.conda.as_ref().map(CondaIntent::text).unwrap_or_default()),
            ("requirements", self.asked_of_pip()),
        ]
    }

    /// The requirements, and each constraint as a requirements file would name it.
    fn asked_of_pip(&self) -> String {
        let constraints = self.constraints.lines().map(|it| format!("-c {it}\n"));
        constraints.fold(self.requirements.clone(), |text, line| text + &line)
    }
}

/// Whether only conda has a package, as far as its name tells.
pub(crate) fn is_only_condas(spec: &MatchSpec) -> bool {
    !KNOWN_TO_UV.contains(&spec.name.as_str())
}

struct Planner<'a> {
    environment: &'a EnvironmentYml,
    source: &'a Source,
    findings: &'a mut Findings,
}

impl Planner<'_> {
    fn conda(&mut self, reason: String) -> InstallPlan {
        let environment = self.environment;
        if let Some(span) = self.without_python() {
            let message = "no `python` in conda's list: there is one only if another package brings it, of any version";
            let finding = self.source.at(Code::CondaWithoutPython, span, message);
            self.findings.push(finding.help("add `- python=3.12`, or the version that you use"));
        }
        let mut logins = Vec::new();
        let mut tokens = Vec::new();
        let conda = CondaIntent::new(environment, &mut logins, &mut tokens);
        InstallPlan {
            solver: Solver::Conda,
            reason,
            python: String::new(),
            conda: Some(conda),
            requirements: requirements(&environment.pip, &mut logins),
            constraints: requirements(&environment.constraints, &mut logins),
            projects: environment.projects.clone(),
            logins,
            tokens,
            locked: None,
        }
    }

    /// The key of the list that lacks `python`, where it does.
    fn without_python(&self) -> Option<Span> {
        self.environment.dependencies_at.filter(|_| self.environment.conda_package("python").is_none())
    }

    fn uv(&mut self, reason: String) -> Option<InstallPlan> {
        // Where nothing is asked for, no version of Python is better than another.
        if let Some(span) = self.without_python().filter(|_| !self.environment.pip.is_empty()) {
            self.findings.push(unpinned(self.source, span, "no `python` among the packages"));
        }
        let found = self.findings.len();
        let mut python = Vec::new();
        let mut lines = self.environment.pip.clone();
        for (spec, span) in &self.environment.conda {
            match pep440(spec) {
                Ok(version) if spec.name == "python" => python.extend(Some(version).filter(|it| !it.is_empty())),
                Ok(version) => {
                    lines.extend(PipLine::parse(&format!("{}{version}", spec.name)).map(|line| (line, *span)));
                }
                Err(problem) => self.no_counterpart(*span, problem.message),
            }
        }
        let mut logins = Vec::new();
        let plan = InstallPlan {
            solver: Solver::Uv,
            reason,
            python: python.join(","),
            conda: None,
            requirements: requirements(&lines, &mut logins),
            constraints: requirements(&self.environment.constraints, &mut logins),
            projects: self.environment.projects.clone(),
            logins,
            tokens: Vec::new(),
            locked: None,
        };
        (self.findings.len() == found).then_some(plan)
    }

    /// Programs find one login for a host, as a netrc file has it.
    fn refuse_other_logins(&mut self, plan: &InstallPlan) {
        for login in &plan.logins {
            let first = plan.logins.iter().find(|it| it.host() == login.host());
            let is_other = |it: &&AddressLogin| (&it.user, &it.password) != (&login.user, &login.password);
            if let Some(first) = first.filter(is_other) {
                self.another_login(login.host(), first.span, login.span);
            }
        }
        for token in &plan.tokens {
            let first = plan.tokens.iter().find(|it| it.host == token.host);
            if let Some(first) = first.filter(|it| it.token != token.token) {
                self.another_login(&token.host, first.span, token.span);
            }
        }
    }

    fn another_login(&mut self, host: &str, first: Span, other: Span) {
        let message = format!("another login for `{host}` than in {}", self.source.line_from(first, other));
        let finding = self.source.at(Code::LoginsDiffer, other, message);
        let help = "use one that may read both: uv, conda and git find one login for each host";
        self.findings.push(Finding { line: None, ..finding.help(help) });
    }

    fn no_counterpart(&mut self, span: Span, message: String) {
        let help = "simplify it, or set SOLVER=conda in installation/docker-amd64/.env";
        self.findings.push(self.source.at(Code::NoCounterpart, span, message).help(help));
    }

    fn refuse_conda(&mut self) {
        for (spec, span) in self.environment.conda.iter().filter(|(spec, _)| is_only_condas(spec)) {
            let message = format!("`{}` needs conda, but SOLVER=uv", spec.name);
            let help = "move it below `- pip:`, or set SOLVER=auto in installation/docker-amd64/.env";
            self.findings.push(self.source.at(Code::SolverHasNoConda, *span, message).help(help));
        }
    }
}

/// Options in their order, each in a line of its own, then packages sorted.
fn requirements(lines: &[(PipLine, Span)], logins: &mut Vec<AddressLogin>) -> String {
    let (mut options, mut packages) = (String::new(), Vec::new());
    for (line, span) in lines {
        match line {
            PipLine::Options { options: more, .. } => {
                for (name, value) in more {
                    let value = value.as_ref().map(|it| AddressLogin::take(it, *span, logins));
                    options += &(option(name, value.as_deref()) + "\n");
                }
            }
            package => packages.push(AddressLogin::take(package.text(), *span, logins) + "\n"),
        }
    }
    process::sort(&mut packages);
    options + &packages.concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan(text: &str, choice: SolverChoice) -> Result<InstallPlan, String> {
        let file = EnvironmentFile::parse(Source::new("environment.yml", text));
        let mut findings = file.findings().clone();
        InstallPlan::new(&file, choice, &mut findings).ok_or_else(|| findings.to_string())
    }

    #[test]
    fn conda_is_used_only_where_it_is_needed() {
        let simple =
            "dependencies:\n  - python=3.11\n  - pip>=23\n  - pip:\n    - tqdm\n    - --pre\n    - hydra-core\n";
        let uv = plan(simple, SolverChoice::Auto).unwrap();
        assert_eq!((uv.solver, uv.python.as_str()), (Solver::Uv, "==3.11.*"));
        assert_eq!(uv.requirements, "--pre\nhydra-core\npip>=23\ntqdm\n");
        assert_eq!(plan(simple, SolverChoice::Conda).unwrap().solver, Solver::Conda);

        let conda = plan(
            "channels: [conda-forge]\ndependencies:\n  - python\n  - mkl\n  - pip:\n    - tqdm\n",
            SolverChoice::Auto,
        );
        let conda = conda.unwrap();
        assert_eq!((conda.solver, conda.reason.as_str()), (Solver::Conda, "`mkl` comes from conda"));
        assert_eq!(conda.conda.unwrap().text(), "channel conda-forge\nmkl\npython\n");
        assert_eq!(conda.requirements, "tqdm\n");
    }

    #[test]
    fn one_warning_tells_of_a_python_that_nobody_asks_for() {
        let warnings = |text: &str, choice| {
            let file = EnvironmentFile::parse(Source::new("environment.yml", text));
            let mut findings = file.findings().clone();
            InstallPlan::new(&file, choice, &mut findings).unwrap();
            findings.iter().map(|it| it.to_string().lines().next().unwrap()[..34].to_owned()).collect::<Vec<_>>()
        };
        let condas = ["environment.yml:1:1: warning[W0316"];
        assert_eq!(warnings("dependencies:\n  - htop\n", SolverChoice::Auto), condas);
        assert_eq!(warnings("dependencies:\n  - mkl\n  - pip\n  - pip:\n    - tqdm\n", SolverChoice::Auto), condas);
        assert_eq!(warnings("dependencies:\n  - pip\n", SolverChoice::Conda), condas);
        assert_eq!(warnings("dependencies:\n  - pip\n", SolverChoice::Auto), <[&str; 0]>::default());
        let uvs = ["environment.yml:1:1: warning[W0318"];
        assert_eq!(warnings("dependencies:\n  - pip\n  - pip:\n    - tqdm\n", SolverChoice::Auto), uvs);
        assert_eq!(warnings("dependencies:\n  - python\n  - htop\n", SolverChoice::Auto), <[&str; 0]>::default());
    }

    #[test]
    fn of_two_lines_for_a_package_each_counts() {
        let text =
            "dependencies:\n  - python>=3.11\n  - python\n  - python<3.13\n  - pip:\n    - torch==2.5.1\n    - torch\n";
        let uv = plan(text, SolverChoice::Auto).unwrap();
        assert_eq!((uv.python.as_str(), uv.requirements.as_str()), (">=3.11,<3.13", "torch\ntorch==2.5.1\n"));
        let conda = plan(text, SolverChoice::Conda).unwrap().conda.unwrap();
        assert_eq!(conda.specs, ["python", "python<3.13", "python>=3.11"]);
    }

    #[test]
    fn comments_and_order_do_not_change_the_plan() {
        let one = plan("dependencies:\n  - python\n  - pip\n  - pip:\n    - a\n    - b\n", SolverChoice::Auto).unwrap();
        let two =
            plan("# x\ndependencies: # y\n  - pip\n  - python\n  - pip:\n    - b # z\n    - a\n", SolverChoice::Auto);
        assert_eq!(one.decisive(), two.unwrap().decisive());
    }

    #[test]
    fn no_list_has_a_user_or_password() {
        let text = "channels: ['https://a:hunter2@c.org/lab']\ndependencies:\n  - python=3.12\n  - pip\n  - pip:\n    \
                    - --extra-index-url https://${U}:hunter3@e.org/simple\n    - x @ git+https://hunter4@g.org/x\n";
        for choice in [SolverChoice::Conda, SolverChoice::Uv] {
            let plan = plan(text, choice).unwrap();
            let lists = format!("{:?}{:?}", plan.decisive(), plan.conda);
            assert!(
                lists.contains("https://e.org/simple") && !lists.contains("hunter") && !lists.contains("${"),
                "{lists}"
            );
            let hosts: Vec<&str> = plan.logins.iter().map(AddressLogin::host).collect();
            assert!(hosts.ends_with(&["e.org", "g.org"]), "{hosts:?}");
            assert_eq!(hosts.len(), if choice == SolverChoice::Conda { 3 } else { 2 });
        }
    }

    #[test]
    fn contradictions_are_findings() {
        let error = plan("dependencies:\n  - mkl\n", SolverChoice::Uv).unwrap_err();
        assert!(error.starts_with("environment.yml:2:5: error[E0329]: `mkl` needs conda, but SOLVER=uv"), "{error}");
        assert!(plan("dependencies:\n  - python 3.11|3.12\n", SolverChoice::Auto).is_err());
    }
}
