//! What is measured, in words and aims, and what came of it.

use super::samples::Samples;

/// One thing that is measured on each side that has it.
#[derive(Debug, Clone, Copy)]
pub struct Case {
    pub name: &'static str,
    pub unit: Unit,
    pub usual: Option<Counterpart>,
    pub strong: Option<Counterpart>,
    /// The aim for our median by itself, in the unit.
    pub limit: Option<f64>,
    /// What our figure consists of, for the report where an aim is missed; empty without an aim.
    pub components: &'static str,
}

/// The same work on the side of a control.
#[derive(Debug, Clone, Copy)]
pub struct Counterpart {
    /// The control's command in words; empty where nothing is run.
    pub name: &'static str,
    pub aim: Option<RelativeAim>,
}

/// An upper limit for our figure, beside a control's.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum RelativeAim {
    /// Of the median of the ratios to the control.
    Ratio(f64),
    /// Of the difference to the control's median, in the unit.
    More(f64),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    Seconds,
    Bytes,
}

/// A case with its figures.
#[derive(Debug, Clone)]
pub struct MeasuredCase {
    pub case: Case,
    pub ours: Samples,
    pub usual: Option<Comparison>,
    pub strong: Option<Comparison>,
    /// What our command said of its slowest steps in the last round; `None` where it has none.
    pub profile: Option<String>,
}

/// A control's figures.
#[derive(Debug, Clone)]
pub struct Comparison {
    pub counterpart: Counterpart,
    pub figures: Samples,
    /// Ours / the control's, of each round.
    pub ratios: Samples,
}

/// The figures of one round, in the case's unit.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Round {
    pub usual: Option<f64>,
    pub strong: Option<f64>,
    pub ours: f64,
}

impl Case {
    pub fn has_aim(&self) -> bool {
        let controls = [self.usual, self.strong].into_iter().flatten();
        self.limit.is_some() || controls.into_iter().any(|it| it.aim.is_some())
    }
}

impl MeasuredCase {
    /// `None` without any round.
    pub fn new(case: Case, rounds: &[Round]) -> Option<Self> {
        let compare = |counterpart: Option<Counterpart>, figure: fn(&Round) -> Option<f64>| {
            let pairs: Vec<(f64, f64)> = rounds.iter().filter_map(|it| Some((figure(it)?, it.ours))).collect();
            let figures = Samples::new(pairs.iter().map(|it| it.0).collect())?;
            Some(Comparison { counterpart: counterpart?, figures, ratios: Samples::ratios(&pairs)? })
        };
        Some(Self {
            case,
            ours: Samples::new(rounds.iter().map(|it| it.ours).collect())?,
            usual: compare(case.usual, |it| it.usual),
            strong: compare(case.strong, |it| it.strong),
            profile: None,
        })
    }
}
