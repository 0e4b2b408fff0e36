//! Names and ports that differ between checkouts of the repository on one machine.

use camino::Utf8Path;

/// The default of `COMPOSE_PROJECT_NAME`: the project's name in the letters that compose takes, and a number made from the
/// path, so that two checkouts do not collide.
pub fn compose_project(root: &Utf8Path, project: &str) -> String {
    format!("{}-{:06x}", compose_name(project), hash(root) & 0x00ff_ffff)
}

/// The nearest name that compose takes: lower-case letters, digits, hyphens and underscores, the first one a letter or a digit.
///
/// <https://docs.docker.com/compose/how-tos/project-name/>
pub fn compose_name(text: &str) -> String {
    let is_allowed = |it: &char| it.is_ascii_lowercase() || it.is_ascii_digit() || matches!(it, '-' | '_');
    let name: String = text.to_lowercase().chars().filter(is_allowed).collect();
    let name = name.trim_start_matches(['-', '_']);
    if name.is_empty() { "project".to_owned() } else { name.to_owned() }
}

/// A port from 20000 to 25999, below those that the system gives out by itself.
pub fn ssh_port(root: &Utf8Path) -> u16 {
    20_000 + port_offset(root)
}

/// A port from 26000 to 31999, likewise.
pub fn jupyter_port(root: &Utf8Path) -> u16 {
    26_000 + port_offset(root)
}

fn port_offset(root: &Utf8Path) -> u16 {
    u16::try_from(hash(root) % 6_000).unwrap_or_default()
}

/// FNV-1a, 64 bits: what it gives must not change with the Rust that compiles this.
///
/// <https://datatracker.ietf.org/doc/html/rfc9923>
fn hash(path: &Utf8Path) -> u64 {
    let step = |hash: u64, byte: u8| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
    path.as_str().bytes().fold(0xcbf2_9ce4_8422_2325, step)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn compose_takes_every_name() {
        for (project, name) in [("My Proj_X.1", "myproj_x1"), ("_a-b", "a-b"), ("Ünïcode", "ncode"), ("ü", "project")]
        {
            assert_eq!(compose_name(project), name);
        }
    }

    #[test]
    fn two_checkouts_have_names_and_ports_of_their_own() {
        let (one, other) = (Utf8Path::new("/home/me/a"), Utf8Path::new("/home/me/b"));
        assert_eq!(compose_project(one, "Lab.Project"), compose_project(one, "lab.project"));
        assert_ne!(compose_project(one, "p"), compose_project(other, "p"));
        assert_ne!(ssh_port(one), ssh_port(other));
        assert_ne!(ssh_port(one), jupyter_port(one));
    }

    #[test]
    fn the_hash_is_the_one_that_is_published() {
        assert_eq!(hash(Utf8Path::new("foobar")), 0x8594_4171_f739_67e8);
    }
}
