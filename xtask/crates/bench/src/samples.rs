//! Measured figures, and their median and range.

/// Measured figures, at least one, in ascending order.
#[derive(Debug, Clone, PartialEq)]
pub struct Samples(Vec<f64>);

impl Samples {
    /// `None` without any figure.
    pub fn new(mut figures: Vec<f64>) -> Option<Self> {
        figures.sort_by(f64::total_cmp);
        (!figures.is_empty()).then_some(Self(figures))
    }

    /// The ratio ours / control of each pair (control, ours). What slows down the machine for a while slows down both.
    pub fn ratios(pairs: &[(f64, f64)]) -> Option<Self> {
        Self::new(pairs.iter().map(|(control, ours)| ours / control).collect())
    }

    /// For an even number, half-way between the two in the middle.
    pub fn median(&self) -> f64 {
        let middle = self.0.len() / 2;
        if self.0.len() % 2 == 1 { self.0[middle] } else { f64::midpoint(self.0[middle - 1], self.0[middle]) }
    }

    pub fn min(&self) -> f64 {
        self.0[0]
    }

    pub fn max(&self) -> f64 {
        self.0[self.0.len() - 1]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_median_is_in_the_middle_whatever_the_order() {
        let odd = Samples::new(vec![9.0, 1.0, 2.0]).unwrap();
        assert_eq!((odd.min(), odd.median(), odd.max()), (1.0, 2.0, 9.0));
        let even = Samples::new(vec![4.0, 1.0, 2.0, 3.0]).unwrap();
        assert_eq!((even.min(), even.median(), even.max()), (1.0, 2.5, 4.0));
        assert_eq!(Samples::new(Vec::new()), None);
    }

    #[test]
    fn ratios_are_of_pairs_and_not_of_medians() {
        // During the last pair the machine was half as fast.
        let ratios = Samples::ratios(&[(10.0, 1.0), (10.0, 2.0), (20.0, 8.0)]).unwrap();
        assert_eq!((ratios.min(), ratios.median(), ratios.max()), (0.1, 0.2, 0.4));
    }
}
