//! One service of the compose files, and the options of `docker run` that mean the same.

use std::collections::BTreeMap;

use camino::Utf8Path;
use serde_json::{Map, Value};

use process::{HostEnvironment, IntoMap as _, Invocation, Secret, is_secret};

use super::{csv, json::object};

/// One service of the merged compose files.
#[derive(Debug, Clone, PartialEq)]
pub struct ComposeService {
    pub name: String,
    pub image: String,
    keys: Map<String, Value>,
}

/// A key of a service that has, with this value, no counterpart in `docker run`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ComposeOnlyKey(pub String);

/// Keys that do not matter for a command in a container of its own: `docker compose run` ignores most of them, too.
const IGNORED: [&str; 12] = [
    "attach",
    "command",
    "container_name",
    "expose",
    "healthcheck",
    "image",
    "ports",
    "profiles",
    "pull_policy",
    "restart",
    "stdin_open",
    "tty",
];

/// Keys with one value, and the option that means the same.
const OPTIONS: [(&str, &str); 14] = [
    ("cgroup_parent", "--cgroup-parent"),
    ("cpu_shares", "--cpu-shares"),
    ("cpus", "--cpus"),
    ("cpuset", "--cpuset-cpus"),
    ("hostname", "--hostname"),
    ("ipc", "--ipc"),
    ("mem_limit", "--memory"),
    ("network_mode", "--network"),
    ("pid", "--pid"),
    ("pids_limit", "--pids-limit"),
    ("runtime", "--runtime"),
    ("shm_size", "--shm-size"),
    ("user", "--user"),
    ("working_dir", "--workdir"),
];

/// Keys that say how much of the machine a container may use.
const LIMITS: [&str; 5] = ["cpus", "cpuset", "mem_limit", "pids_limit", "shm_size"];

/// Keys with a list of values, each of which gets an option.
const LISTS: [(&str, &str); 8] = [
    ("cap_add", "--cap-add"),
    ("cap_drop", "--cap-drop"),
    ("dns", "--dns"),
    ("dns_search", "--dns-search"),
    ("extra_hosts", "--add-host"),
    ("group_add", "--group-add"),
    ("security_opt", "--security-opt"),
    ("tmpfs", "--tmpfs"),
];

/// Keys that are true or false.
const FLAGS: [(&str, &str); 3] = [("init", "--init"), ("privileged", "--privileged"), ("read_only", "--read-only")];

impl ComposeService {
    /// Parses the service with this name from the answer to [`Compose::query`](super::Compose::query).
    pub fn parse(config: &str, name: &str) -> Option<Self> {
        let config: Value = serde_json::from_str(config).ok()?;
        let Value::Object(keys) = unescape_dollars(config["services"].get(name)?.clone()) else { return None };
        let image = keys.get("image")?.as_str()?.to_owned();
        Some(Self { name: name.to_owned(), image, keys })
    }

    /// The names of the variables that its containers have, besides the image's own.
    pub fn variable_names(&self) -> Vec<String> {
        self.keys.get("environment").and_then(Value::as_object).into_iter().flat_map(Map::keys).cloned().collect()
    }

    /// What its containers may use of the machine, in compose's words.
    pub fn limits(&self) -> BTreeMap<String, String> {
        let text = |it: &Value| it.as_str().map_or_else(|| it.to_string(), str::to_owned);
        let limits = LIMITS.into_iter().filter_map(|name| Some((name.to_owned(), text(self.keys.get(name)?))));
        limits.into_map()
    }

    /// Adds the service's keys as options to `docker run`.
    pub fn run_options(
        &self,
        mut invocation: Invocation,
        host: &HostEnvironment,
    ) -> Result<Invocation, ComposeOnlyKey> {
        for (key, value) in &self.keys {
            let is_used = !value.is_null() && !IGNORED.contains(&key.as_str()) && !key.starts_with("x-");
            if is_used {
                invocation = option(invocation, key, value, host).ok_or_else(|| ComposeOnlyKey(key.clone()))?;
            }
        }
        Ok(invocation)
    }
}

/// What belongs to the container of a service, and not to a command in a container of its own.
impl ComposeService {
    /// The ports to publish, as `docker run` takes them.
    pub(super) fn ports(&self) -> Result<Vec<String>, ComposeOnlyKey> {
        let port = |it: &Value| {
            if let Some(text) = scalar(it) {
                return Some(text);
            }
            let part = |key: &str| it.get(key).and_then(scalar);
            let address = part("host_ip").map(|it| format!("{it}:")).unwrap_or_default();
            let protocol = part("protocol").map(|it| format!("/{it}")).unwrap_or_default();
            Some(format!("{address}{}:{}{protocol}", part("published").unwrap_or_default(), part("target")?))
        };
        let ports = self.keys.get("ports").and_then(Value::as_array).into_iter().flatten();
        ports.map(port).collect::<Option<_>>().ok_or_else(|| ComposeOnlyKey("ports".to_owned()))
    }

    /// The command that the image's own gives way to; none without one.
    pub(super) fn command(&self) -> Vec<String> {
        match self.keys.get("command") {
            Some(Value::String(text)) => shlex::split(text).unwrap_or_default(),
            Some(Value::Array(words)) => words.iter().filter_map(scalar).collect(),
            _ => Vec::new(),
        }
    }

    pub(super) fn restart(&self) -> Option<&str> {
        self.keys.get("restart")?.as_str()
    }
}

/// Reverses compose, which writes `$` as `$$` so that it can read its own output.
fn unescape_dollars(value: Value) -> Value {
    match value {
        Value::String(text) => Value::String(text.replace("$$", "$")),
        Value::Array(values) => Value::Array(values.into_iter().map(unescape_dollars).collect()),
        Value::Object(entries) => {
            Value::Object(object(entries.into_iter().map(|(key, it)| (key.replace("$$", "$"), unescape_dollars(it)))))
        }
        other => other,
    }
}

/// `None` where the key means something that `docker run` has no option for.
fn option(invocation: Invocation, key: &str, value: &Value, host: &HostEnvironment) -> Option<Invocation> {
    let find = |table: &'static [(&str, &str)]| table.iter().find(|(name, _)| *name == key).map(|(_, option)| *option);
    if let Some(option) = find(&OPTIONS) {
        let text = scalar(value)?;
        let is_of_a_service = key != "user" && text.starts_with("service:");
        return (!is_of_a_service).then(|| invocation.args([option.to_owned(), text]));
    }
    if let Some(option) = find(&LISTS) {
        let each = value.as_array()?.iter();
        return each.map(scalar).try_fold(invocation, |it, text| Some(it.args([option.to_owned(), text?])));
    }
    if let Some(option) = find(&FLAGS) {
        return Some(if value.as_bool()? { invocation.arg(option) } else { invocation });
    }
    match key {
        "deploy" => deploy(invocation, value),
        "devices" => value.as_array()?.iter().try_fold(invocation, |it, device| Some(it.args(device_option(device)?))),
        "environment" => {
            value.as_object()?.iter().try_fold(invocation, |it, (name, value)| environment(it, name, value, host))
        }
        "labels" => value.as_object()?.iter().try_fold(invocation, |it, (name, value)| {
            Some(it.args(["--label".to_owned(), format!("{name}={}", scalar(value)?)]))
        }),
        "ulimits" => value.as_object()?.iter().try_fold(invocation, |it, (name, value)| {
            Some(it.args(["--ulimit".to_owned(), format!("{name}={}", limit(value)?)]))
        }),
        "volumes" => value.as_array()?.iter().try_fold(invocation, |it, mount| Some(it.args(mount_option(mount)?))),
        _ => None,
    }
}

fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(truth) => Some(truth.to_string()),
        _ => None,
    }
}

/// Values of secrets, and values that this process has, stay out of the arguments, which every user of the machine can read.
fn environment(invocation: Invocation, name: &str, value: &Value, host: &HostEnvironment) -> Option<Invocation> {
    if value.is_null() {
        let is_set = host.has(name);
        return Some(if is_set { invocation.args(["--env", name]) } else { invocation });
    }
    let value = scalar(value)?;
    Some(if host.get(name) == Some(&value) {
        invocation.args(["--env", name])
    } else if is_secret(name, &value) && !value.is_empty() {
        invocation.args(["--env", name]).secret_env(name, Secret::new(value))
    } else {
        invocation.args(["--env".to_owned(), format!("{name}={value}")])
    })
}

/// Reads `{source, target, permissions}`, which newer versions of compose write, or the short form of older ones.
fn device_option(device: &Value) -> Option<[String; 2]> {
    let part = |key: &str| device[key].as_str();
    let long = || Some(format!("{}:{}:{}", part("source")?, part("target")?, part("permissions").unwrap_or("rwm")));
    let value = device.as_str().map(str::to_owned).or_else(long)?;
    Some(["--device".to_owned(), value])
}

/// Reads `7` or `{soft: 1, hard: 2}`.
fn limit(value: &Value) -> Option<String> {
    match value {
        Value::Object(both) => Some(format!("{}:{}", scalar(both.get("soft")?)?, scalar(both.get("hard")?)?)),
        one => scalar(one),
    }
}

/// A bind mount whose source has to exist. `None` for one whose source Docker creates, which `--mount` cannot do.
fn mount_option(mount: &Value) -> Option<[String; 2]> {
    let keys = mount.as_object()?;
    let is_known = |key: &&String| ["type", "source", "target", "read_only", "bind"].contains(&key.as_str());
    let bind_options = keys.get("bind").and_then(Value::as_object).map_or(0, Map::len);
    if keys.get("type")? != "bind" || bind_options > 0 || !keys.keys().all(|it| is_known(&it)) {
        return None;
    }
    let path = |key: &str| Some(csv::field(key, Utf8Path::new(keys.get(key)?.as_str()?)));
    let read_only = if keys.get("read_only").and_then(Value::as_bool) == Some(true) { ",readonly" } else { "" };
    Some(["--mount".to_owned(), format!("type=bind,{},{}{read_only}", path("source")?, path("target")?)])
}

/// Reservations of NVIDIA's devices. `None` for all else that `deploy` can hold.
fn deploy(invocation: Invocation, value: &Value) -> Option<Invocation> {
    let is_empty = |it: &Value| it.as_object().is_some_and(Map::is_empty);
    let only = |value: &Value, key: &str| {
        value.as_object()?.iter().all(|(it, value)| it == key || is_empty(value)).then_some(())
    };
    let (resources, reservations) = (&value["resources"], &value["resources"]["reservations"]);
    only(value, "resources")?;
    if resources.is_null() {
        return Some(invocation);
    }
    only(resources, "reservations")?;
    only(reservations, "devices")?;
    reservations["devices"].as_array()?.iter().try_fold(invocation, |invocation, device| {
        let is_gpu = device["driver"] == "nvidia" && device["capabilities"] == serde_json::json!(["gpu"]);
        let ids = device["device_ids"].as_array();
        let gpus = match (ids, device["count"].as_i64()) {
            (Some(ids), _) => {
                let ids: Option<Vec<&str>> = ids.iter().map(Value::as_str).collect();
                format!("\"device={}\"", ids?.join(","))
            }
            (None, Some(-1) | None) => "all".to_owned(),
            (None, Some(count)) => count.to_string(),
        };
        is_gpu.then(|| invocation.args(["--gpus".to_owned(), gpus]))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The options for a service with these keys; `Err` with the key that only compose knows.
    fn options(keys: &str) -> Result<String, String> {
        let config = format!("{{\"services\": {{\"runtime\": {{\"image\": \"i\", {keys}}}}}}}");
        let service = ComposeService::parse(&config, "runtime").unwrap();
        let host: HostEnvironment = [("HTTPS_PROXY".to_owned(), "http://me:pw@proxy".to_owned())].into_iter().collect();
        match service.run_options(Invocation::new("docker"), &host) {
            Ok(invocation) => Ok(invocation.to_string()),
            Err(ComposeOnlyKey(key)) => Err(key),
        }
    }

    #[test]
    fn keys_become_options() {
        let options = options(
            r#""user": "1:2", "group_add": ["0", "44"], "network_mode": "bridge", "init": true, "shm_size": "64",
            "pids_limit": 100, "mem_limit": "64", "ulimits": {"stack": 7, "nofile": {"soft": 1, "hard": 2}}, "profiles": ["run"], "command": null,
            "labels": {"a": "b c"}, "devices": [{"source": "/dev/kfd", "target": "/dev/kfd", "permissions": "rwm"}]"#,
        );
        let expected = "docker --device /dev/kfd:/dev/kfd:rwm --group-add 0 --group-add 44 --init --label 'a=b c' \
                        --memory 64 --network bridge --pids-limit 100 --shm-size 64 --ulimit 'nofile=1:2' --ulimit 'stack=7' --user 1:2";
        assert_eq!(options.unwrap(), expected);
    }

    #[test]
    fn a_mount_that_creates_its_source_is_left_to_compose() {
        let mount = |options: &str| {
            options_of_mount(&format!(r#"{{"type": "bind", "source": "/a,b", "target": "/t"{options}}}"#))
        };
        assert_eq!(mount(r#", "bind": {}"#).unwrap(), "docker --mount 'type=bind,\"source=/a,b\",target=/t'");
        assert!(mount(r#", "read_only": true"#).unwrap().ends_with(",target=/t,readonly'"));
        assert_eq!(mount(r#", "bind": {"create_host_path": true}"#), Err("volumes".to_owned()));
        assert_eq!(options_of_mount(r#"{"type": "volume", "source": "v", "target": "/t"}"#), Err("volumes".to_owned()));
    }

    fn options_of_mount(mount: &str) -> Result<String, String> {
        options(&format!(r#""volumes": [{mount}]"#))
    }

    #[test]
    fn reserved_gpus_become_an_option() {
        let gpus = |device: &str| {
            options(&format!(
                r#""deploy": {{"resources": {{"reservations": {{"devices": [{device}]}}}}, "placement": {{}}}}"#
            ))
        };
        let nvidia = |rest: &str| gpus(&format!(r#"{{"capabilities": ["gpu"], "driver": "nvidia", {rest}}}"#)).unwrap();
        assert_eq!(nvidia(r#""count": -1"#), "docker --gpus all");
        assert_eq!(nvidia(r#""count": 2"#), "docker --gpus 2");
        assert_eq!(nvidia(r#""device_ids": ["0", "3"]"#), "docker --gpus '\"device=0,3\"'");
        assert_eq!(gpus(r#"{"capabilities": ["tpu"], "driver": "x", "count": 1}"#), Err("deploy".to_owned()));
        assert_eq!(options(r#""deploy": {"resources": {"limits": {"memory": "1"}}}"#), Err("deploy".to_owned()));
    }

    #[test]
    fn keys_that_only_compose_knows_are_left_to_it() {
        for key in ["depends_on", "networks", "secrets", "entrypoint", "logging"] {
            assert_eq!(options(&format!(r#""{key}": ["x"]"#)), Err(key.to_owned()));
        }
        assert_eq!(options(r#""network_mode": "service:db""#), Err("network_mode".to_owned()));
    }

    #[test]
    fn secrets_stay_out_of_the_arguments_and_dollars_are_single() {
        let options = options(
            r#""environment": {"A": "$$x", "HF_TOKEN": "abc", "HTTPS_PROXY": "http://me:pw@proxy", "NO_PROXY": null}"#,
        );
        assert_eq!(options.unwrap(), "HF_TOKEN='***' docker --env 'A=$x' --env HF_TOKEN --env HTTPS_PROXY");
    }
}
