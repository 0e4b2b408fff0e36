//! Kubernetes: does the server answer, may jobs be made, and is there what the site's file names.

use anyhow::Result;
use serde_json::Value;

use jobs::{KubernetesSite, Site, kubernetes::KubernetesClient};
use project::Context;

use super::{ask, ask_all, claims, last_words};
use crate::{diagnosis::Diagnosis, facts::ProgramAnswer};

/// An object that the site's file names, and the answer to whether it is there.
#[derive(Debug, Clone)]
pub(super) struct NamedObject {
    /// The key of the file.
    pub key: &'static str,
    pub name: String,
    pub answer: ProgramAnswer,
}

pub(super) fn diagnoses(cx: &Context, site: &Site, kubernetes: &KubernetesSite) -> Result<Vec<Diagnosis>> {
    let client = KubernetesClient::of(kubernetes);
    let questions =
        [client.versions(), client.may_create("jobs.batch"), client.may_create("configmaps"), client.quotas()];
    let [versions, jobs, config_maps, quotas] = ask_all(&cx.runner, questions)?;
    let server = server(kubernetes, &versions);
    if server_version(&versions).is_none() {
        return Ok(vec![server]);
    }
    let mut wanted: Vec<(&str, &str, &str)> =
        claims(&site.storage).into_iter().map(|it| ("storage", "persistentvolumeclaims", it)).collect();
    wanted.extend(kubernetes.queue.iter().map(|it| ("queue", "localqueues.kueue.x-k8s.io", it.as_str())));
    wanted.extend(kubernetes.pull_secret.iter().map(|it| ("pull_secret", "secrets", it.as_str())));
    let objects = find(cx, &client, &wanted)?;
    let mut diagnoses = vec![
        server,
        permission("jobs", &kubernetes.namespace, &jobs),
        permission("code", &kubernetes.namespace, &config_maps),
    ];
    diagnoses.extend(objects.iter().map(object));
    diagnoses.extend(quota(&quotas));
    Ok(diagnoses)
}

pub(super) fn find(
    cx: &Context,
    client: &KubernetesClient,
    wanted: &[(&'static str, &str, &str)],
) -> Result<Vec<NamedObject>> {
    let mut objects = Vec::new();
    for (key, kind, name) in wanted {
        let answer = ask(&cx.runner, &client.find(kind, name))?;
        objects.push(NamedObject { key, name: (*name).to_owned(), answer });
    }
    Ok(objects)
}

/// Clusters put a `+` behind the minor number.
fn server_version(answer: &ProgramAnswer) -> Option<(u16, u16)> {
    let versions: Value = serde_json::from_str(&answer.output()?.stdout).ok()?;
    let number = |key: &str| versions["serverVersion"][key].as_str()?.trim_end_matches('+').parse().ok();
    Some((number("major")?, number("minor")?))
}

fn server(site: &KubernetesSite, answer: &ProgramAnswer) -> Diagnosis {
    let Some((major, minor)) = server_version(answer) else {
        let fix = match answer {
            ProgramAnswer::NotFound => "install kubectl: https://kubernetes.io/docs/tasks/tools/",
            _ => "`kubectl config get-contexts` shows where it asks; some clusters need a VPN",
        };
        return Diagnosis::missing("kubectl", last_words(answer), fix);
    };
    let text = format!("the server is {major}.{minor}");
    if site.version == (major, minor) {
        return Diagnosis::ok("kubectl", text);
    }
    let text = format!("{text}, and the file says {}.{}", site.version.0, site.version.1);
    Diagnosis::warning("kubectl", text, format!("write `version = \"{major}.{minor}\"`"))
}

pub(super) fn permission(fact: &'static str, namespace: &str, answer: &ProgramAnswer) -> Diagnosis {
    let what = if fact == "jobs" { "jobs" } else { "config maps, which jobs have their code from" };
    if answer.stdout().is_some_and(|it| it.trim() == "yes") {
        return Diagnosis::ok(fact, format!("you may make {what} in `{namespace}`"));
    }
    let fix = format!("ask the administrators for the role `edit` in `{namespace}`, or correct the name");
    Diagnosis::missing(fact, format!("you may not make {what} in `{namespace}`: {}", last_words(answer)), fix)
}

pub(super) fn object(object: &NamedObject) -> Diagnosis {
    let NamedObject { key, name, answer } = object;
    let said = last_words(answer);
    if answer.stdout().is_some() {
        Diagnosis::ok(key, format!("`{name}` is there"))
    } else if said.contains("Forbidden") || said.contains("forbidden") {
        Diagnosis::warning(key, format!("`{name}` may not be looked at"), "ask the administrators whether it is there")
    } else {
        Diagnosis::missing(key, format!("there is no `{name}`: {said}"), "correct the name in the site's file")
    }
}

/// How much of what is limited is used; nothing where nothing is.
fn quota(answer: &ProgramAnswer) -> Option<Diagnosis> {
    let quotas: Value = serde_json::from_str(answer.stdout()?).ok()?;
    let mut parts = Vec::new();
    for status in quotas["items"].as_array()?.iter().map(|it| &it["status"]) {
        for (resource, hard) in status["hard"].as_object().into_iter().flatten() {
            let text = |it: &Value| it.as_str().unwrap_or("0").to_owned();
            parts.push(format!("{resource} {} of {}", text(&status["used"][resource.as_str()]), text(hard)));
        }
    }
    (!parts.is_empty()).then(|| Diagnosis::ok("quota", parts.join(", ")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{diagnosis::FactState, site::fixtures::answered};

    fn site() -> KubernetesSite {
        let source =
            report::Source::new("k8s.toml", "engine = \"kubernetes\"\nnamespace = \"lab\"\nversion = \"1.33\"\n");
        let site = Site::parse(&source, &mut report::Findings::default()).unwrap();
        let jobs::SiteEngine::Kubernetes(kubernetes) = site.engine else { panic!("{site:?}") };
        kubernetes
    }

    #[test]
    fn the_servers_version_is_compared() {
        let versions = |minor: &str| {
            let json = format!(
                r#"{{"clientVersion": {{"major": "1", "minor": "37"}}, "serverVersion": {{"major": "1", "minor": "{minor}"}}}}"#
            );
            answered(0, &json, "")
        };
        assert_eq!(server(&site(), &versions("33+")), Diagnosis::ok("kubectl", "the server is 1.33"));
        let older = server(&site(), &versions("31"));
        assert_eq!((older.state, older.fix.as_deref()), (FactState::Warning, Some("write `version = \"1.31\"`")));
    }

    #[test]
    fn a_server_that_is_away_is_told_in_the_clients_words() {
        let away = answered(1, r#"{"clientVersion": {"major": "1"}}"#, "The connection to the server was refused\n");
        let found = server(&site(), &away);
        assert_eq!(
            (found.state, found.text.as_str()),
            (FactState::Missing, "The connection to the server was refused")
        );
        assert!(server(&site(), &ProgramAnswer::NotFound).fix.unwrap().starts_with("install kubectl"));
    }

    #[test]
    fn what_may_not_be_made_and_what_is_not_there_is_missing() {
        assert_eq!(permission("jobs", "lab", &answered(0, "yes\n", "")).state, FactState::Ok);
        assert_eq!(permission("jobs", "lab", &answered(1, "no\n", "")).state, FactState::Missing);
        let state = |answer| object(&NamedObject { key: "queue", name: "q".to_owned(), answer }).state;
        assert_eq!(state(answered(0, "localqueue.kueue.x-k8s.io/q\n", "")), FactState::Ok);
        assert_eq!(state(answered(1, "", "Error from server (NotFound): \"q\" not found\n")), FactState::Missing);
        assert_eq!(state(answered(1, "", "Error from server (Forbidden): no\n")), FactState::Warning);
    }

    #[test]
    fn a_quota_says_what_is_left() {
        let json = r#"{"items": [{"status": {"hard": {"requests.nvidia.com/gpu": "8"}, "used": {"requests.nvidia.com/gpu": "3"}}}]}"#;
        assert_eq!(quota(&answered(0, json, "")), Some(Diagnosis::ok("quota", "requests.nvidia.com/gpu 3 of 8")));
        assert_eq!(quota(&answered(0, r#"{"items": []}"#, "")), None);
    }
}
