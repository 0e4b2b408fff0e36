//! git in containers: the directory that a worktree shares with others, and who commits.

use anyhow::Result;
use camino::{Utf8Path, Utf8PathBuf};

use images::Target;
use inputs::Project;
use process::{Invocation, files::NewFile};
use project::{Context, GitPlace};

use super::dev_directories::give_to_container_user;

/// Where git keeps what it knows of this project.
pub fn git_place(project: &Project) -> GitPlace {
    GitPlace::find(&project.settings.local.project, &project.settings.container.root)
}

/// Writes a compose file that mounts what a worktree needs, where the project is in one.
pub fn write_overlay(project: &Project) -> Result<Option<Utf8PathBuf>> {
    let GitPlace::Worktree { shared, in_container } = git_place(project) else { return Ok(None) };
    project.cx.scratch.write("compose.git.yaml", &NewFile::list(overlay_text(&shared, &in_container))).map(Some)
}

/// JSON, because that is YAML without any quoting rules of its own. Compose reads `$$` as `$`.
fn overlay_text(shared: &Utf8Path, in_container: &Utf8Path) -> String {
    let path = |it: &Utf8Path| it.as_str().replace('$', "$$");
    let mount = serde_json::json!({
        "type": "bind", "source": path(shared), "target": path(in_container), "bind": {"create_host_path": false},
    });
    let service = serde_json::json!({ "volumes": [mount] });
    let mut services = serde_json::Map::new();
    for target in Target::ALL {
        services.insert(target.name().to_owned(), service.clone());
    }
    format!("{:#}\n", serde_json::json!({ "services": services }))
}

/// Tells git in the dev container who commits, as git on this machine has it. What is there already stays, an empty file too.
pub fn write_identity(project: &Project) -> Result<()> {
    let cx = project.cx;
    let directory = cx.layout.dev_files().join("config/git");
    let file = directory.join("config");
    if file.exists() {
        return Ok(());
    }
    let lines: String = ["name", "email"].into_iter().filter_map(|it| Some(line(it, &asked(cx, it)?))).collect();
    if lines.is_empty() {
        return Ok(());
    }
    cx.files.create_dir(&directory)?;
    cx.files.write(&file, &NewFile::text(format!("[user]\n{lines}")))?;
    give_to_container_user(cx, &directory, &project.settings);
    Ok(())
}

fn asked(cx: &Context, key: &str) -> Option<String> {
    let ask = Invocation::new("git").args(["config", "--global", "--get", &format!("user.{key}")]);
    let answer = cx.runner.read(&ask).ok().filter(|it| it.exit.success())?;
    Some(answer.stdout.trim_end().to_owned()).filter(|it| !it.is_empty())
}

/// A line of git's configuration. Source: git-config(1), "Syntax".
fn line(key: &str, value: &str) -> String {
    let quoted = value.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n");
    format!("\t{key} = \"{quoted}\"\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_mounted_whatever_is_in_its_name() {
        let text = overlay_text("/a $HOME/\"x\"/.git".into(), "/a b/.git".into());
        let read: serde_json::Value = serde_yaml::from_str(&text).unwrap();
        let mount = &read["services"]["dev"]["volumes"][0];
        assert_eq!((&mount["source"], &mount["target"]), (&"/a $$HOME/\"x\"/.git".into(), &"/a b/.git".into()));
    }

    #[test]
    fn a_name_is_quoted() {
        assert_eq!(line("name", "Ada \"A\" \\o"), "\tname = \"Ada \\\"A\\\" \\\\o\"\n");
    }
}
