//! `cargo xtask exec`

use anyhow::{Result, bail};

use docker::{ExecRequest, State};
use inputs::Inputs;
use process::Outcome;
use project::Context;

use crate::{
    cli::Exec,
    running::{self, Launch, Place, Residence},
};

impl Exec {
    /// Runs a command in the container that is there for that.
    pub fn run(&self, cx: &Context) -> Result<Outcome> {
        let inputs = Inputs::load(cx)?;
        let terminal = running::terminal(cx, false);
        match Residence::enter(cx, &inputs)? {
            Residence::Container(Some(container)) if container.state == State::Running => {
                let request = ExecRequest {
                    container: &container,
                    passed: &self.env,
                    as_root: self.root,
                    terminal,
                    command: &self.command,
                };
                Ok(Outcome::Ended(cx.runner.exec(&request.invocation())?))
            }
            Residence::Container(Some(container)) => {
                bail!("the dev container is {}: `cargo xtask start` starts it again", container.state)
            }
            Residence::Container(None) => bail!("there is no dev container: `cargo xtask up` starts one"),
            Residence::Prefix(_) if self.root => {
                bail!("`--root` needs Docker: the native engine runs commands as you")
            }
            Residence::Prefix(prefix) => {
                let launch = Launch {
                    command: &self.command,
                    passed: &self.env,
                    published: &[],
                    terminal,
                    accelerator: inputs.settings.accelerator,
                    platform: None,
                };
                launch.exec(cx, &inputs, &Place::Prefix(prefix))
            }
        }
    }
}
