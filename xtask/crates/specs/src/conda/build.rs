//! Which builds a match spec allows.

use super::MatchSpec;

impl MatchSpec {
    /// Whether it allows a build. One that is a regular expression, or a choice of several, is taken to allow every build.
    pub fn allows_build(&self, build: &str) -> bool {
        self.build.as_deref().is_none_or(|wanted| wanted.contains(['^', '|', ',']) || is_like(build, wanted))
    }

    /// The build, where it allows that one alone.
    pub fn exact_build(&self) -> Option<&str> {
        self.build.as_deref().filter(|it| !it.contains(['*', '^', '|', ',']))
    }
}

/// Whether a text is like a pattern, in which each `*` stands for any text.
fn is_like(text: &str, pattern: &str) -> bool {
    let Some((start, pattern)) = pattern.split_once('*') else { return text == pattern };
    let (middle, end) = pattern.rsplit_once('*').unwrap_or(("", pattern));
    let inside = text.strip_prefix(start).and_then(|it| it.strip_suffix(end));
    let behind = |rest: &str, piece: &str| rest.find(piece).map(|at| at + piece.len());
    inside.is_some_and(|it| {
        let mut rest = Some(it);
        for piece in middle.split('*') {
            rest = rest.and_then(|it| Some(&it[behind(it, piece)?..]));
        }
        rest.is_some()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_stands_for_any_text() {
        for (spec, allowed, refused) in [
            ("a", &["0", "py312_0"] as &[&str], &[] as &[&str]),
            ("a=1=h1_0", &["h1_0"], &["h1_1", "h1_01", ""]),
            ("a=1=py311*", &["py311_0", "py311"], &["py312_0"]),
            ("a=*=*mkl", &["h2_mkl", "mkl"], &["h1_openblas", "mkl_0"]),
            ("a[build='*cuda*']", &["py312_cuda12_0", "cuda"], &["py312_cpu_0"]),
            ("a=1=h*_cu*_0", &["h1_cu12_0", "h_cu_0"], &["h1_0", "h1_cu12_1"]),
            ("a[build='^py.*$']", &["py3", "h0"], &[]),
        ] {
            let spec = MatchSpec::parse(spec).unwrap();
            assert!(allowed.iter().all(|it| spec.allows_build(it)), "{spec}");
            assert!(!refused.iter().any(|it| spec.allows_build(it)), "{spec}");
        }
    }
}
