//! GPUs: who gets them, and what is said where there are none.

use std::path::Path;

use crate::repository::{DEV, RUNTIME, Repository};
use crate::run::{built, only_run};
use crate::stand_in::Call;
use crate::up::{compose_files, compose_verbs};

/// Lets the daemon know NVIDIA's runtime.
fn with_toolkit(repository: Repository) -> Repository {
    repository.stand_ins.note("info", include_str!("../../crates/docker/tests/data/doctor/info-nvidia.json"));
    repository
}

/// Lets no container have a GPU.
fn without_toolkit(repository: Repository) -> Repository {
    repository.stand_ins.note("gpus", "none");
    repository
}

/// What `doctor` says, too, on a machine that has a GPU of NVIDIA's.
const NO_TOOLKIT: &str = "error: Docker has no NVIDIA runtime; without NVIDIA's Container Toolkit containers get no GPU (fix: install \
     https://docs.nvidia.com/datacenter/cloud-native/container-toolkit/latest/install-guide.html, then \
     sudo nvidia-ctk runtime configure --runtime=docker && sudo systemctl restart docker)\n";

#[test]
fn the_gpu_is_given_where_it_is_asked_for() {
    for (settings, arguments) in
        [("", ["run", "--gpu", "--", "python"]), ("CPU_OR_GPU=gpu\n", ["run", "--", "python", "-V"])]
    {
        let repository = with_toolkit(built(settings));
        repository.xtask(arguments).exits(0).stderr("");
        let line = only_run(&repository).join(" ");
        for option in [
            "--gpus all",
            "--env NVIDIA_VISIBLE_DEVICES=all",
            "--env NVIDIA_DRIVER_CAPABILITIES=compute,utility",
            "--ulimit memlock=-1",
            "--ulimit stack=67108864",
        ] {
            assert!(line.contains(&format!(" {option} ")), "{option} in {line}");
        }
    }
}

#[test]
fn nobody_else_gets_one_even_where_every_container_would() {
    let repository = with_toolkit(built(""));
    repository.xtask(["run", "python"]).exits(0);
    let line = only_run(&repository).join(" ");
    assert!(line.contains(" --env NVIDIA_VISIBLE_DEVICES=void ") && !line.contains("--gpus"), "{line}");
}

#[test]
fn without_nvidias_toolkit_it_says_what_doctor_says() {
    for verb in ["run", "dev"] {
        let repository = without_toolkit(Repository::with_settings(""));
        repository.stand_ins.note("images", &format!("{RUNTIME}\n{DEV}\n"));
        repository.xtask([verb, "--gpu", "--", "echo"]).exits(125).stdout("").stderr(NO_TOOLKIT);
    }
    let repository = without_toolkit(Repository::with_settings("").image(DEV));
    repository.xtask(["up", "--gpu"]).exits(1).stdout("").stderr_has(NO_TOOLKIT);
    assert_eq!(compose_verbs(&repository), Vec::<String>::new(), "no container was made");
}

#[test]
fn a_daemon_that_does_not_know_of_its_gpus_is_put_to_the_test() {
    let repository = built("").container("echo ran");
    repository.xtask(["run", "--gpu", "--", "python"]).exits(0).stdout("ran\n").stderr("");
    let changes = repository.docker_changes();
    assert_eq!(changes.len(), 2, "{changes:?}");
    assert!(changes[0].join(" ").ends_with(&format!(" --gpus all --entrypoint true {RUNTIME}")), "{changes:?}");
    assert!(changes[1].join(" ").ends_with(&format!(" {RUNTIME} python")), "{changes:?}");
}

#[test]
fn a_torch_that_the_gpu_does_not_run_is_told_before_the_command_starts() {
    let torch = r#"{"torch": "2.12.0+cu130", "cuda": "13.0", "architectures": ["sm_75", "sm_80"]}"#;
    let script = format!("case $* in *--entrypoint=python*) echo '{torch}' ;; *) echo ran ;; esac");
    let repository = with_toolkit(built("").container(&script)).stand_in("nvidia-smi");
    let warning = "xtask: warning: torch 2.12.0+cu130 was compiled for sm_75, sm_80, which a GPU of this machine (Tesla \
                   V100-SXM2-32GB, sm_70) does not run (fix: ask for another version of torch, or compute on another GPU)\n";
    for _ in 0..2 {
        repository.xtask(["run", "--gpu", "--", "python"]).exits(0).stdout("ran\n").stderr(warning);
    }
    assert_eq!(repository.calls("nvidia-smi").len(), 2, "the second time it is known");
    repository.xtask(["run", "--", "python"]).exits(0).stdout("ran\n").stderr("");
    let warning = "torch 2.12.0+cu130 was compiled for sm_75, sm_80, which";
    repository.xtask(["doctor"]).stdout_has(warning);
}

#[test]
fn what_nobody_could_tell_is_asked_again() {
    let repository =
        with_toolkit(built("").container("case $* in *--entrypoint=python*) exit 1 ;; *) echo ran ;; esac"));
    let repository = repository.stand_in("nvidia-smi");
    repository.xtask(["run", "--gpu", "--", "python"]).exits(0).stdout("ran\n").stderr("");
    let torch = r#"{"torch": "2.12.0+cu130", "cuda": "13.0", "architectures": ["sm_75"]}"#;
    let script = format!("case $* in *--entrypoint=python*) echo '{torch}' ;; *) echo ran ;; esac");
    repository
        .container(&script)
        .xtask(["run", "--gpu", "--", "python"])
        .exits(0)
        .stderr_has("compiled for sm_75, which");
}

#[test]
fn the_dev_container_gets_it_and_keeps_it() {
    let repository = with_toolkit(Repository::with_settings("").image(DEV));
    repository.xtask(["up", "--gpu"]).exits(0);
    assert_eq!(compose_files(&repository), ["compose.yaml", "compose.gpu.yaml"]);
    repository.xtask(["restart"]).exits(0);
    assert_eq!(compose_files(&repository), ["compose.yaml", "compose.gpu.yaml"]);
}

#[test]
fn amds_devices_come_with_the_groups_that_may_use_them() {
    let ended = built("CPU_OR_GPU=rocm\n").xtask(["run", "--dry-run", "--", "python"]);
    let line = ended.exits(0).out();
    for option in
        ["--device /dev/kfd:/dev/kfd:rwm", "--device /dev/dri:/dev/dri:rwm", "--security-opt 'seccomp=unconfined'"]
    {
        assert!(line.contains(&format!(" {option} ")), "{option} in {line}");
    }
    let groups: Vec<u32> =
        line.split(" --group-add ").skip(1).map(|it| it.split(' ').next().unwrap().parse().unwrap()).collect();
    let [video, render] = groups[..] else { panic!("{line}") };
    assert!(video != render && video != 0 && render != 0, "{line}");
}

#[test]
fn amds_devices_are_asked_for_only_where_they_are() {
    let repository = built("CPU_OR_GPU=rocm\n");
    let ended = repository.xtask(["run", "python"]);
    if Path::new("/dev/kfd").exists() {
        ended.exits(0).stderr("");
        only_run(&repository);
    } else {
        let expected = "error: this machine has no AMD GPU (`/dev/kfd`), but CPU_OR_GPU=rocm (fix: cargo xtask env --set CPU_OR_GPU=cpu)\n";
        ended.exits(125).stdout("").stderr(expected);
        assert_eq!(repository.docker_changes(), Vec::<Call>::new());
    }
}
