//! The proxy, certificates, registries, and the images that come from them.

use inputs::Engine;

use super::SETTINGS;
use crate::{
    diagnosis::Diagnosis,
    facts::{MachineFacts, Reached},
};

/// The images are said to be missing, not the registries: who has the image needs no registry.
pub fn judge(facts: &MachineFacts) -> Vec<Diagnosis> {
    let mut diagnoses = vec![proxy(facts)];
    diagnoses.extend(certificates(facts));
    diagnoses.extend(facts.reached.iter().map(|it| registry(facts, it)));
    if facts.docker().is_ok() {
        diagnoses.extend(facts.wishes.sources().into_iter().map(|(fact, image)| source(facts, fact, image)));
    }
    diagnoses
}

/// Values are not shown: they may hold passwords.
fn proxy(facts: &MachineFacts) -> Diagnosis {
    const FACT: &str = "proxy";
    let named = facts.proxy_variables.join(", ");
    match &facts.proxy {
        Some(it) if it.place.is_none() => {
            let text = format!("the value of {} is not the address of a proxy", it.variable);
            Diagnosis::warning(FACT, text, format!("export {}=http://HOST:PORT", it.variable))
        }
        // What is passed to a build reaches its steps; the base image is pulled by the daemon itself.
        Some(_) if facts.endpoint.is_local() && facts.info().is_some_and(|it| !it.has_proxy && !it.has_mirror) => {
            let text = format!("{named}; but the daemon, which pulls images, has none of its own");
            Diagnosis::warning(FACT, text, "https://docs.docker.com/engine/daemon/proxy/")
        }
        _ if named.is_empty() => Diagnosis::ok(FACT, "none is set"),
        _ => Diagnosis::ok(FACT, named),
    }
}

fn certificates(facts: &MachineFacts) -> Vec<Diagnosis> {
    const FACT: &str = "certificates";
    let (there, gone): (Vec<_>, Vec<_>) = facts.bundles.iter().partition(|it| it.exists);
    let gone = gone.into_iter().map(|it| {
        let text = format!("{} names a file that does not exist: {}", it.variable, it.path);
        Diagnosis::warning(FACT, text, format!("unset {}", it.variable))
    });
    let names: Vec<&str> = there.iter().map(|it| it.variable).collect();
    let text = if names.is_empty() { "those of the system".to_owned() } else { names.join(", ") };
    [Diagnosis::ok(FACT, text)].into_iter().chain(gone).collect()
}

fn registry(facts: &MachineFacts, reached: &Reached) -> Diagnosis {
    const FACT: &str = "registry";
    let place = &reached.registry.place;
    let name = if place.port == 443 { place.host.clone() } else { format!("{}:{}", place.host, place.port) };
    let proxy = facts.proxy.as_ref().filter(|_| reached.is_through_proxy);
    match (&reached.result, proxy) {
        (Ok(()), Some(_)) => Diagnosis::ok(FACT, format!("{name}, through the proxy")),
        (Ok(()), None) => Diagnosis::ok(FACT, name),
        (Err(why), Some(proxy)) => {
            let text = format!("{name} is out of reach: the proxy does not answer ({why})");
            Diagnosis::warning(FACT, text, format!("export {}=http://HOST:PORT", proxy.variable))
        }
        (Err(why), None) if reached.registry.images.is_empty() => {
            let text = format!("{name} is out of reach ({why})");
            Diagnosis::warning(FACT, text, format!("set REGISTRY_HOSTNAME in {SETTINGS} to one that answers"))
        }
        (Err(why), None) => {
            let text = format!("{name} is out of reach from here ({why})");
            Diagnosis::warning(FACT, text, "export HTTPS_PROXY=http://HOST:PORT, if this network has a proxy")
        }
    }
}

fn source(facts: &MachineFacts, fact: &'static str, image: &str) -> Diagnosis {
    if facts.has_image(image) {
        return Diagnosis::ok(fact, format!("`{image}` is here"));
    }
    let comes_from = |it: &&Reached| it.registry.images.iter().any(|it| it == image);
    if facts.reached.iter().find(comes_from).is_none_or(|it| it.result.is_ok()) {
        return Diagnosis::ok(fact, format!("`{image}` is not here yet, and its registry answers"));
    }
    let variable = if fact == "base image" { "BASE_IMAGE" } else { "MICROMAMBA_IMAGE" };
    let fix = format!("set {variable} in {SETTINGS} to an image that this machine has or can pull, such as a mirror's");
    let out_of_reach = format!("`{image}` is not here, and its registry is out of reach");
    let has_other_way = !facts.endpoint.is_local() || facts.info().is_some_and(|it| it.has_mirror || it.has_proxy);
    if has_other_way {
        Diagnosis::warning(fact, format!("{out_of_reach}; but the daemon may have its own way"), fix)
    } else if facts.is_built() {
        Diagnosis::warning(fact, format!("{out_of_reach}; but the project's image is built"), fix)
    } else {
        Diagnosis::missing(fact, out_of_reach, fix).needed_by(Engine::Docker)
    }
}

#[cfg(test)]
mod tests {
    use super::super::recorded::{about, debian12, with_info};
    use super::*;
    use crate::diagnosis::FactState;
    use crate::{facts::Bundle, facts::ProgramAnswer};
    use crate::{network::Proxy, network::proxy_variables, network::registries};
    use docker::Endpoint;
    use process::HostEnvironment;

    /// A machine that has no image, and whose registry answers so.
    fn reaching(result: Result<(), &str>, facts: MachineFacts) -> MachineFacts {
        let result = result.map_err(str::to_owned);
        let reached = |registry| Reached { registry, is_through_proxy: facts.proxy.is_some(), result: result.clone() };
        let reached = registries(&facts.wishes).into_iter().map(reached).collect();
        MachineFacts { reached, local_images: Vec::new(), ..facts }
    }

    fn behind_proxy(address: &str, facts: MachineFacts) -> MachineFacts {
        let host: HostEnvironment = [("HTTPS_PROXY".to_owned(), address.to_owned())].into_iter().collect();
        MachineFacts { proxy: Proxy::new(&host), proxy_variables: proxy_variables(&host), ..facts }
    }

    #[test]
    fn a_base_image_is_here_or_can_be_had() {
        let base = |facts: &MachineFacts| about(&judge(facts), "base image");
        assert_eq!(base(&debian12()).1, "`ubuntu:24.04` is here");
        assert_eq!(base(&reaching(Ok(()), debian12())).0, FactState::Ok);
        let cut_off = reaching(Err("refused"), debian12());
        let (state, _, fix) = base(&cut_off);
        assert_eq!(state, FactState::Missing);
        assert!(fix.starts_with("set BASE_IMAGE in "), "{fix}");
        let built = MachineFacts { local_images: vec!["me/project:runtime".to_owned()], ..cut_off.clone() };
        assert_eq!(base(&built).0, FactState::Warning);
        let here = MachineFacts { local_images: debian12().local_images, ..cut_off };
        assert_eq!((base(&here).0, about(&judge(&here), "registry").0), (FactState::Ok, FactState::Warning));
    }

    #[test]
    fn a_daemon_may_reach_what_we_do_not() {
        let endpoint = Endpoint::new("lab ssh://me@server.example.org", None);
        let elsewhere = MachineFacts { endpoint, ..debian12() };
        for facts in [with_info("info-selinux.json"), with_info("info-desktop.json"), elsewhere] {
            assert_eq!(about(&judge(&reaching(Err("refused"), facts)), "base image").0, FactState::Warning);
        }
    }

    #[test]
    fn without_a_daemon_no_image_is_looked_for() {
        let diagnoses = judge(&reaching(Err("refused"), MachineFacts { version: ProgramAnswer::Absent, ..debian12() }));
        assert!(diagnoses.iter().all(|it| it.fact != "base image"));
        assert_eq!(about(&diagnoses, "registry").0, FactState::Warning);
    }

    #[test]
    fn a_proxy_is_asked_in_the_registrys_place_and_its_password_never_shown() {
        let facts = behind_proxy("http://me:secret@proxy:3128", with_info("info-desktop.json"));
        let fine = judge(&reaching(Ok(()), facts.clone()));
        assert_eq!(about(&fine, "registry").1, "registry-1.docker.io, through the proxy");
        assert_eq!(about(&fine, "proxy"), (FactState::Ok, "HTTPS_PROXY".to_owned(), String::new()));
        let broken = judge(&reaching(Err("refused"), facts));
        assert_eq!(about(&broken, "registry").2, "export HTTPS_PROXY=http://HOST:PORT");
        assert!(!format!("{fine:?}{broken:?}").contains("secret"));
    }

    #[test]
    fn a_proxy_that_the_daemon_does_not_know_or_nobody_understands_is_a_warning() {
        let (state, text, _) = about(&judge(&behind_proxy("http://proxy:3128", debian12())), "proxy");
        assert_eq!(state, FactState::Warning);
        assert!(text.starts_with("HTTPS_PROXY; but the daemon"), "{text}");
        let (state, _, fix) = about(&judge(&behind_proxy("http://proxy:port", debian12())), "proxy");
        assert_eq!((state, fix.as_str()), (FactState::Warning, "export HTTPS_PROXY=http://HOST:PORT"));
    }

    #[test]
    fn a_variable_that_names_no_file_is_a_warning() {
        let bundle = |variable, exists| Bundle { variable, path: "/ca.pem".to_owned(), exists };
        let bundles = vec![bundle("SSL_CERT_FILE", true), bundle("PIP_CERT", false)];
        let diagnoses = certificates(&MachineFacts { bundles, ..debian12() });
        assert_eq!(diagnoses[0], Diagnosis::ok("certificates", "SSL_CERT_FILE"));
        assert_eq!(diagnoses[1].fix.as_deref(), Some("unset PIP_CERT"));
    }
}
