//! The proxy, certificates, registries, and the images that are pulled from them.

use inputs::Engine;

use super::SETTINGS;
use crate::{
    diagnosis::Diagnosis,
    facts::{MachineFacts, RegistryReply},
};

/// An unreachable registry is only a warning: what may be missing is an image, and one that is here needs no registry.
pub fn diagnose(facts: &MachineFacts) -> Vec<Diagnosis> {
    let mut diagnoses = vec![proxy(facts)];
    diagnoses.extend(certificates(facts));
    diagnoses.extend(facts.registries.iter().map(|it| registry(facts, it)));
    if facts.docker().is_ok() {
        diagnoses.push(base_image(facts, &facts.needs.base_image));
    }
    diagnoses
}

/// Shows only the names of variables, because their values may contain passwords.
fn proxy(facts: &MachineFacts) -> Diagnosis {
    const FACT: &str = "proxy";
    let named = facts.proxy_variables.join(", ");
    match &facts.proxy {
        Some(it) if it.address.is_none() => {
            let text = format!("the value of {} is not the address of a proxy", it.variable);
            Diagnosis::warning(FACT, text, format!("export {}=http://HOST:PORT", it.variable))
        }
        // The variables reach the steps of a build, but the daemon itself pulls the base image.
        Some(_) if facts.endpoint.is_local() && facts.info().is_some_and(|it| !it.has_proxy && !it.has_mirror) => {
            let text = format!("{named}; but the daemon, which pulls images, has none of its own");
            Diagnosis::warning(FACT, text, "https://docs.docker.com/engine/daemon/proxy/")
        }
        _ if named.is_empty() => Diagnosis::ok(FACT, "none"),
        _ => Diagnosis::ok(FACT, named),
    }
}

fn certificates(facts: &MachineFacts) -> Vec<Diagnosis> {
    const FACT: &str = "certificates";
    let (existing, missing): (Vec<_>, Vec<_>) = facts.bundles.iter().partition(|it| it.exists);
    let warnings = missing.into_iter().map(|it| {
        let text = format!("{} names a missing file: {}", it.variable, it.path);
        Diagnosis::warning(FACT, text, format!("unset {}", it.variable))
    });
    let names: Vec<&str> = existing.iter().map(|it| it.variable).collect();
    let text = if names.is_empty() { "the system's".to_owned() } else { names.join(", ") };
    [Diagnosis::ok(FACT, text)].into_iter().chain(warnings).collect()
}

fn registry(facts: &MachineFacts, reply: &RegistryReply) -> Diagnosis {
    const FACT: &str = "registry";
    let address = &reply.registry.address;
    let name = if address.port == 443 { address.host.clone() } else { format!("{}:{}", address.host, address.port) };
    let proxy = facts.proxy.as_ref().filter(|_| reply.is_through_proxy);
    match (&reply.result, proxy) {
        (Ok(()), Some(_)) => Diagnosis::ok(FACT, format!("{name}, through the proxy")),
        (Ok(()), None) => Diagnosis::ok(FACT, name),
        (Err(why), Some(proxy)) => {
            let text = format!("{name} is unreachable: the proxy does not answer ({why})");
            Diagnosis::warning(FACT, text, format!("export {}=http://HOST:PORT", proxy.variable))
        }
        (Err(why), None) if reply.registry.images.is_empty() => {
            let text = format!("{name} is unreachable ({why})");
            Diagnosis::warning(FACT, text, format!("set REGISTRY_HOSTNAME in {SETTINGS} to a reachable one"))
        }
        (Err(why), None) => {
            let text = format!("{name} is unreachable ({why})");
            Diagnosis::warning(FACT, text, "export HTTPS_PROXY=http://HOST:PORT, if this network has a proxy")
        }
    }
}

fn base_image(facts: &MachineFacts, image: &str) -> Diagnosis {
    const FACT: &str = "base image";
    if facts.has_image(image) {
        return Diagnosis::ok(FACT, format!("`{image}` is here"));
    }
    let comes_from = |it: &&RegistryReply| it.registry.images.iter().any(|it| it == image);
    if facts.registries.iter().find(comes_from).is_none_or(|it| it.result.is_ok()) {
        return Diagnosis::ok(FACT, format!("`{image}` is not here yet, and its registry answers"));
    }
    let fix =
        format!("set BASE_IMAGE in {SETTINGS} to an image that this machine has or can pull, such as one of a mirror");
    let unreachable = format!("`{image}` is not here, and its registry is unreachable");
    let has_other_way = !facts.endpoint.is_local() || facts.info().is_some_and(|it| it.has_mirror || it.has_proxy);
    if has_other_way {
        Diagnosis::warning(FACT, format!("{unreachable}; but the daemon may reach it in its own way"), fix)
    } else if facts.is_runtime_built() {
        Diagnosis::warning(FACT, format!("{unreachable}; but the project's image is built"), fix)
    } else {
        Diagnosis::missing(FACT, unreachable, fix).needed_by(Engine::Docker)
    }
}

#[cfg(test)]
mod tests {
    use docker::Endpoint;
    use process::HostEnvironment;

    use super::super::fixtures::{about, debian12, with_info};
    use super::*;
    use crate::{
        diagnosis::FactState,
        facts::{CaBundle, ProgramAnswer},
        network::{Proxy, proxy_variables, required_registries},
    };

    /// A machine that has no image, with this result of every connection to a registry.
    fn with_registries(result: Result<(), &str>, facts: MachineFacts) -> MachineFacts {
        let result = result.map_err(str::to_owned);
        let reply =
            |registry| RegistryReply { registry, is_through_proxy: facts.proxy.is_some(), result: result.clone() };
        let registries = required_registries(&facts.needs).into_iter().map(reply).collect();
        MachineFacts { registries, local_images: Vec::new(), ..facts }
    }

    fn behind_proxy(address: &str, facts: MachineFacts) -> MachineFacts {
        let host: HostEnvironment = [("HTTPS_PROXY".to_owned(), address.to_owned())].into_iter().collect();
        MachineFacts { proxy: Proxy::new(&host), proxy_variables: proxy_variables(&host), ..facts }
    }

    #[test]
    fn a_base_image_is_here_or_can_be_pulled() {
        let base = |facts: &MachineFacts| about(&diagnose(facts), "base image");
        assert_eq!(base(&debian12()).1, "`ubuntu:24.04` is here");
        assert_eq!(base(&with_registries(Ok(()), debian12())).0, FactState::Ok);
        let cut_off = with_registries(Err("refused"), debian12());
        let (state, _, fix) = base(&cut_off);
        assert_eq!(state, FactState::Missing);
        assert!(fix.starts_with("set BASE_IMAGE in "), "{fix}");
        let built = MachineFacts { local_images: vec!["me/project:runtime".to_owned()], ..cut_off.clone() };
        assert_eq!(base(&built).0, FactState::Warning);
        let here = MachineFacts { local_images: debian12().local_images, ..cut_off };
        assert_eq!((base(&here).0, about(&diagnose(&here), "registry").0), (FactState::Ok, FactState::Warning));
    }

    #[test]
    fn a_daemon_may_reach_what_we_do_not() {
        let endpoint = Endpoint::new("lab ssh://me@server.example.org", None);
        let elsewhere = MachineFacts { endpoint, ..debian12() };
        for facts in [with_info("info-selinux.json"), with_info("info-desktop.json"), elsewhere] {
            assert_eq!(about(&diagnose(&with_registries(Err("refused"), facts)), "base image").0, FactState::Warning);
        }
    }

    #[test]
    fn without_a_daemon_no_image_is_looked_for() {
        let diagnoses =
            diagnose(&with_registries(Err("refused"), MachineFacts { version: ProgramAnswer::NotFound, ..debian12() }));
        assert!(diagnoses.iter().all(|it| it.fact != "base image"));
        assert_eq!(about(&diagnoses, "registry").0, FactState::Warning);
    }

    #[test]
    fn the_proxy_is_connected_instead_of_the_registry_and_its_password_never_shown() {
        let facts = behind_proxy("http://me:secret@proxy:3128", with_info("info-desktop.json"));
        let fine = diagnose(&with_registries(Ok(()), facts.clone()));
        assert_eq!(about(&fine, "registry").1, "registry-1.docker.io, through the proxy");
        assert_eq!(about(&fine, "proxy"), (FactState::Ok, "HTTPS_PROXY".to_owned(), String::new()));
        let broken = diagnose(&with_registries(Err("refused"), facts));
        assert_eq!(about(&broken, "registry").2, "export HTTPS_PROXY=http://HOST:PORT");
        assert!(!format!("{fine:?}{broken:?}").contains("secret"));
    }

    #[test]
    fn a_proxy_that_the_daemon_does_not_know_or_nobody_understands_is_a_warning() {
        let (state, text, _) = about(&diagnose(&behind_proxy("http://proxy:3128", debian12())), "proxy");
        assert_eq!(state, FactState::Warning);
        assert!(text.starts_with("HTTPS_PROXY; but the daemon"), "{text}");
        let (state, _, fix) = about(&diagnose(&behind_proxy("http://proxy:port", debian12())), "proxy");
        assert_eq!((state, fix.as_str()), (FactState::Warning, "export HTTPS_PROXY=http://HOST:PORT"));
    }

    #[test]
    fn a_variable_that_names_no_file_is_a_warning() {
        let bundle = |variable, exists| CaBundle { variable, path: "/ca.pem".to_owned(), exists };
        let bundles = vec![bundle("SSL_CERT_FILE", true), bundle("PIP_CERT", false)];
        let diagnoses = certificates(&MachineFacts { bundles, ..debian12() });
        assert_eq!(diagnoses[0], Diagnosis::ok("certificates", "SSL_CERT_FILE"));
        assert_eq!(diagnoses[1].fix.as_deref(), Some("unset PIP_CERT"));
    }
}
