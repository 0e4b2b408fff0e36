//! The verdict on one fact, and the report as text and JSON.

use serde_json::json;

use inputs::Engine;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FactState {
    Ok,
    /// It works, but something may fail because of it.
    Warning,
    Missing,
}

impl FactState {
    fn word(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Warning => "warning",
            Self::Missing => "missing",
        }
    }
}

/// The verdict on one fact about this machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnosis {
    /// Its name, such as `docker daemon`.
    pub fact: &'static str,
    pub state: FactState,
    /// What was found.
    pub text: String,
    /// A command, or where no command helps, advice.
    pub fix: Option<String>,
    /// The engine that does not work without it.
    pub needed_by: Option<Engine>,
}

impl Diagnosis {
    pub fn ok(fact: &'static str, text: impl Into<String>) -> Self {
        Self { fact, state: FactState::Ok, text: text.into(), fix: None, needed_by: None }
    }

    pub fn warning(fact: &'static str, text: impl Into<String>, fix: impl Into<String>) -> Self {
        Self { fact, state: FactState::Warning, text: text.into(), fix: Some(fix.into()), needed_by: None }
    }

    pub fn missing(fact: &'static str, text: impl Into<String>, fix: impl Into<String>) -> Self {
        Self { fact, state: FactState::Missing, text: text.into(), fix: Some(fix.into()), needed_by: None }
    }

    pub fn needed_by(mut self, engine: Engine) -> Self {
        self.needed_by = Some(engine);
        self
    }

    fn json(&self, is_needed: bool) -> String {
        let (fact, state) = (self.fact, self.state.word());
        json!({ "fact": fact, "state": state, "text": self.text, "fix": self.fix, "needed": is_needed }).to_string()
    }

    /// Whether an engine does not work because of it.
    pub fn blocks(&self, engine: &Engine) -> bool {
        self.state == FactState::Missing && self.needed_by.as_ref() == Some(engine)
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DoctorReport {
    /// The engine that `build` and `run` would use.
    pub engine: Engine,
    /// In the order in which they are shown; the last one is about `build` and `run` themselves.
    pub diagnoses: Vec<Diagnosis>,
}

impl DoctorReport {
    /// Whether `build` and `run` would work.
    pub fn is_fit(&self) -> bool {
        !self.diagnoses.iter().any(|it| it.blocks(&self.engine))
    }

    /// One line for each fact, with its fix below.
    pub fn lines(&self) -> Vec<String> {
        lines(&self.diagnoses)
    }

    /// One JSON object for each fact.
    pub fn json_lines(&self) -> Vec<String> {
        let line = |it: &Diagnosis| it.json(it.needed_by.as_ref() == Some(&self.engine));
        self.diagnoses.iter().map(line).collect()
    }
}

/// What a cluster says to the description of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SiteReport {
    pub diagnoses: Vec<Diagnosis>,
}

impl SiteReport {
    /// Whether a job would be taken, as far as can be asked.
    pub fn is_fit(&self) -> bool {
        self.diagnoses.iter().all(|it| it.state != FactState::Missing)
    }

    /// One line for each fact, with its fix below.
    pub fn lines(&self) -> Vec<String> {
        lines(&self.diagnoses)
    }

    /// One JSON object for each fact.
    pub fn json_lines(&self) -> Vec<String> {
        self.diagnoses.iter().map(|it| it.json(it.state == FactState::Missing)).collect()
    }
}

fn lines(diagnoses: &[Diagnosis]) -> Vec<String> {
    let width = diagnoses.iter().map(|it| it.fact.len()).max().unwrap_or_default();
    let lines = |it: &Diagnosis| {
        let line = format!("{:<7}  {:<width$}  {}", it.state.word(), it.fact, it.text);
        let fix = it.fix.as_ref().map(|fix| format!("{:<7}  {:<width$}  fix: {fix}", "", ""));
        [Some(line), fix].into_iter().flatten().collect::<Vec<_>>()
    };
    diagnoses.iter().flat_map(lines).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report() -> DoctorReport {
        let diagnoses = vec![
            Diagnosis::ok("docker daemon", "28.2.2"),
            Diagnosis::missing("buildx", "none", "sudo apt-get install docker-buildx").needed_by(Engine::Docker),
        ];
        DoctorReport { engine: Engine::Docker, diagnoses }
    }

    #[test]
    fn columns_are_aligned_and_a_fix_is_below() {
        let expected = [
            "ok       docker daemon  28.2.2",
            "missing  buildx         none",
            "                        fix: sudo apt-get install docker-buildx",
        ];
        assert_eq!(report().lines(), expected);
    }

    #[test]
    fn what_the_other_engine_needs_is_not_needed() {
        assert!(!report().is_fit());
        assert!(report().json_lines()[1].contains(r#""needed":true"#));
        let native = DoctorReport { engine: Engine::Native, ..report() };
        assert!(native.is_fit());
        assert!(native.json_lines()[1].contains(r#""needed":false"#));
    }
}
