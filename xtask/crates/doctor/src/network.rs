//! Which registries the project needs, and which of them are behind a proxy.

use process::HostEnvironment;

use super::needs::MachineNeeds;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NetworkAddress {
    /// A name or an IP address.
    pub host: String,
    pub port: u16,
}

impl NetworkAddress {
    /// `host[:port]`; an IPv6 address is in brackets.
    fn parse(text: &str, default_port: u16) -> Option<Self> {
        let (host, port) = match text.rsplit_once(':') {
            Some((host, given)) if !given.ends_with(']') => (host, given.parse().ok()?),
            _ => (text, default_port),
        };
        let host = host.trim_start_matches('[').trim_end_matches(']');
        Some(Self { host: host.to_owned(), port }).filter(|it| !it.host.is_empty())
    }
}

/// The variables that set the proxy for https, the strongest first.
const HTTPS_PROXY: [&str; 4] = ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"];
const OTHER_VARIABLES: [&str; 4] = ["HTTP_PROXY", "http_proxy", "NO_PROXY", "no_proxy"];

/// The proxy for https.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proxy {
    /// The variable that it is set by.
    pub variable: &'static str,
    /// Without the credentials that the variable may contain; `None` where the value is not an address.
    pub address: Option<NetworkAddress>,
    /// Hosts that are reached without it.
    exceptions: Vec<String>,
}

impl Proxy {
    /// As programs read it from the environment.
    pub fn new(host: &HostEnvironment) -> Option<Self> {
        let (variable, address) = HTTPS_PROXY.iter().find_map(|it| Some((*it, host.get(it)?)))?;
        let exceptions = ["NO_PROXY", "no_proxy"].iter().find_map(|it| host.get(it)).unwrap_or_default();
        Some(Self {
            variable,
            address: proxy_address(address),
            exceptions: exceptions.split(',').map(|it| it.trim().trim_start_matches('.').to_owned()).collect(),
        })
    }

    /// Whether connections to a host go through it. Address ranges among the exceptions are ignored.
    pub fn serves(&self, host: &str) -> bool {
        let is_exception = |it: &String| {
            it == "*"
                || it == host
                || (!it.is_empty() && host.strip_suffix(it.as_str()).is_some_and(|it| it.ends_with('.')))
        };
        !self.exceptions.iter().any(is_exception) && host != "localhost" && !host.starts_with("127.")
    }
}

/// The names of the proxy variables that are set.
pub fn proxy_variables(host: &HostEnvironment) -> Vec<&'static str> {
    HTTPS_PROXY.into_iter().chain(OTHER_VARIABLES).filter(|it| host.get(it).is_some()).collect()
}

/// `[scheme://][user:password@]host[:port][/]`
fn proxy_address(address: &str) -> Option<NetworkAddress> {
    let (scheme, rest) = address.split_once("://").unwrap_or(("http", address));
    let port = match scheme {
        "https" => 443,
        "socks4" | "socks5" | "socks5h" => 1080,
        _ => 80,
    };
    let authority = rest.split('/').next()?;
    NetworkAddress::parse(authority.rsplit_once('@').map_or(authority, |(_, it)| it), port)
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Registry {
    pub address: NetworkAddress,
    /// The images that are pulled from it; none for a registry that is only pushed to.
    pub images: Vec<String>,
}

/// The registries that `build` pulls from and `push` pushes to, each once.
pub fn required_registries(needs: &MachineNeeds) -> Vec<Registry> {
    let sources = std::iter::once((registry_of(&needs.base_image), Some(needs.base_image.as_str())));
    let pushed = needs.registry.iter().map(|it| (NetworkAddress::parse(it, 443), None));
    let mut registries: Vec<Registry> = Vec::new();
    for (address, image) in sources.chain(pushed).filter_map(|(address, image)| Some((address?, image))) {
        let images = image.map(str::to_owned);
        match registries.iter_mut().find(|it| it.address == address) {
            Some(registry) => registry.images.extend(images),
            None => registries.push(Registry { address, images: images.into_iter().collect() }),
        }
    }
    registries
}

/// The part before the first `/` if it looks like a host, else Docker Hub.
///
/// Source: the grammar of the distribution project's `reference` package.
fn registry_of(image: &str) -> Option<NetworkAddress> {
    match image.split_once('/') {
        Some((host, _)) if host.contains(['.', ':']) || host == "localhost" => NetworkAddress::parse(host, 443),
        _ => Some(docker_hub()),
    }
    .map(|it| if matches!(it.host.as_str(), "docker.io" | "index.docker.io") { docker_hub() } else { it })
}

fn docker_hub() -> NetworkAddress {
    NetworkAddress { host: "registry-1.docker.io".to_owned(), port: 443 }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(host: &str, port: u16) -> NetworkAddress {
        NetworkAddress { host: host.to_owned(), port }
    }

    #[test]
    fn an_image_says_where_it_comes_from() {
        assert_eq!(registry_of("ubuntu:24.04"), Some(address("registry-1.docker.io", 443)));
        assert_eq!(registry_of("some/image"), Some(address("registry-1.docker.io", 443)));
        assert_eq!(registry_of("docker.io/library/ubuntu"), Some(address("registry-1.docker.io", 443)));
        assert_eq!(registry_of("localhost:5000/a/b:1"), Some(address("localhost", 5000)));
        assert_eq!(registry_of("registry.example.org/a@sha256:0"), Some(address("registry.example.org", 443)));
    }

    #[test]
    fn every_registry_is_asked_once() {
        let needs = MachineNeeds {
            registry: Some("registry.example.org:5000".to_owned()),
            base_image: "registry.example.org:5000/base".to_owned(),
            ..MachineNeeds::by_default()
        };
        let all = required_registries(&needs);
        assert_eq!(all.len(), 1);
        assert_eq!(all[0].images, ["registry.example.org:5000/base"]);
    }

    fn proxy(variables: &[(&str, &str)]) -> Option<Proxy> {
        let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        Proxy::new(&variables.iter().map(owned).collect())
    }

    #[test]
    fn a_proxy_has_an_address_without_credentials() {
        let of = |address| proxy(&[("https_proxy", address)]).unwrap();
        assert_eq!(of("http://me:p%40ss@proxy.example.org:3128/").address, Some(address("proxy.example.org", 3128)));
        assert_eq!(of("proxy.example.org").address, Some(address("proxy.example.org", 80)));
        assert_eq!(of("socks5://[::1]").address, Some(address("::1", 1080)));
        assert_eq!(of("http://proxy:port").address, None);
        assert!(!format!("{:?}", of("http://me:secret@proxy:1")).contains("secret"));
        assert_eq!(proxy(&[("HTTP_PROXY", "http://proxy:1")]), None);
    }

    #[test]
    fn exceptions_are_reached_without_the_proxy() {
        let proxy = proxy(&[("HTTPS_PROXY", "http://p:1"), ("NO_PROXY", ".example.org, here")]).unwrap();
        assert!(proxy.serves("registry-1.docker.io") && proxy.serves("notexample.org"));
        assert!(!proxy.serves("registry.example.org") && !proxy.serves("here") && !proxy.serves("localhost"));
    }
}
