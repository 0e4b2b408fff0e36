//! Another program that does what is asked of one.

use std::borrow::Cow;
use std::fmt::Debug;

use super::{Invocation, ProcessError, QueryOutput, Runner};

/// Says in the words of another program what is asked of one. The runner asks it of every invocation, so that whoever makes these
/// need not know which of the two programs there is.
pub trait Dialect: Debug + Sync {
    /// The invocation of the other program; `None` where this one is not spoken to it. The error says why it cannot do that.
    fn translate(&self, invocation: &Invocation) -> Result<Option<Invocation>, String>;

    /// What the other program has answered, in the words of the one that was asked.
    fn answer(&self, asked: &Invocation, answer: String) -> String;
}

impl Runner {
    /// An answer as the program itself would have given it.
    pub(super) fn understood(&self, asked: &Invocation, answer: QueryOutput) -> QueryOutput {
        let Some(dialect) = self.dialect else { return answer };
        QueryOutput { stdout: dialect.answer(asked, answer.stdout), ..answer }
    }

    /// What is started for an invocation.
    pub fn spoken<'i>(&self, invocation: &'i Invocation) -> Result<Cow<'i, Invocation>, ProcessError> {
        let Some(dialect) = self.dialect else { return Ok(Cow::Borrowed(invocation)) };
        match dialect.translate(invocation) {
            Ok(Some(translated)) => Ok(Cow::Owned(translated)),
            Ok(None) => Ok(Cow::Borrowed(invocation)),
            Err(why) => Err(ProcessError::Untranslatable { invocation: Box::new(invocation.clone()), why }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Echo, Exit, Ui};

    #[derive(Debug)]
    struct Shell;

    impl Dialect for Shell {
        fn translate(&self, invocation: &Invocation) -> Result<Option<Invocation>, String> {
            match invocation.arguments() {
                _ if invocation.program() != "greeter" => Ok(None),
                [word] if word == "hello" => Ok(Some(invocation.for_program("echo", ["good day".to_owned()]))),
                _ => Err("it only says hello".to_owned()),
            }
        }

        fn answer(&self, asked: &Invocation, answer: String) -> String {
            if asked.program() == "greeter" { answer.replace("day", "morning") } else { answer }
        }
    }

    #[test]
    fn a_program_is_asked_in_the_words_of_another_or_not_at_all() {
        let runner = Runner::new(Echo::Quiet, Ui::new(false, true)).speaking(&Shell);
        assert_eq!(runner.read(&Invocation::new("greeter").arg("hello")).unwrap().stdout, "good morning\n");
        assert_eq!(runner.read(&Invocation::new("true")).unwrap().exit, Exit::SUCCESS);
        let refused = runner.succeed(&Invocation::new("greeter").arg("goodbye")).unwrap_err();
        assert_eq!(refused.to_string(), "it only says hello");
    }
}
