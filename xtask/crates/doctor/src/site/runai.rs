//! Run:ai: does its command line know the project, and may `kubectl` bring code into it.
//!
//! Source: <https://docs.nvidia.com/run-ai/self-hosted/reference/cli/runai>, "runai project list".

use anyhow::Result;

use jobs::{RunAiSite, Site, kubernetes::KubernetesClient, runai::namespace};
use process::Invocation;
use project::Context;

use super::{
    ask_all, claims,
    kubernetes::{find, object, permission},
    words,
};
use crate::{diagnosis::Diagnosis, facts::ProgramAnswer};

pub(super) fn diagnoses(cx: &Context, site: &Site, runai: &RunAiSite) -> Result<Vec<Diagnosis>> {
    let namespace = namespace(&runai.project);
    let client = KubernetesClient::at(&namespace);
    let questions = [Invocation::new("runai").args(["project", "list", "--table"]), client.may_create("configmaps")];
    let [projects, config_maps] = ask_all(&cx.runner, questions)?;
    let mut diagnoses = vec![project(&runai.project, &projects), permission("code", &namespace, &config_maps)];
    if config_maps.output().is_some() {
        let wanted: Vec<_> =
            claims(&site.storage).into_iter().map(|it| ("storage", "persistentvolumeclaims", it)).collect();
        diagnoses.extend(find(cx, &client, &wanted)?.iter().map(object));
    }
    Ok(diagnoses)
}

fn project(name: &str, answer: &ProgramAnswer) -> Diagnosis {
    match answer.stdout() {
        Some(list) if list.split_whitespace().any(|it| it == name) => {
            Diagnosis::ok("runai", format!("you have the project `{name}`"))
        }
        Some(_) => {
            let fix = "correct `project` of the site's file; `runai project list` shows yours";
            Diagnosis::missing("runai", format!("you have no project `{name}`"), fix)
        }
        None => {
            Diagnosis::missing("runai", words(answer), "install Run:ai's command line, and log in with `runai login`")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{diagnosis::FactState, site::fixtures::answered};

    #[test]
    fn a_project_is_known_by_its_whole_name() {
        let list = answered(0, "PROJECT    DEPARTMENT  QUOTA\nvision-me  vision      1\n", "");
        assert_eq!(project("vision-me", &list).state, FactState::Ok);
        assert_eq!(project("vision", &answered(0, "PROJECT\nvision-me\n", "")).state, FactState::Missing);
        assert_eq!(project("vision", &ProgramAnswer::NotFound).text, "not installed on this machine");
    }
}
