//! Packages that only conda has: solved on this machine by conda's real solver, for builds in Docker and for locks.

use crate::channel::{CREDENTIALS, Channel, Server, TOKEN};
use crate::installed::PLATFORM;
use crate::repository::{RUNTIME, Repository};
use crate::stand_in::Daemon;

/// A repository that asks conda for these packages, from `lab` of a server, and pip for tqdm.
struct Asking {
    server: Server,
    channel: Channel,
    repository: Repository,
}

impl Asking {
    fn for_packages(packages: &str) -> Self {
        Self::with_settings("ENGINE=docker\n", packages)
    }

    fn with_settings(settings: &str, packages: &str) -> Self {
        let channel = Channel::made();
        let server = channel.serve();
        let repository = Repository::with_settings(settings).conda_solver(&channel);
        let asking = Self { server, channel, repository };
        asking.ask(packages);
        asking
    }

    fn ask(&self, packages: &str) {
        self.ask_of(&self.server.url("lab"), packages);
    }

    /// `packages` are words; pip is asked for those behind `pip:`.
    fn ask_of(&self, channels: &str, packages: &str) {
        let (conda, pip) = packages.split_once(" pip: ").unwrap_or((packages, ""));
        let mut text = String::from("channels:\n");
        text.extend(channels.split(' ').map(|it| format!("  - {it}\n")));
        text += "dependencies:\n";
        text.extend(conda.split(' ').map(|it| format!("  - {it}\n")));
        if !pip.is_empty() {
            text += "  - pip:\n";
            text.extend(pip.split(' ').map(|it| format!("    - {it}\n")));
        }
        self.repository.write("dependencies/environment.yml", &text);
    }

    /// The packages in a lock of conda's, as `name-version-build`.
    fn locked(&self, platform: &str) -> Vec<String> {
        let list = self.repository.read(&format!("dependencies/lock/{platform}/conda.lock"));
        let files = list.lines().filter_map(|it| it.split_once("#sha256:")?.0.rsplit('/').next());
        files.map(|it| it.trim_end_matches(".conda").trim_end_matches(".tar.bz2").to_owned()).collect()
    }

    fn has_locked(&self, platform: &str, package: &str) -> bool {
        self.locked(platform).iter().any(|it| it.starts_with(package))
    }

    fn context(&self, name: &str) -> String {
        self.repository.read(&format!("target/xtask/context/{name}"))
    }
}

#[test]
fn they_are_solved_first_and_the_image_is_built_from_the_exact_list() {
    let asking = Asking::for_packages("python=3.11 libdemo pip: tqdm");
    let repository = &asking.repository;
    let ended = repository.xtask(["build"]);
    ended.exits(0).stdout("").stderr_has(&format!("xtask: solving conda's packages for {PLATFORM}\n"));
    ended.stderr_has(&format!("xtask: building `{RUNTIME}` with conda, because `libdemo` comes from conda\n"));
    assert!(repository.docker_changes()[0].contains(&"SOLVER=conda".to_owned()));
    let request = asking.context("conda.json");
    let package = format!("{}/linux-", asking.server.url("lab"));
    assert!(request.contains(&package) && request.contains("/libdemo-1.3.0-h7f98852_0.conda#sha256:"), "{request}");
    assert!(request.contains("\"prefix\": \"/opt/env\"") && request.contains("\"requested\": [\n    \"libdemo\",\n"));
    // What Python runs with is below all layers, and only of what people ask for is no layer made.
    let base = asking.context("layers/base/conda.json");
    assert!(
        base.contains("/python-3.11.2-") && !base.contains("libdemo") && base.contains("\"requested\": []"),
        "{base}"
    );
    let layer = asking.context("layers/1/conda.json");
    assert!(layer.contains("/python-3.11.2-") && layer.contains("libdemo"), "{layer}");
    let pylock = asking.context("layers/1/pylock.toml");
    assert!(pylock.contains("name = \"tqdm\"") && pylock.contains("sha256"), "{pylock}");

    // The image is gone, and the answer is known.
    let asked = asking.server.requests().len();
    repository.stand_ins.note("images", "");
    repository.xtask(["build"]).exits(0);
    assert_eq!(asking.server.requests().len(), asked);
    assert_eq!(asking.context("conda.json"), request);
    repository.xtask(["build", "--no-cache"]).exits(0).stderr_has("solving conda's packages");
}

#[test]
fn conda_can_be_chosen_without_need() {
    let asking = Asking::with_settings("SOLVER=conda\n", "python=3.11");
    asking.repository.xtask(["build"]).exits(0).stderr_has("with conda, because SOLVER=conda\n");
    assert!(asking.context("conda.json").contains("/python-3.11.2-"));
}

#[test]
fn a_dry_run_solves_nothing() {
    let asking = Asking::for_packages("python=3.11 libdemo");
    asking.repository.xtask(["build", "--dry-run"]).exits(0);
    assert_eq!(asking.server.requests(), Vec::<String>::new());
}

#[test]
fn three_platforms_are_locked_on_one_without_a_daemon() {
    let asking = Asking::for_packages("python=3.11 numpy demopkg pip: tqdm");
    let repository = Asking { repository: asking.repository.daemon(Daemon::Down), ..asking };
    let lock = ["lock", "--platform", "linux/amd64", "--platform", "linux/arm64", "--platform", "osx/arm64"];
    repository.repository.xtask(lock).exits(0).stderr_has("solving conda's packages for osx/arm64\n");
    for (platform, folder) in
        [("linux-amd64", "linux-64"), ("linux-arm64", "linux-aarch64"), ("osx-arm64", "osx-arm64")]
    {
        let list = repository.repository.read(&format!("dependencies/lock/{platform}/conda.lock"));
        assert!(list.contains(&format!("/lab/{folder}/numpy-2.1.3-py311_")), "{list}");
        assert!(list.contains("/lab/noarch/demopkg-2.0-"), "{list}");
    }
    let header = repository.repository.read("dependencies/lock/osx-arm64/lock.toml");
    assert!(header.contains("\"__osx 14.0=0 from the default\"") && header.contains("\"numpy==2.1.3\""), "{header}");
}

#[test]
fn what_is_locked_stays_unless_it_is_to_be_upgraded() {
    let asking = Asking::for_packages("python=3.11 steady=1.0");
    let lock = ["lock", "--platform", "linux/amd64"];
    asking.repository.xtask(lock).exits(0);
    asking.ask("python=3.11 steady");
    asking.repository.xtask(lock).exits(0);
    assert!(asking.has_locked("linux-amd64", "steady-1.0-"));
    asking.ask("python=3.11 steady numpy");
    asking.repository.xtask(lock).exits(0).stderr_has("  + numpy 2.1.3 ");
    assert!(asking.has_locked("linux-amd64", "steady-1.0-") && asking.has_locked("linux-amd64", "numpy-2.1.3-"));
    asking.repository.xtask_with(lock, ["--upgrade", "steady"]).exits(0).stderr_has("  steady 1.0 ");
    assert!(asking.has_locked("linux-amd64", "steady-1.1-"));
}

#[test]
fn channels_count_in_their_order_and_a_package_may_name_its_own() {
    let asking = Asking::for_packages("python=3.11");
    let [lab, extra] = ["lab", "extra"].map(|it| asking.server.url(it));
    let lock = ["lock", "--platform", "linux/amd64"];
    for (channels, packages, expected) in [
        (format!("{lab} {extra}"), "python=3.11 libdemo".to_owned(), "libdemo-1.3.0-"),
        (format!("{extra} {lab}"), "python=3.11 libdemo".to_owned(), "libdemo-1.2.9-extra"),
        (format!("{lab} {extra}"), format!("python=3.11 {extra}::libdemo"), "libdemo-1.2.9-extra"),
        (format!("{lab} nodefaults"), "python=3.11 libdemo[version='>=1.2,<1.3']".to_owned(), "libdemo-1.2.3-"),
        (asking.channel.file_url("lab"), "python=3.11 numpy=1.26.4=*mkl*".to_owned(), "numpy-1.26.4-py311_mkl_0"),
    ] {
        asking.ask_of(&channels, &packages);
        asking.repository.xtask(lock).exits(0);
        assert!(asking.has_locked("linux-amd64", expected), "{expected} in {:?}", asking.locked("linux-amd64"));
    }
}

#[test]
fn the_settings_tell_whether_there_is_a_gpu() {
    let build = |settings: &str| {
        let asking = Asking::with_settings(settings, "python=3.11 demotorch");
        asking.repository.xtask(["lock", "--platform", "linux/amd64"]).exits(0);
        asking.locked("linux-amd64").into_iter().find(|it| it.starts_with("demotorch")).unwrap()
    };
    assert_eq!(build(""), "demotorch-2.6.0-cpu_py311_0");
    assert_eq!(build("CPU_OR_GPU=gpu\n"), "demotorch-2.6.0-cuda126_py311_1");
}

#[test]
fn each_variant_of_a_platform_has_a_lock_of_its_own() {
    let asking = Asking::for_packages("python=3.11 demotorch");
    let torch = |asking: &Asking, folder: &str| {
        asking.locked(folder).into_iter().find(|it| it.starts_with("demotorch")).unwrap()
    };
    for variant in ["cpu", "gpu", "cuda11.8", "cluster"] {
        asking.repository.xtask(["lock", "--platform", "linux/amd64", "--variant", variant]).exits(0);
    }
    let [cpu, gpu] = ["demotorch-2.6.0-cpu_py311_0", "demotorch-2.6.0-cuda126_py311_1"];
    for (folder, expected) in [
        ("linux-amd64-cpu", cpu),
        ("linux-amd64-gpu", gpu),
        ("linux-amd64-cuda11.8", cpu),
        ("linux-amd64-cluster", cpu),
    ] {
        assert_eq!(torch(&asking, folder), expected, "{folder}");
    }
    assert!(!asking.repository.path("dependencies/lock/linux-amd64").exists(), "nobody has asked for it");

    // CPU_OR_GPU chooses, and a name goes first.
    let used = |asking: &Asking, folder: &str| {
        let told = format!("because `dependencies/lock/{folder}` matches the dependency files: nothing is solved");
        asking.repository.xtask(["build", "--dry-run", "--locked"]).exits(0).stderr_has(&told);
    };
    used(&asking, "linux-amd64-cpu");
    let asking = Asking { repository: asking.repository.variable("CPU_OR_GPU", "gpu"), ..asking };
    used(&asking, "linux-amd64-gpu");
    let asking = Asking { repository: asking.repository.variable("LOCK_VARIANT", "cuda11.8"), ..asking };
    used(&asking, "linux-amd64-cuda11.8");
    let asking = Asking { repository: asking.repository.variable("LOCK_VARIANT", "tpu"), ..asking };
    asking
        .repository
        .xtask(["build", "--locked"])
        .exits(1)
        .stderr_has("error: the variant tpu of linux/amd64 has no lock: `cargo xtask lock --variant tpu` makes one\n");
    for file in ["conda.lock", "pylock.toml", "lock.toml"] {
        let text = asking.repository.read(&format!("dependencies/lock/linux-amd64-gpu/{file}"));
        asking.repository.write(&format!("dependencies/lock/linux-amd64-tpu/{file}"), &text);
    }
    asking
        .repository
        .xtask(["build", "--locked"])
        .exits(1)
        .stderr_has("its platform or variant is not that of its folder");
}

#[test]
fn the_processor_that_happens_to_solve_decides_nothing() {
    let asking = Asking::for_packages("python=3.11 fastlib");
    asking.repository.xtask(["lock", "--platform", "linux/amd64"]).exits(0);
    assert!(asking.has_locked("linux-amd64", "fastlib-1.0-v1_0"));
    let asking = Asking { repository: asking.repository.variable("CONDA_OVERRIDE_ARCHSPEC", "x86_64_v4"), ..asking };
    asking.repository.xtask(["lock", "--platform", "linux/amd64", "--upgrade"]).exits(0);
    assert!(asking.has_locked("linux-amd64", "fastlib-1.0-v4_1"));
}

#[test]
fn what_pip_adds_takes_what_conda_brings_as_given() {
    let asking = Asking::for_packages("python=3.11 conda-pluggy iniconfig pip: pytest");
    asking.repository.xtask(["lock", "--platform", "linux/amd64"]).exits(0);
    let pylock = asking.repository.read("dependencies/lock/linux-amd64/pylock.toml");
    assert!(pylock.contains("name = \"pytest\""), "{pylock}");
    assert!(!pylock.contains("pluggy") && !pylock.contains("iniconfig"), "pip would install over conda's: {pylock}");

    asking.ask("python=3.11 markupsafe pip: markupsafe>=3.0.3");
    let ended = asking.repository.xtask(["lock", "--platform", "linux/amd64"]);
    ended
        .exits(1)
        .stderr_has("error[E0353]: conda brings `markupsafe` 3.0.2, and pip would install another one over it");
    ended.stderr_has("dependencies/environment.yml:7:7");
}

#[test]
fn whoever_could_do_without_conda_is_told() {
    let asking = Asking::for_packages("python=3.11 numpy conda-pluggy");
    let says = "ask for `numpy`, `pluggy` below `- pip:`, and nothing needs conda\n";
    asking.repository.xtask(["lock", "--platform", "linux/amd64"]).exits(0).stderr_has(says);
    asking.ask("python=3.11 numpy libdemo");
    let ended = asking.repository.xtask(["lock", "--platform", "linux/amd64"]);
    ended.exits(0);
    assert!(!ended.err().contains("nothing needs conda"), "{}", ended.err());
}

#[test]
fn a_mirror_is_where_the_names_of_channels_lead() {
    let asking = Asking::for_packages("python=3.11");
    let asking = Asking {
        repository: asking.repository.variable("CONDA_CHANNEL_ALIAS", asking.server.url("").trim_end_matches('/')),
        ..asking
    };
    asking.ask_of("conda-forge", "python=3.11 libdemo");
    asking.repository.xtask(["lock", "--platform", "linux/amd64"]).exits(0);
    let list = asking.repository.read("dependencies/lock/linux-amd64/conda.lock");
    assert!(list.contains(&asking.server.url("conda-forge/linux-64/libdemo-")), "{list}");
}

#[test]
fn what_cannot_be_solved_is_told_by_its_lines() {
    let asking = Asking::for_packages("python=3.11");
    for (packages, expected) in [
        ("python=3.13 libdemo", ["environment.yml:4:5", "error[E0351]: no channel has `python=3.13`", "`3.11.2`"]),
        ("python=3.11 nosuchpkg", ["environment.yml:5:5", "no channel has `nosuchpkg`", "below `- pip:`"]),
        ("python=3.11 libdmo", ["environment.yml:5:5", "no channel has `libdmo`", "did you mean `libdemo`"]),
        (
            "python=3.11 conflicta conflictb",
            ["environment.yml:6:5", "`conflictb` cannot be had", "without it, the rest"],
        ),
        (
            "python=3.11 future",
            ["a package needs `__glibc >=9.9`", "__glibc is 2.28, from the default", "OVERRIDE_GLIBC"],
        ),
        ("python=3.11 demotorch=2.6.0=cuda*", ["needs `__cuda", "set CPU_OR_GPU=gpu", "environment.yml:5:5"]),
        ("libdemo", ["error[E0354]", "none of conda's packages brings Python", "`- python=3.12`"]),
    ] {
        asking.ask(packages);
        let ended = asking.repository.xtask(["lock", "--platform", "linux/amd64"]);
        ended.exits(1);
        for part in expected {
            ended.stderr_has(part);
        }
    }
    assert!(!asking.repository.path("dependencies/lock").exists());
}

#[test]
fn a_channel_that_cannot_be_read_is_told_by_its_line() {
    let asking = Asking::for_packages("python=3.11");
    let channels = ["auth/lab", "private/lab", "broken/lab", "missing/lab"].map(|it| asking.server.url(it));
    let nowhere = "http://127.0.0.1:9/lab".to_owned();
    for (channel, expected) in channels.into_iter().chain([nowhere]).zip([
        ["401", "it wants a login"],
        ["401", "it wants a login"],
        ["503", "the fault is the server's"],
        ["404", "correct its name or address"],
        ["cannot be read", "docs/proxy.md"],
    ]) {
        asking.ask_of(&channel, "python=3.11 libdemo");
        let ended = asking.repository.xtask(["lock", "--platform", "linux/amd64"]);
        ended.exits(1).stderr_has("dependencies/environment.yml:2:5").stderr_has("error[E0352]: the channel `");
        for part in expected {
            ended.stderr_has(part);
        }
    }
}

#[test]
fn a_login_opens_a_channel_and_is_in_no_file() {
    let asking = Asking::for_packages("python=3.11");
    let (user, password) = CREDENTIALS.split_once(':').unwrap();
    let address = asking.server.url("auth/lab").replace("http://", &format!("http://{user}:${{LAB_PASSWORD}}@"));
    asking.ask_of(&address, "python=3.11 libdemo");
    let asking = Asking { repository: asking.repository.variable("LAB_PASSWORD", password), ..asking };
    asking.repository.xtask(["lock", "--platform", "linux/amd64"]).exits(0);
    let url = asking.server.url("auth/lab/linux-64/libdemo-1.3.0");
    assert!(asking.repository.read("dependencies/lock/linux-amd64/conda.lock").contains(&url));
    asking.repository.xtask(["build"]).exits(0);
    for (path, entry) in asking.repository.tree() {
        assert!(!format!("{entry:?}").contains(password), "the password is in {}", path.display());
    }
}

#[test]
fn a_token_opens_a_channel_and_is_in_no_file() {
    let asking = Asking::for_packages("python=3.11");
    asking.ask_of(&asking.server.url("t/${LAB_TOKEN}/private/lab"), "python=3.11 libdemo");
    let lock = ["lock", "--platform", "linux/amd64"];
    asking.repository.xtask(lock).exits(1).stderr_has("error[E0333]: `LAB_TOKEN` has no value");
    let asking = Asking { repository: asking.repository.variable("LAB_TOKEN", TOKEN), ..asking };
    asking.repository.xtask(lock).exits(0);
    let list = asking.repository.read("dependencies/lock/linux-amd64/conda.lock");
    assert!(list.contains(&asking.server.url("private/lab/linux-64/libdemo-1.3.0")), "{list}");
    asking.repository.xtask(["build"]).exits(0);
    assert!(asking.repository.docker_changes()[0].contains(&"id=channels,env=XTASK_CHANNELS".to_owned()));
    for (path, entry) in asking.repository.tree() {
        let text = format!("{entry:?}");
        assert!(!text.contains(TOKEN), "the token is in {}", path.display());
        let is_intent = path.ends_with("environment.yml");
        assert!(is_intent || !text.contains("LAB_TOKEN"), "the variable is in {}", path.display());
    }
}

#[test]
fn without_a_connection_the_cache_answers() {
    let asking = Asking::for_packages("python=3.11 libdemo");
    asking.repository.xtask(["lock", "--platform", "linux/amd64"]).exits(0);
    let asked = asking.server.requests().len();
    std::fs::remove_dir_all(asking.repository.path("dependencies/lock")).unwrap();
    let asking = Asking { repository: asking.repository.variable("CONDA_OFFLINE", "1"), ..asking };
    asking.repository.xtask(["lock", "--platform", "linux/amd64"]).exits(0);
    assert_eq!(asking.server.requests().len(), asked);
    asking.ask_of(&asking.server.url("extra"), "python=3.11 onlyextra");
    asking.repository.xtask(["lock", "--platform", "linux/amd64"]).exits(1).stderr_has("E0352");
}
