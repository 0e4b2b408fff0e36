//! The SSH server of the dev container, seen from this machine: who may log in, and how to connect.

use anyhow::{Context as _, Result, ensure};
use camino::{Utf8DirEntry, Utf8Path, Utf8PathBuf};

use process::{
    Files, Invocation,
    files::{self, NewFile, PRIVATE},
    sort,
};

/// The kinds of public keys that sshd accepts: the first word of a line. Source: sshd(8), "AUTHORIZED_KEYS FILE FORMAT".
const KEY_TYPES: [&str; 7] = [
    "ssh-ed25519",
    "ssh-rsa",
    "ecdsa-sha2-nistp256",
    "ecdsa-sha2-nistp384",
    "ecdsa-sha2-nistp521",
    "sk-ssh-ed25519@openssh.com",
    "sk-ecdsa-sha2-nistp256@openssh.com",
];

/// Files of the shared directory, as `ssh-server.sh` names them.
const AUTHORIZED_KEYS: &str = "authorized_keys";
const HOST_KEY: &str = "ssh_host_ed25519_key.pub";
const LOGIN: &str = "login";
/// For the client on this machine only, and hence beside the shared directory.
const KNOWN_HOSTS: &str = "known_hosts";
/// More bytes than a login name or a public key of the server has. The container writes both.
const LIMIT: u64 = 4096;

/// The server, as this machine reaches it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SshServer<'a> {
    /// On this machine; mounted at `/home/user/.xtask-ssh`. It holds the keys of both sides.
    pub directory: &'a Utf8Path,
    /// The port on 127.0.0.1.
    pub port: u16,
}

/// Where to look for the public keys of those who may log in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeySources<'a> {
    /// The file that the settings name, in the format of `authorized_keys`.
    pub chosen: Option<&'a Utf8Path>,
    /// The home directory whose `.ssh` is searched where none is named.
    pub home: &'a Utf8Path,
}

/// How to connect to a running server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SshConnection {
    user: String,
    port: u16,
    /// A file with the key of this server only.
    known_hosts: Utf8PathBuf,
}

impl SshServer<'_> {
    /// Creates the directory that the container mounts, and writes the keys that may log in now. Fails where there are none.
    pub fn prepare(&self, files: &Files, sources: KeySources) -> Result<()> {
        // OpenSSH replaces `${NAME}` in paths, and has no way to escape it.
        ensure!(
            !self.directory.as_str().contains("${"),
            "`ssh` cannot use a path with `${{` in it: `{}`",
            self.directory
        );
        let keys = sources.keys()?;
        files.create_private_dir(self.directory)?;
        files.write(&self.directory.join(AUTHORIZED_KEYS), &private(keys.join("\n") + "\n"))
    }

    /// How to connect, once the container is ready. The server's key comes from the shared directory, so that the client asks
    /// nothing at the first connection and refuses another server later.
    pub fn connection(&self, files: &Files) -> Result<SshConnection> {
        let read = |name| {
            let problem = "the SSH server did not start: `cargo xtask logs` shows why";
            files::read_handed(&self.directory.join(name), LIMIT).context(problem)
        };
        let (login, key) = (read(LOGIN)?, read(HOST_KEY)?);
        let user = login.trim();
        let is_name = user.bytes().all(|it| it.is_ascii_alphanumeric() || b"._-".contains(&it));
        // Shown escaped, because a terminal would obey what the container has written.
        ensure!(is_name && !user.is_empty() && !user.starts_with('-'), "{user:?} is not a login name");
        let key = parse_public_key(&key)
            .with_context(|| format!("`{HOST_KEY}` in `{}` does not contain a key", self.directory))?;
        let known_hosts = self.directory.with_file_name(KNOWN_HOSTS);
        files.write(&known_hosts, &private(format!("[127.0.0.1]:{} {key}\n", self.port)))?;
        Ok(SshConnection { user: user.to_owned(), port: self.port, known_hosts })
    }
}

impl KeySources<'_> {
    fn keys(&self) -> Result<Vec<String>> {
        let texts: Vec<String> = if let Some(path) = self.chosen {
            vec![files::read_text(path)?]
        } else {
            self.default_files()
                .iter()
                .filter_map(|it| files::read_text_if_any(it).transpose())
                .collect::<Result<_>>()?
        };
        let keys = keys_in(&texts);
        let places = || match self.chosen {
            Some(path) => format!("`{path}`"),
            None => format!("`{0}/.ssh/authorized_keys` and `{0}/.ssh/id_*.pub`", self.home),
        };
        ensure!(
            !keys.is_empty(),
            "no public key in {} (fix: `ssh-keygen -t ed25519`, or set SSH_AUTHORIZED_KEYS to a file with lines such as \
             `ssh-ed25519 …`, without options)",
            places()
        );
        Ok(keys)
    }

    fn default_files(&self) -> Vec<Utf8PathBuf> {
        let directory = self.home.join(".ssh");
        let entries = directory.read_dir_utf8().into_iter().flatten().flatten();
        let mut files: Vec<_> = entries.map(Utf8DirEntry::into_path).filter(|it| is_public_key_file(it)).collect();
        sort(&mut files);
        files.insert(0, directory.join(AUTHORIZED_KEYS));
        files
    }
}

fn is_public_key_file(path: &Utf8Path) -> bool {
    path.file_name().is_some_and(|it| it.starts_with("id_")) && path.extension() == Some("pub")
}

/// The keys of some files, each once. A line with options is left out: it may allow one command only (`command="…"`), which
/// our server would not obey, because it decides itself what a session runs.
fn keys_in(texts: &[String]) -> Vec<String> {
    let mut keys = Vec::new();
    for key in texts.iter().flat_map(|it| it.lines()).filter_map(parse_public_key) {
        if !keys.contains(&key) {
            keys.push(key);
        }
    }
    keys
}

/// The key of a line of `authorized_keys`, without its comment.
fn parse_public_key(line: &str) -> Option<String> {
    let mut words = line.split_ascii_whitespace();
    let (name, data) = (words.next()?, words.next()?);
    let is_base64 = data.bytes().all(|it| it.is_ascii_alphanumeric() || b"+/=".contains(&it));
    (KEY_TYPES.contains(&name) && is_base64).then(|| format!("{name} {data}"))
}

fn private(text: String) -> NewFile {
    NewFile { contents: text.into_bytes(), mode: PRIVATE }
}

impl SshConnection {
    /// `ssh …`, complete, so that nothing has to be configured.
    pub fn invocation(&self) -> Invocation {
        Invocation::new("ssh")
            .args(["-p", &self.port.to_string()])
            .args(["-o", &format!("UserKnownHostsFile={}", quoted(&self.known_hosts))])
            .args(["-o", "StrictHostKeyChecking=yes"])
            .arg(format!("{}@127.0.0.1", self.user))
    }

    /// A block for `~/.ssh/config`, where editors look for hosts.
    pub fn config_block(&self, alias: &str) -> String {
        let Self { user, port, known_hosts } = self;
        let known_hosts = quoted(known_hosts);
        format!(
            "Host {alias}\n    HostName 127.0.0.1\n    Port {port}\n    User {user}\n    \
             UserKnownHostsFile {known_hosts}\n    StrictHostKeyChecking yes\n"
        )
    }
}

/// A path as OpenSSH's configuration reads it: in quotes, because it splits at blanks, and with `%` doubled, because `%h` and
/// others have a meaning. Source: ssh_config(5), "TOKENS", and `argv_split` in OpenSSH's misc.c.
fn quoted(path: &Utf8Path) -> String {
    let escaped = path.as_str().replace('\\', r"\\").replace('"', "\\\"").replace('%', "%%");
    format!("\"{escaped}\"")
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use process::Echo;

    use super::*;

    const ADA: &str = "ssh-ed25519 AAAAada";
    const BOB: &str = "ssh-rsa AAAAbob";

    struct Scratch(#[expect(dead_code, reason = "it is removed in the end")] tempfile::TempDir, Utf8PathBuf);

    fn doors() -> Files {
        Files::new(Echo::Quiet, "/".into())
    }

    fn scratch() -> Scratch {
        let directory = tempfile::tempdir().unwrap();
        let path = Utf8PathBuf::try_from(directory.path().to_owned()).unwrap();
        doors().create_dir(&path.join(".ssh")).unwrap();
        Scratch(directory, path)
    }

    impl Scratch {
        fn write(&self, name: &str, text: &str) -> Utf8PathBuf {
            let path = self.1.join(name);
            doors().write(&path, &NewFile::text(text)).unwrap();
            path
        }

        fn sources(&self) -> KeySources<'_> {
            KeySources { chosen: None, home: &self.1 }
        }
    }

    #[test]
    fn who_may_log_in_here_may_log_in_there_once() {
        let home = scratch();
        home.write(".ssh/authorized_keys", &format!("# from afar\n{BOB} bob@there\n"));
        home.write(".ssh/id_ed25519.pub", &format!("{ADA} ada@here\n"));
        home.write(".ssh/id_rsa.pub", &format!("{BOB} again\n"));
        home.write(".ssh/id_ed25519", "a private key");
        assert_eq!(home.sources().keys().unwrap(), [BOB, ADA]);
    }

    #[test]
    fn a_file_that_is_chosen_is_the_only_one() {
        let home = scratch();
        home.write(".ssh/id_ed25519.pub", ADA);
        let chosen = home.write("keys", BOB);
        assert_eq!(KeySources { chosen: Some(&chosen), home: &home.1 }.keys().unwrap(), [BOB]);
        let missing = home.1.join("missing");
        assert!(KeySources { chosen: Some(&missing), home: &home.1 }.keys().is_err());
    }

    #[test]
    fn a_key_for_one_command_alone_opens_no_shell() {
        let restricted = format!("command=\"backup\" {ADA}\nrestrict {ADA}\nssh-ed25519-cert-v01@openssh.com AAAA\n");
        assert_eq!(keys_in(&[restricted]), Vec::<String>::new());
    }

    #[test]
    fn without_any_key_the_error_shows_how_to_make_one() {
        let home = scratch();
        let error = home.sources().keys().unwrap_err().to_string();
        assert!(error.contains("ssh-keygen -t ed25519") && error.contains(".ssh/id_*.pub"), "{error}");
    }

    #[test]
    fn keys_are_nobody_elses_business() {
        let home = scratch();
        home.write(".ssh/id_ed25519.pub", ADA);
        let directory = home.1.join(".dev/ssh");
        SshServer { directory: &directory, port: 2222 }.prepare(&doors(), home.sources()).unwrap();
        let mode = |path: &Utf8Path| path.metadata().unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(&directory), 0o700);
        assert_eq!(mode(&directory.join(AUTHORIZED_KEYS)), 0o600);
        assert_eq!(files::read_text(&directory.join(AUTHORIZED_KEYS)).unwrap(), format!("{ADA}\n"));
    }

    #[test]
    fn without_a_server_the_error_says_where_to_look() {
        let home = scratch();
        let error = SshServer { directory: &home.1, port: 2222 }.connection(&doors()).unwrap_err();
        assert!(format!("{error:#}").contains("`cargo xtask logs` shows why"), "{error:#}");
    }

    /// What a container's server has written.
    fn served(login: &str, key: &str) -> (Scratch, Utf8PathBuf) {
        let home = scratch();
        let directory = home.1.join("ssh");
        doors().create_dir(&directory).unwrap();
        home.write("ssh/login", login);
        home.write("ssh/ssh_host_ed25519_key.pub", key);
        (home, directory)
    }

    #[test]
    fn a_connection_is_printed_so_that_it_can_be_pasted() {
        let (home, directory) = served("ada\n", BOB);
        let connection = SshServer { directory: &directory, port: 2201 }.connection(&doors()).unwrap();
        // Where no container can write.
        let known = home.1.join(KNOWN_HOSTS);
        assert_eq!(files::read_text(&known).unwrap(), format!("[127.0.0.1]:2201 {BOB}\n"));
        let line = connection.invocation().to_string();
        let expected =
            format!("ssh -p 2201 -o 'UserKnownHostsFile=\"{known}\"' -o 'StrictHostKeyChecking=yes' ada@127.0.0.1");
        assert_eq!(line, expected);
    }

    #[test]
    fn a_name_that_could_be_an_option_is_refused() {
        for name in ["-oProxyCommand=x", "", "a b", "a@b"] {
            let (_home, directory) = served(name, BOB);
            assert!(SshServer { directory: &directory, port: 2201 }.connection(&doors()).is_err(), "{name}");
        }
    }

    #[test]
    fn what_the_container_hands_over_is_neither_followed_nor_believed() {
        let refusal = |directory: &Utf8Path| {
            format!("{:#}", SshServer { directory, port: 2201 }.connection(&doors()).unwrap_err())
        };
        let (_home, directory) = served("\u{1b}]0;x\u{7}", BOB);
        assert!(!refusal(&directory).contains('\u{1b}'), "{:?}", refusal(&directory));
        let (_home, directory) = served("ada", &"x".repeat(5000));
        assert!(refusal(&directory).contains("more than 4096 bytes"));
        let (home, directory) = served("ada", BOB);
        std::fs::remove_file(directory.join(LOGIN)).unwrap();
        std::os::unix::fs::symlink(home.write("private", "of the host"), directory.join(LOGIN)).unwrap();
        assert!(!refusal(&directory).contains("of the host"));
    }

    #[test]
    fn a_path_with_blanks_quotes_and_percents_is_one_path() {
        assert_eq!(quoted("/a b/c\"d/50%/e\\f'".into()), r#""/a b/c\"d/50%%/e\\f'""#);
        let connection = SshConnection { user: "ada".to_owned(), port: 1, known_hosts: "/a b".into() };
        assert!(connection.config_block("lab").contains("UserKnownHostsFile \"/a b\"\n"));
    }

    #[test]
    fn a_path_that_ssh_cannot_read_is_refused() {
        let home = scratch();
        home.write(".ssh/id_ed25519.pub", ADA);
        let directory = home.1.join("${HOME}");
        assert!(SshServer { directory: &directory, port: 1 }.prepare(&doors(), home.sources()).is_err());
    }
}
