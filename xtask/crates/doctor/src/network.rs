//! Which registries are needed, and through which proxy they are reached.

use process::HostEnvironment;

use super::wishes::MachineNeeds;

/// A place in the network.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NetworkAddress {
    /// A name or an address.
    pub host: String,
    /// A TCP port.
    pub port: u16,
}

impl NetworkAddress {
    /// `host:port`, or the host alone with a port that goes without saying; an IPv6 address stands in brackets.
    fn parse(text: &str, port: u16) -> Option<Self> {
        let (host, port) = match text.rsplit_once(':') {
            Some((host, given)) if !given.ends_with(']') => (host, given.parse().ok()?),
            _ => (text, port),
        };
        let host = host.trim_start_matches('[').trim_end_matches(']');
        Some(Self { host: host.to_owned(), port }).filter(|it| !it.host.is_empty())
    }
}

/// The variables by which programs know the proxy for https.
const HTTPS_PROXY: [&str; 4] = ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"];
const OTHERS: [&str; 4] = ["HTTP_PROXY", "http_proxy", "NO_PROXY", "no_proxy"];

/// The proxy for https that is set here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proxy {
    /// The variable that names it.
    pub variable: &'static str,
    /// Where it is, without the credentials that may be in its address; `None` where the address cannot be understood.
    pub place: Option<NetworkAddress>,
    /// What is reached without it.
    exceptions: Vec<String>,
}

impl Proxy {
    /// What the environment says.
    pub fn new(host: &HostEnvironment) -> Option<Self> {
        let (variable, address) = HTTPS_PROXY.iter().find_map(|it| Some((*it, host.get(it)?)))?;
        let exceptions = ["NO_PROXY", "no_proxy"].iter().find_map(|it| host.get(it)).unwrap_or_default();
        Some(Self {
            variable,
            place: proxy_place(address),
            exceptions: exceptions.split(',').map(|it| it.trim().trim_start_matches('.').to_owned()).collect(),
        })
    }

    /// Whether it is asked for what this host has. Ranges of addresses among the exceptions are not looked at.
    pub fn serves(&self, host: &str) -> bool {
        let is_exception = |it: &String| {
            it == "*"
                || it == host
                || (!it.is_empty() && host.strip_suffix(it.as_str()).is_some_and(|it| it.ends_with('.')))
        };
        !self.exceptions.iter().any(is_exception) && host != "localhost" && !host.starts_with("127.")
    }
}

/// The names of the variables about proxies that are set.
pub fn proxy_variables(host: &HostEnvironment) -> Vec<&'static str> {
    HTTPS_PROXY.into_iter().chain(OTHERS).filter(|it| host.get(it).is_some()).collect()
}

/// `[scheme://][user:password@]host[:port][/]`
fn proxy_place(address: &str) -> Option<NetworkAddress> {
    let (scheme, rest) = address.split_once("://").unwrap_or(("http", address));
    let port = match scheme {
        "https" => 443,
        "socks4" | "socks5" | "socks5h" => 1080,
        _ => 80,
    };
    let authority = rest.split('/').next()?;
    NetworkAddress::parse(authority.rsplit_once('@').map_or(authority, |(_, it)| it), port)
}

/// A registry, and what is wanted from it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Registry {
    /// Where it is.
    pub place: NetworkAddress,
    /// The images that come from it; none for one that is only pushed to.
    pub images: Vec<String>,
}

/// The registries that will be needed, each once.
pub fn registries(wishes: &MachineNeeds) -> Vec<Registry> {
    let sources = wishes.sources().into_iter().map(|(_, image)| (registry_of(image), Some(image)));
    let pushed = wishes.registry.iter().map(|it| (NetworkAddress::parse(it, 443), None));
    let mut registries: Vec<Registry> = Vec::new();
    for (place, image) in sources.chain(pushed).filter_map(|(place, image)| Some((place?, image))) {
        let images = image.map(str::to_owned);
        match registries.iter_mut().find(|it| it.place == place) {
            Some(registry) => registry.images.extend(images),
            None => registries.push(Registry { place, images: images.into_iter().collect() }),
        }
    }
    registries
}

/// Where an image comes from: what stands before the first `/` if it looks like a host, else Docker Hub.
///
/// The grammar of the distribution project's `reference` package.
fn registry_of(image: &str) -> Option<NetworkAddress> {
    match image.split_once('/') {
        Some((host, _)) if host.contains(['.', ':']) || host == "localhost" => NetworkAddress::parse(host, 443),
        _ => NetworkAddress::parse("registry-1.docker.io", 443),
    }
    .map(|it| if matches!(it.host.as_str(), "docker.io" | "index.docker.io") { hub() } else { it })
}

fn hub() -> NetworkAddress {
    NetworkAddress { host: "registry-1.docker.io".to_owned(), port: 443 }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(host: &str, port: u16) -> NetworkAddress {
        NetworkAddress { host: host.to_owned(), port }
    }

    #[test]
    fn an_image_says_where_it_comes_from() {
        assert_eq!(registry_of("ubuntu:24.04"), Some(place("registry-1.docker.io", 443)));
        assert_eq!(registry_of("some/image"), Some(place("registry-1.docker.io", 443)));
        assert_eq!(registry_of("docker.io/library/ubuntu"), Some(place("registry-1.docker.io", 443)));
        assert_eq!(registry_of("localhost:5000/a/b:1"), Some(place("localhost", 5000)));
        assert_eq!(registry_of("registry.example.org/a@sha256:0"), Some(place("registry.example.org", 443)));
    }

    #[test]
    fn every_registry_is_asked_once() {
        let wishes = MachineNeeds {
            registry: Some("registry.example.org:5000".to_owned()),
            base_image: "registry.example.org:5000/base".to_owned(),
            ..MachineNeeds::by_default()
        };
        let all = registries(&wishes);
        assert_eq!(all.len(), 1);
        assert_eq!(all[0].images, ["registry.example.org:5000/base"]);
    }

    fn proxy(variables: &[(&str, &str)]) -> Option<Proxy> {
        let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        Proxy::new(&variables.iter().map(owned).collect())
    }

    #[test]
    fn a_proxy_is_known_by_its_place_without_its_credentials() {
        let of = |address| proxy(&[("https_proxy", address)]).unwrap();
        assert_eq!(of("http://me:p%40ss@proxy.example.org:3128/").place, Some(place("proxy.example.org", 3128)));
        assert_eq!(of("proxy.example.org").place, Some(place("proxy.example.org", 80)));
        assert_eq!(of("socks5://[::1]").place, Some(place("::1", 1080)));
        assert_eq!(of("http://proxy:port").place, None);
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
