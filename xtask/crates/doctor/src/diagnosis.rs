//! What is thought of one fact, and how that is shown.

use serde_json::json;

use inputs::Engine;

/// Whether a fact is as it should be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FactState {
    /// It is.
    Ok,
    /// It is there, and may be in the way.
    Warning,
    /// It is not there.
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

/// One fact about this machine, judged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnosis {
    /// What it is about.
    pub fact: &'static str,
    /// Whether it is as it should be.
    pub state: FactState,
    /// What was found.
    pub text: String,
    /// The command, or where there is none the advice, that puts it right.
    pub fix: Option<String>,
    /// The engine that the main job cannot use without it.
    pub needed_by: Option<Engine>,
}

impl Diagnosis {
    /// As it should be.
    pub fn ok(fact: &'static str, text: impl Into<String>) -> Self {
        Self { fact, state: FactState::Ok, text: text.into(), fix: None, needed_by: None }
    }

    /// There, and perhaps in the way.
    pub fn warning(fact: &'static str, text: impl Into<String>, fix: impl Into<String>) -> Self {
        Self { fact, state: FactState::Warning, text: text.into(), fix: Some(fix.into()), needed_by: None }
    }

    /// Not there.
    pub fn missing(fact: &'static str, text: impl Into<String>, fix: impl Into<String>) -> Self {
        Self { fact, state: FactState::Missing, text: text.into(), fix: Some(fix.into()), needed_by: None }
    }

    /// Says that an engine does not work without it.
    pub fn needed_by(mut self, engine: Engine) -> Self {
        self.needed_by = Some(engine);
        self
    }

    /// Whether it keeps an engine from working.
    pub fn stops(&self, engine: &Engine) -> bool {
        self.state == FactState::Missing && self.needed_by.as_ref() == Some(engine)
    }
}

/// All facts, judged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DoctorReport {
    /// The engine that the main job would use.
    pub engine: Engine,
    /// In the order in which they are shown; the last one is about the main job itself.
    pub diagnoses: Vec<Diagnosis>,
}

impl DoctorReport {
    /// Whether the main job can run.
    pub fn is_fit(&self) -> bool {
        !self.diagnoses.iter().any(|it| it.stops(&self.engine))
    }

    /// One line a fact, and its remedy below where one is needed.
    pub fn lines(&self) -> Vec<String> {
        let width = self.diagnoses.iter().map(|it| it.fact.len()).max().unwrap_or_default();
        let lines = |it: &Diagnosis| {
            let line = format!("{:<7}  {:<width$}  {}", it.state.word(), it.fact, it.text);
            let fix = it.fix.as_ref().map(|fix| format!("{:<7}  {:<width$}  fix: {fix}", "", ""));
            [Some(line), fix].into_iter().flatten().collect::<Vec<_>>()
        };
        self.diagnoses.iter().flat_map(lines).collect()
    }

    /// One JSON object a fact.
    pub fn json_lines(&self) -> Vec<String> {
        let line = |it: &Diagnosis| {
            let needed = it.needed_by.as_ref() == Some(&self.engine);
            let (state, text, fix) = (it.state.word(), &it.text, &it.fix);
            json!({ "fact": it.fact, "state": state, "text": text, "fix": fix, "needed": needed }).to_string()
        };
        self.diagnoses.iter().map(line).collect()
    }
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
    fn columns_are_aligned_and_a_remedy_stands_below() {
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
