//! Times, sizes, GPUs and sweeps as people write them.

use std::time::Duration;

use anyhow::{Context as _, Result, bail};

use super::{GpuKind, GpuRequest, Memory, ParameterSet, Sweep};

/// The longest sweep that is read: a range with a typing error would take all memory.
const MAX_POINTS: usize = 1_000_000;

/// `90s`, `30m`, `4h`, `2d`, or Slurm's `HH:MM:SS` and `D-HH:MM:SS`. A number alone would be minutes to Slurm and seconds to
/// Kubernetes, so it is refused.
pub fn parse_time(text: &str) -> Result<Duration> {
    const UNITS: [(char, u64); 4] = [('s', 1), ('m', 60), ('h', 3600), ('d', 86400)];
    let seconds = match UNITS.iter().find(|it| text.ends_with(it.0)) {
        Some((unit, seconds)) => {
            text.trim_end_matches(*unit).parse::<u64>().ok().and_then(|it| it.checked_mul(*seconds))
        }
        None => clock(text),
    };
    match seconds {
        Some(seconds) if seconds > 0 => Ok(Duration::from_secs(seconds)),
        _ => bail!("`{text}` is no time: write 30m, 4h, 2d or 1-12:00:00"),
    }
}

fn clock(text: &str) -> Option<u64> {
    let (days, clock) = text.split_once('-').unwrap_or(("0", text));
    let parts: Vec<u64> = clock.split(':').map(|it| it.parse().ok()).collect::<Option<_>>()?;
    let [hours, minutes, seconds] = parts[..] else { return None };
    if minutes > 59 || seconds > 59 {
        return None;
    }
    days.parse::<u64>().ok()?.checked_mul(86400)?.checked_add(hours.checked_mul(3600)? + minutes * 60 + seconds)
}

/// `512MiB`, `8GiB`, `16G`: `K`, `M`, `G` and `T` are powers of 1024 with and without `iB`, as in Slurm. `GB` would be another
/// number in each engine, so it is refused.
pub fn parse_memory(text: &str) -> Result<Memory> {
    const UNITS: [(char, u64); 4] = [('K', 10), ('M', 20), ('G', 30), ('T', 40)];
    let short = text.strip_suffix("iB").or_else(|| text.strip_suffix('i')).unwrap_or(text);
    let bytes = UNITS.iter().find(|it| short.ends_with(it.0)).and_then(|(unit, power)| {
        short.trim_end_matches(*unit).parse::<u64>().ok().and_then(|it| it.checked_mul(1 << power))
    });
    match bytes {
        Some(bytes) if bytes > 0 => Ok(Memory(bytes)),
        _ => bail!("`{text}` is no amount of memory: write 512MiB, 8GiB or 1TiB"),
    }
}

/// `2`, `a100:2`, `1g.10gb:1`, or `0.5` for a half of one.
pub fn parse_gpus(text: &str) -> Result<GpuRequest> {
    if let Some(part) = text.parse().ok().filter(|it: &f64| text.contains('.') && *it > 0.0 && *it < 1.0) {
        return Ok(GpuRequest { count: 1, kind: GpuKind::Fraction(part) });
    }
    let (kind, count) = match text.rsplit_once(':') {
        Some((name, count)) if is_mig(name) => (GpuKind::Mig(name.to_owned()), count),
        Some((name, count)) if !name.is_empty() => (GpuKind::Model(name.to_owned()), count),
        _ => (GpuKind::Any, text),
    };
    match count.parse() {
        Ok(count) if count > 0 => Ok(GpuRequest { count, kind }),
        _ => bail!("`{text}` says no GPUs: write 2, a100:2, 1g.10gb:1 or 0.5"),
    }
}

/// Whether this is one of NVIDIA's profiles, `SLICESg.MEMORYgb` with what may stand around it, and no model.
fn is_mig(name: &str) -> bool {
    let mut parts = name.split('.').skip_while(|it| it.ends_with('c'));
    let slices = parts.next().and_then(|it| it.strip_suffix('g'));
    slices.is_some_and(|it| it.parse::<u8>().is_ok()) && parts.next().is_some_and(|it| it.contains("gb"))
}

/// All combinations of values, the last name changing the fastest: each text is `NAME=A,B` or `NAME=0..4`, with both ends.
pub fn parse_sweep(texts: &[String], max_parallel: Option<u32>) -> Result<Sweep> {
    let mut points = vec![ParameterSet::default()];
    for text in texts {
        let (name, values) = text
            .split_once('=')
            .filter(|it| !it.0.is_empty())
            .with_context(|| format!("`{text}` says nothing to sweep over: write seed=0..4 or lr=1e-3,1e-4"))?;
        let values = values_of(values).with_context(|| format!("`{text}` has no values"))?;
        if points.len() * values.len() > MAX_POINTS {
            bail!("a sweep has at most {MAX_POINTS} parts");
        }
        let with = |point: &ParameterSet, value: &String| {
            let mut point = point.clone();
            point.0.insert(name.to_owned(), value.clone());
            point
        };
        points = points.iter().flat_map(|point| values.iter().map(|it| with(point, it)).collect::<Vec<_>>()).collect();
    }
    Ok(Sweep { points, max_parallel })
}

fn values_of(text: &str) -> Option<Vec<String>> {
    if let Some((first, last)) = text.split_once("..")
        && let (Ok(first), Ok(last)) = (first.parse::<i64>(), last.parse::<i64>())
    {
        let count = usize::try_from(last.checked_sub(first)?).ok().filter(|it| *it < MAX_POINTS)?;
        return Some((first..=last).take(count + 1).map(|it| it.to_string()).collect());
    }
    let values: Vec<String> = text.split(',').map(str::to_owned).collect();
    values.iter().all(|it| !it.is_empty()).then_some(values)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_has_a_unit_or_is_a_clock() {
        for (text, seconds) in [("30m", 1800), ("4h", 14400), ("2d", 172_800), ("90s", 90), ("1-12:00:00", 129_600)] {
            assert_eq!(parse_time(text).unwrap().as_secs(), seconds, "{text}");
        }
        for text in ["", "90", "0m", "4 h", "1:30", "1:99:00", "-1h", "h", "99999999999999999999d"] {
            assert!(parse_time(text).is_err(), "{text}");
        }
    }

    #[test]
    fn memory_means_the_same_everywhere_or_nothing() {
        for text in ["8GiB", "8G", "8Gi", "8192MiB"] {
            assert_eq!(parse_memory(text).unwrap(), Memory(8 << 30), "{text}");
        }
        for text in ["2GB", "8", "0GiB", "1.5GiB", "GiB", "99999999TiB"] {
            assert!(parse_memory(text).is_err(), "{text}");
        }
    }

    #[test]
    fn gpus_are_counted_and_may_be_named() {
        let kinds = ["2", "a100:2", "1g.10gb:2"].map(|it| parse_gpus(it).unwrap());
        assert!(kinds.iter().all(|it| it.count == 2));
        let expected = [GpuKind::Any, GpuKind::Model("a100".to_owned()), GpuKind::Mig("1g.10gb".to_owned())];
        assert_eq!(kinds.map(|it| it.kind), expected);
        assert_eq!(parse_gpus("0.5").unwrap(), GpuRequest { count: 1, kind: GpuKind::Fraction(0.5) });
        assert_eq!(parse_gpus("1c.3g.20gb+me:1").unwrap().kind, GpuKind::Mig("1c.3g.20gb+me".to_owned()));
        assert_eq!(parse_gpus("big.gpu:1").unwrap().kind, GpuKind::Model("big.gpu".to_owned()));
        for text in ["0", "0.0", "1.5", "a100", ":1", "a100:x"] {
            assert!(parse_gpus(text).is_err(), "{text}");
        }
    }

    #[test]
    fn sweeps_are_multiplied() {
        let sweep = parse_sweep(&["lr=1e-3,1e-4".to_owned(), "seed=0..2".to_owned()], None).unwrap();
        let points: Vec<String> = sweep.points.iter().map(|it| format!("{} {}", it.0["lr"], it.0["seed"])).collect();
        assert_eq!(points, ["1e-3 0", "1e-3 1", "1e-3 2", "1e-4 0", "1e-4 1", "1e-4 2"]);
        for wrong in ["seed", "=1", "seed=", "seed=1,", "seed=4..0", "seed=0..9999999999"] {
            assert!(parse_sweep(&[wrong.to_owned()], None).is_err(), "{wrong}");
        }
    }
}
