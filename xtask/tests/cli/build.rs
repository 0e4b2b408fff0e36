//! `cargo xtask build` with Docker.

use serde_json::{Value, json};

use crate::repository::Repository;
use crate::stand_in::{Call, argv};

const BAKE_FILE: &str = "target/xtask/bake.json";

/// How several images are built.
const BAKE: [&str; 4] = ["buildx", "bake", "--file", "[ROOT]/target/xtask/bake.json"];

/// `docker buildx build` of a target as a fresh repository asks for it.
pub fn build_of(target: &str) -> Call {
    argv(&format!(
        "buildx build --load --file [ROOT]/installation/docker-amd64/Dockerfile --target {target} \
         --tag sci/jdoe/tiny-project:{target} --tag sci/jdoe/tiny-project:{target}-[HASH] --label xtask.inputs=[INPUTS] --build-arg BASE_IMAGE=ubuntu:24.04 --build-arg SOLVER=uv \
         --build-arg LAYERS=0 --build-arg PACKAGES=wheels --build-arg INPUTS=[INPUTS] [ROOT]/target/xtask/context"
    ))
}

#[test]
fn the_runtime_image_is_built_unless_another_is_named() {
    let repository = Repository::with_settings("");
    let says = "xtask: building `sci/jdoe/tiny-project:runtime` with uv, because no package needs conda\n";
    repository.xtask(["build"]).exits(0).stdout("").stderr_has(says);
    let inspect = "image inspect --format [{{json .RepoTags}},{{json .RepoDigests}},{{json .Id}},{{json .Created}},{{json .Config.Labels}}] \
                   sci/jdoe/tiny-project:runtime sci/jdoe/tiny-project:runtime-[HASH] ubuntu:24.04";
    let calls = [
        argv("info --format {{json .}}"),
        vec![inspect.to_owned()],
        argv("version --format {{json .}}"),
        argv("buildx version"),
        // Which Python the image will have, a step of a build tells.
        argv("image inspect --format {{.Id}} ubuntu:24.04"),
        argv("run --rm --network=none --entrypoint getconf ubuntu:24.04 GNU_LIBC_VERSION"),
        argv("image inspect --format {{.Id}} ubuntu:24.04"),
        argv(
            "buildx build --output type=local,dest=[ROOT]/target/xtask/solve-in-docker/answer \
             --file [ROOT]/installation/docker-amd64/Dockerfile --target answer --build-arg BASE_IMAGE=ubuntu:24.04 \
             --build-arg SOLVER=uv --build-arg LAYERS=0 --build-arg PACKAGES=wheels --no-cache-filter solver [ROOT]/target/xtask/solve-in-docker/context",
        ),
        build_of("runtime"),
        argv("image inspect --format {{.Size}} sci/jdoe/tiny-project:runtime"),
    ];
    let joined: Vec<String> = repository.docker_calls().iter().map(|it| it.join(" ")).collect();
    assert_eq!(joined, calls.map(|it| it.join(" ")));

    repository.stand_ins.forget();
    repository.xtask(["build", "runtime", "--force"]).exits(0).stdout("").stderr_has(says);
    assert_eq!(repository.docker_changes(), [build_of("runtime")]);
}

#[test]
fn what_is_up_to_date_is_seen_by_one_question_to_docker() {
    let repository = Repository::fresh();
    repository.xtask(["build", "all"]).exits(0);
    repository.stand_ins.forget();
    repository.write("dependencies/apt-dev.txt", "# for people\ncurl\nvim\n");
    let says = "xtask: `sci/jdoe/tiny-project:runtime` is up to date, built 2026-11-25 12:00:00\n\
                xtask: `sci/jdoe/tiny-project:dev` is up to date, built 2026-11-25 12:00:00\n";
    repository.xtask(["build", "all"]).exits(0).stdout("").stderr(says);
    let calls = repository.docker_calls();
    assert!(calls.len() == 1 && calls[0].starts_with(&argv("image inspect")), "{calls:?}");
}

#[test]
fn what_is_not_says_why_to_the_line_and_run_warns_where_it_does_not_build() {
    let repository = Repository::with_settings("");
    repository.xtask(["build", "all"]).exits(0);
    let environment = "dependencies:\n  - python>=3.11\n  - pip:\n    - tqdm>=4\n    - numpy\n";
    repository.write("dependencies/environment.yml", environment);
    repository.write("dependencies/apt-dev.txt", "curl\nvim\ntmux\n");
    let warning = "xtask: warning: `sci/jdoe/tiny-project:runtime` is out of date \
                   (environment.yml:5 + numpy, and 1 more): cargo xtask build runtime\n";
    repository.xtask(["run", "--no-sync", "true"]).exits(0).stderr(warning);
    let ended = repository.xtask(["build", "all"]);
    ended.exits(0).stderr_has(
        "`sci/jdoe/tiny-project:runtime` is out of date:\nxtask:   environment.yml:5 + numpy\n\
                      xtask:   environment.yml:4 tqdm any -> >=4\n",
    );
    ended.stderr_has("xtask:   apt-dev.txt:3 + tmux\n");
    repository.xtask(["run", "true"]).exits(0).stderr("");
}

/// What the label of the last image says that it was made of.
fn inputs(repository: &Repository) -> String {
    let calls = repository.stand_ins.calls("docker");
    let build = calls.into_iter().rfind(|it| it[..2] == ["buildx", "build"]).unwrap();
    let label = build.iter().find_map(|it| it.strip_prefix("xtask.inputs=")).unwrap();
    assert!(label.len() == 64 && label.bytes().all(|it| it.is_ascii_hexdigit()), "{label}");
    label.to_owned()
}

#[test]
fn the_label_changes_with_a_package_and_not_with_a_comment() {
    let repository = Repository::with_settings("");
    let built = |environment: &str| {
        repository.write("dependencies/environment.yml", environment);
        repository.xtask(["build", "--force"]).exits(0);
        inputs(&repository)
    };
    let plain = built("dependencies:\n  - python>=3.11\n  - pip:\n    - tqdm\n");
    let commented = built("# mine\ndependencies:\n  - pip:\n    - tqdm # bars\n\n  - python>=3.11\n");
    let with_another = built("dependencies:\n  - python>=3.11\n  - pip:\n    - tqdm\n    - numpy\n");
    assert_eq!(plain, commented);
    assert_ne!(plain, with_another);
}

#[test]
fn a_package_for_development_alone_leaves_the_runtime_image_as_it_is() {
    let repository = Repository::with_settings("");
    let built = |target: &str, list: &str| {
        repository.write("dependencies/apt-dev.txt", list);
        repository.xtask(["build", target, "--force"]).exits(0);
        inputs(&repository)
    };
    assert_eq!(built("runtime", "vim\n"), built("runtime", "vim\ncurl\n"));
    assert_ne!(built("dev", "vim\n"), built("dev", "vim\ncurl\n"));
}

#[test]
fn the_dev_image_is_built_when_it_is_named() {
    let repository = Repository::with_settings("");
    repository.xtask(["build", "dev"]).exits(0).stdout("").stderr_has("building `sci/jdoe/tiny-project:dev` with uv");
    assert_eq!(repository.docker_changes(), [build_of("dev")]);
}

#[test]
fn all_builds_both_in_one_go() {
    let repository = Repository::with_settings("").variable("https_proxy", "http://me:secret@proxy");
    repository.xtask(["build", "all"]).exits(0).stdout("");
    assert_eq!(repository.docker_changes(), [BAKE.map(str::to_owned)]);
    let text = repository.read(BAKE_FILE);
    assert!(!text.contains("secret@proxy"), "{text}");
    let file: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(file["group"]["default"]["targets"], json!(["runtime", "dev"]));
    for target in ["runtime", "dev"] {
        let it = &file["target"][target];
        let name = format!("sci/jdoe/tiny-project:{target}");
        assert_eq!(
            (&it["target"], &it["tags"][0], &it["output"]),
            (&json!(target), &json!(name), &json!(["type=docker"]))
        );
        assert_eq!(it["args"]["BASE_IMAGE"], "ubuntu:24.04");
        assert_eq!(it["args"]["https_proxy"], "${https_proxy}");
        assert!(it["labels"]["xtask.inputs"].as_str().unwrap().len() == 64);
        assert!(it["context"].as_str().unwrap().ends_with("/target/xtask/context"));
    }
    assert_ne!(file["target"]["dev"]["tags"][1], file["target"]["runtime"]["tags"][1]);
    assert_eq!(file["variable"]["https_proxy"]["default"], "");
}

#[test]
fn what_was_built_is_told_at_the_end() {
    let repository = Repository::with_settings("").image("ubuntu:24.04");
    repository.stand_ins.note(
        "progress",
        "#4 [dev internal] load .dockerignore\n#4 DONE 0.0s\n#5 [runtime base 1/1] FROM ubuntu:24.04\n#5 CACHED\n\
         #6 [runtime common 1/2] COPY --from=environment /opt/env /opt/env\n#6 DONE 2.5s\n\
         #7 [dev common 1/2] COPY --from=environment /opt/env /opt/env\n#7 CACHED\n\
         #8 [dev dev 3/4] RUN --mount=type=bind,source=x,target=/x     apt-install\n#8 DONE 12.3s\n\
         #9 [runtime uv 1/1] RUN uv\n#9 DONE 0.4s\n#10 [dev] exporting to image\n#10 DONE 1.2s\n",
    );
    let ended = repository.xtask(["build", "all"]);
    let told = ended.exits(0).err().split_once("TARGET ").expect("there is a table").1;
    let lines: Vec<Vec<&str>> = told.lines().map(|it| it.split_whitespace().collect()).collect();
    let platform = if cfg!(target_arch = "aarch64") { "linux/arm64" } else { "linux/amd64" };
    assert_eq!(lines[1], ["runtime", platform, "404.1", "MB", "1/3", "2.9", "s"]);
    assert_eq!(lines[2], ["dev", platform, "404.1", "MB", "1/4", "15.2", "s"]);
    assert!(lines[3].starts_with(&["built", "in"]), "{lines:?}");
    let slowest: Vec<String> = lines[4..].iter().map(|it| it.join(" ")).collect();
    let expected = [
        "12.3 s [dev 3/4] RUN apt-install",
        "2.5 s [common 1/2] COPY --from=environment /opt/env /opt/env",
        "1.2 s [dev] exporting to image",
    ];
    assert_eq!(slowest, expected);
}

#[test]
fn the_settings_name_the_image_and_its_base() {
    let lines = "REGISTRY_HOSTNAME=registry.example.org:5000\nIMAGE_NAME=lab/study\nBASE_IMAGE='debian:12'\n";
    let repository = Repository::with_settings(lines);
    repository.xtask(["build"]).exits(0);
    let [build] = &repository.docker_changes()[..] else { panic!("one build") };
    let line = build.join(" ");
    assert!(line.contains(" --tag registry.example.org:5000/lab/study:runtime "), "{line}");
    assert!(line.contains(" --build-arg BASE_IMAGE=debian:12 "), "{line}");
}

#[test]
fn a_variable_of_the_shell_goes_before_the_file() {
    let repository = Repository::with_settings("BASE_IMAGE=debian:12\n").variable("BASE_IMAGE", "debian:13");
    repository.xtask(["build"]).exits(0);
    assert!(repository.docker_changes()[0].contains(&"BASE_IMAGE=debian:13".to_owned()));
}

#[test]
fn it_works_from_any_directory_of_the_repository() {
    let repository = Repository::with_settings("").inside("python-project/src");
    repository.xtask(["build"]).exits(0);
    assert_eq!(repository.docker_changes(), [build_of("runtime")]);
}

#[test]
fn a_repository_whose_path_has_blanks_commas_and_other_letters_is_built_too() {
    let repository = Repository::named("mon dépôt, été $HOME").file(crate::repository::ENV_FILE, "");
    repository.xtask(["build"]).exits(0);
    assert_eq!(repository.docker_changes(), [build_of("runtime")]);
}

#[test]
fn a_build_that_fails_says_which() {
    let repository = Repository::with_settings("").note("build-fails");
    let expected = "\
xtask: building `sci/jdoe/tiny-project:runtime` with uv, because no package needs conda
xtask: building `sci/jdoe/tiny-project:dev` with uv, because no package needs conda
xtask: asking a step of a build which Python the image will have
ERROR: failed to solve: the stand-in was told so
error: `sci/jdoe/tiny-project:runtime` and `sci/jdoe/tiny-project:dev` were not built (if `ubuntu:24.04` could not be pulled: `cargo xtask base --set` \
builds one from Debian's packages, or set BASE_IMAGE to an image that this machine has or can pull): `docker` failed with \
exit code 17
";
    repository.xtask(["build", "all"]).exits(1).stdout("").stderr(expected);
    assert_eq!(repository.docker_changes(), [BAKE.map(str::to_owned)]);
}

#[test]
fn a_build_that_fails_on_a_base_image_that_is_there_does_not_blame_it() {
    let repository = Repository::with_settings("").note("build-fails").image("ubuntu:24.04");
    let ended = repository.xtask(["build"]);
    ended
        .exits(1)
        .stderr_has("error: `sci/jdoe/tiny-project:runtime` was not built: `docker` failed with exit code 17\n");
}

#[test]
fn verbose_prints_what_is_started() {
    let repository = Repository::with_settings("");
    let ended = repository.xtask(["build", "--verbose"]);
    ended.exits(0).stdout("").stderr_has("+ docker version --format '{{json .}}'\n+ docker buildx version\n");
    ended.stderr_has(
        "\n+ BUILDX_NO_DEFAULT_ATTESTATIONS=1 docker buildx build --load --file [ROOT]/installation/docker-amd64/Dockerfile --target runtime ",
    );
}

#[test]
fn what_compose_mounts_is_made_though_the_images_are_up_to_date() {
    let repository = Repository::with_settings("");
    repository.xtask(["build"]).exits(0);
    // As where a build was killed when its images were there.
    std::fs::remove_dir_all(repository.path("installation/docker-amd64/.dev")).unwrap();
    repository.xtask(["build"]).exits(0).stderr_has("is up to date");
    assert!(repository.path("installation/docker-amd64/.dev/cache").is_dir());
}

#[test]
fn what_is_known_of_a_base_image_is_not_asked_of_a_container_again() {
    let repository = Repository::with_settings("").image("ubuntu:24.04").container("echo glibc 2.36");
    let asks = |repository: &Repository| {
        repository.stand_ins.forget();
        repository.xtask(["build", "--no-cache"]).exits(0);
        repository.docker_calls().iter().filter(|it| it.contains(&"GNU_LIBC_VERSION".to_owned())).count()
    };
    assert_eq!([asks(&repository), asks(&repository)], [1, 0]);
}
