//! Large packages of PyPI, and which of them are about as large as asked for.

use anyhow::{Result, ensure};

use images::size::Bytes;

/// A wheel of torch's environment for NVIDIA GPUs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct LargeWheel {
    /// With its version, as pip spells it.
    requirement: &'static str,
    /// What it takes installed, in MB, with those small packages that it needs and that are not in [`WHEELS`].
    installed: u64,
    /// Which of [`WHEELS`] it needs, by their places.
    needs: &'static [usize],
}

/// Those that others need come first; torch needs all. The sizes are those of the installed files on linux/amd64, without bytecode.
const WHEELS: [LargeWheel; 13] = [
    LargeWheel { requirement: "nvidia-nvjitlink==13.5.37", installed: 117, needs: &[] },
    LargeWheel { requirement: "nvidia-cuda-nvrtc==13.2.86", installed: 120, needs: &[] },
    LargeWheel { requirement: "nvidia-cusparse==12.7.10.12", installed: 168, needs: &[0] },
    LargeWheel { requirement: "nvidia-cufft==12.2.0.57", installed: 292, needs: &[0] },
    LargeWheel { requirement: "nvidia-nccl-cu13==2.30.7", installed: 253, needs: &[] },
    LargeWheel { requirement: "nvidia-cublas==13.4.1.3", installed: 564, needs: &[1] },
    LargeWheel { requirement: "nvidia-cusolver==12.2.0.11", installed: 277, needs: &[0, 2, 5] },
    LargeWheel { requirement: "nvidia-cusparselt-cu13==0.8.1", installed: 234, needs: &[] },
    LargeWheel { requirement: "nvidia-nvshmem-cu13==3.7.2", installed: 221, needs: &[] },
    LargeWheel { requirement: "nvidia-cudnn-cu13==9.26.0.51", installed: 889, needs: &[5] },
    LargeWheel { requirement: "triton==3.9.0", installed: 1043, needs: &[] },
    LargeWheel { requirement: "nvidia-cuda-cupti==13.2.86", installed: 49, needs: &[] },
    LargeWheel { requirement: "torch==2.15.0", installed: 1230, needs: &[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11] },
];

/// What the sides install in a large benchmark.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LargeEnvironment {
    wheels: Vec<LargeWheel>,
}

impl LargeEnvironment {
    /// As many of the wheels as fit a size, or all.
    pub fn fitting(size: Option<Bytes>) -> Result<Self> {
        let mut chosen: Vec<usize> = Vec::new();
        let mut left = size.map_or(u64::MAX, |it| it.0);
        for (place, wheel) in WHEELS.iter().enumerate() {
            let bytes = wheel.installed * 1_000_000;
            if bytes <= left && wheel.needs.iter().all(|it| chosen.contains(it)) {
                left -= bytes;
                chosen.push(place);
            }
        }
        ensure!(
            !chosen.is_empty(),
            "the smallest part of this environment takes {}",
            Bytes(WHEELS[0].installed * 1_000_000)
        );
        Ok(Self { wheels: chosen.into_iter().map(|it| WHEELS[it]).collect() })
    }

    /// What it takes installed.
    pub fn installed(&self) -> Bytes {
        Bytes(self.wheels.iter().map(|it| it.installed * 1_000_000).sum())
    }

    /// The lines of its packages, as pip spells them.
    pub fn requirements(&self) -> String {
        self.wheels.iter().map(|it| format!("{}\n", it.requirement)).collect()
    }

    /// The text of `environment.yml`.
    pub fn environment_yml(&self) -> String {
        let head = "name: bench\nchannels:\n  - conda-forge\ndependencies:\n  - python>=3.11\n  - pip\n  - pip:\n";
        let list: String = self.wheels.iter().map(|it| format!("      - {}\n", it.requirement)).collect();
        format!("{head}{list}")
    }

    /// For a report: the packages and what they take.
    pub fn describe(&self) -> String {
        let names: Vec<&str> = self.wheels.iter().map(|it| it.requirement).collect();
        format!("{}, {} installed", names.join(", "), self.installed())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fitting(size: &str) -> LargeEnvironment {
        LargeEnvironment::fitting(Some(size.parse().unwrap())).unwrap()
    }

    #[test]
    fn as_many_wheels_are_chosen_as_fit() {
        assert_eq!(fitting("400MiB").wheels, WHEELS[..3]);
        for size in ["150MB", "1GB", "2GiB", "4GB", "9GB"] {
            let limit: Bytes = size.parse().unwrap();
            assert!(fitting(size).installed() <= limit, "{size}: {:?}", fitting(size));
        }
        let two = fitting("2GiB").installed();
        assert!(two.0 > 1_800_000_000, "{two}");
        let error = LargeEnvironment::fitting(Some(Bytes(1000))).unwrap_err().to_string();
        assert_eq!(error, "the smallest part of this environment takes 117.0 MB");
    }

    #[test]
    fn without_a_size_it_is_all_of_torch() {
        let all = LargeEnvironment::fitting(None).unwrap();
        assert_eq!(all.wheels, WHEELS);
        assert!(all.environment_yml().ends_with("      - torch==2.15.0\n"), "{}", all.environment_yml());
        assert_eq!(all.installed().to_string(), "5.5 GB");
    }

    #[test]
    fn what_a_wheel_needs_comes_with_it() {
        for megabytes in (120..6000).step_by(70) {
            let chosen = LargeEnvironment::fitting(Some(Bytes(megabytes * 1_000_000))).unwrap().wheels;
            for wheel in &chosen {
                assert!(wheel.needs.iter().all(|it| chosen.contains(&WHEELS[*it])), "{megabytes}: {wheel:?}");
            }
        }
    }
}
