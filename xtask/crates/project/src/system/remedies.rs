//! Commands for the user to copy, as text. Where no command is sure to work, it is the address of a manual.

use super::{Family, System};

/// Docker's installer; it knows Debian and its like, and brings the plugins.
///
/// <https://docs.docker.com/engine/install/debian/#install-using-the-convenience-script>
const DOCKERS_SCRIPT: &str = "curl -fsSL https://get.docker.com | sudo sh";

impl System {
    /// Installs Docker with its plugins, or a newer one.
    pub fn install_docker(&self) -> String {
        if self.is_wsl {
            return "winget.exe install Docker.DockerDesktop, then switch this distribution on in its Settings > \
                    Resources > WSL integration"
                .to_owned();
        }
        match self.family {
            Family::Ubuntu => "sudo apt-get install docker.io docker-buildx docker-compose-v2",
            Family::Debian(Some(13..)) => "sudo apt-get install docker.io docker-cli docker-buildx docker-compose",
            // Up to 12, Debian itself has no buildx.
            Family::Debian(_) => DOCKERS_SCRIPT,
            Family::Fedora => {
                "sudo dnf install moby-engine docker-cli docker-buildx docker-compose && sudo systemctl enable --now docker"
            }
            Family::Arch => "sudo pacman -S docker docker-buildx docker-compose && sudo systemctl enable --now docker",
            Family::MacOs => "brew install --cask docker-desktop && open -a Docker",
            Family::RedHat | Family::Other => "https://docs.docker.com/engine/install/",
        }
        .to_owned()
    }

    /// Installs a plugin of the `docker` client, by its name; where Docker's own packages are in use, theirs.
    pub fn install_podman(&self) -> String {
        match self.family {
            Family::Ubuntu | Family::Debian(_) => "sudo apt-get install podman uidmap slirp4netns",
            Family::Fedora | Family::RedHat => "sudo dnf install podman",
            Family::Arch => "sudo pacman -S podman",
            Family::MacOs => "brew install podman && podman machine init && podman machine start",
            Family::Other => "https://podman.io/docs/installation",
        }
        .to_owned()
    }

    pub fn install_plugin(&self, plugin: &str) -> String {
        let dockers_own = format!("docker-{plugin}-plugin");
        match self.family {
            Family::Ubuntu => {
                let ubuntus = if plugin == "compose" { "docker-compose-v2" } else { "docker-buildx" };
                format!("sudo apt-get install {ubuntus} (with Docker's own packages: {dockers_own})")
            }
            Family::Debian(Some(13..)) => {
                format!("sudo apt-get install docker-{plugin} (with Docker's own packages: {dockers_own})")
            }
            Family::Debian(_) => {
                format!("{DOCKERS_SCRIPT} (with Docker's own packages: sudo apt-get install {dockers_own})")
            }
            Family::Fedora => format!("sudo dnf install docker-{plugin} (with Docker's own packages: {dockers_own})"),
            Family::RedHat => format!("sudo dnf install {dockers_own}"),
            Family::Arch => format!("sudo pacman -S docker-{plugin}"),
            Family::MacOs => format!("brew install docker-{plugin}"),
            Family::Other => "https://docs.docker.com/engine/install/".to_owned(),
        }
    }

    pub fn start_docker(&self) -> String {
        match (self.family, self.has_systemd, self.is_wsl) {
            (Family::MacOs, ..) => "open -a Docker",
            (_, true, false) => "sudo systemctl start docker",
            (_, false, false) => "sudo service docker start",
            (_, true, true) => "start Docker Desktop in Windows, or sudo systemctl start docker",
            (_, false, true) => "start Docker Desktop in Windows, or sudo service docker start",
        }
        .to_owned()
    }

    /// Gives this user the permission to use the daemon.
    pub fn join_docker_group(&self) -> String {
        match (self.family, self.is_wsl) {
            (Family::MacOs, _) => "open -a Docker, and in its Settings > Advanced allow the default Docker socket",
            (_, true) => "sudo usermod -aG docker $USER, then wsl.exe --shutdown and a new terminal",
            (_, false) => "sudo usermod -aG docker $USER, then log in again",
        }
        .to_owned()
    }

    /// Installs a program that every system calls by the same name.
    pub fn install(&self, package: &str) -> String {
        match self.family {
            Family::Debian(_) | Family::Ubuntu => format!("sudo apt-get install {package}"),
            Family::Fedora | Family::RedHat => format!("sudo dnf install {package}"),
            Family::Arch => format!("sudo pacman -S {package}"),
            Family::MacOs => format!("brew install {package}"),
            Family::Other => format!("install {package} as this system does"),
        }
    }

    pub fn install_uv(&self) -> String {
        match self.family {
            Family::MacOs => "brew install uv",
            Family::Arch => "sudo pacman -S uv",
            Family::Fedora => "sudo dnf install uv",
            _ => "curl -LsSf https://astral.sh/uv/install.sh | sh",
        }
        .to_owned()
    }

    pub fn install_python(&self) -> String {
        match self.family {
            Family::MacOs => "brew install python",
            Family::Arch => "sudo pacman -S python python-pip",
            Family::Fedora => "sudo dnf install python3 python3-pip",
            _ => "sudo apt-get install python3 python3-pip",
        }
        .to_owned()
    }

    /// Registers emulators of other processors with the kernel.
    pub fn install_emulators(&self) -> String {
        match self.family {
            Family::Debian(_) | Family::Ubuntu => "sudo apt-get install --reinstall qemu-user-static".to_owned(),
            Family::Fedora => "sudo dnf reinstall qemu-user-static".to_owned(),
            _ => "docker run --privileged --rm tonistiigi/binfmt --install all".to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn system(family: Family) -> System {
        System { name: String::new(), family, is_wsl: false, has_systemd: true }
    }

    #[test]
    fn every_system_has_a_command_of_its_own_to_install_docker() {
        let command = |family| system(family).install_docker();
        assert!(command(Family::Debian(Some(12))).contains("get.docker.com"));
        assert!(command(Family::Debian(Some(13))).starts_with("sudo apt-get install docker.io docker-cli"));
        assert!(command(Family::Ubuntu).ends_with("docker-compose-v2"));
        assert!(command(Family::Fedora).starts_with("sudo dnf install"));
        assert!(command(Family::MacOs).starts_with("brew install"));
        assert!(System { is_wsl: true, ..system(Family::Ubuntu) }.install_docker().contains("WSL integration"));
    }

    #[test]
    fn the_daemon_is_started_by_what_starts_services_there() {
        let linux = system(Family::Debian(Some(12)));
        assert_eq!(linux.start_docker(), "sudo systemctl start docker");
        assert_eq!(System { has_systemd: false, ..linux.clone() }.start_docker(), "sudo service docker start");
        let wsl = System { has_systemd: false, is_wsl: true, ..linux };
        assert_eq!(wsl.start_docker(), "start Docker Desktop in Windows, or sudo service docker start");
        assert_eq!(system(Family::MacOs).start_docker(), "open -a Docker");
    }

    #[test]
    fn who_may_not_use_the_socket_joins_its_group_where_there_is_one() {
        assert_eq!(system(Family::Arch).join_docker_group(), "sudo usermod -aG docker $USER, then log in again");
        assert!(!system(Family::MacOs).join_docker_group().contains("usermod"));
    }

    #[test]
    fn plugins_have_the_names_that_the_system_gives_them() {
        assert!(system(Family::Ubuntu).install_plugin("compose").contains("docker-compose-v2"));
        assert!(
            system(Family::Debian(Some(13))).install_plugin("buildx").starts_with("sudo apt-get install docker-buildx")
        );
        assert_eq!(system(Family::RedHat).install_plugin("buildx"), "sudo dnf install docker-buildx-plugin");
    }
}
