//! What the torch of an environment was compiled for, and whether that runs on the GPUs of a machine.

use serde::Deserialize;

use super::nvidia::{NvidiaDriver, NvidiaGpu};

/// A torch that was compiled for CUDA.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct CudaBuild {
    /// Its version.
    torch: String,
    /// The version of CUDA, such as `13.0`.
    cuda: String,
    /// What it has code for, in the compiler's words: `sm_90`, or `compute_90` for what the driver compiles further.
    architectures: Vec<String>,
}

impl CudaBuild {
    /// A program that an environment's Python prints this with, read from the files of the installed wheel.
    pub const PROBE: &'static str = include_str!("cuda_build.py");

    /// `None` for an environment without a torch that uses CUDA.
    pub fn parse(printed: &str) -> Option<Self> {
        serde_json::from_str(printed.trim()).ok()
    }

    /// In words, such as `torch 2.12.0+cu130 for CUDA 13.0`.
    pub fn describe(&self) -> String {
        format!("torch {} for CUDA {}", self.torch, self.cuda)
    }

    /// Why it does not run on a machine, and what helps. `None` where it does, or nobody can tell.
    pub fn misfit(&self, machine: &NvidiaDriver) -> Option<(String, String)> {
        let (needed, runs) = (major(&self.cuda), machine.cuda.as_deref().and_then(major));
        if let (Some(needed), Some(runs), Some(cuda)) = (needed, runs, &machine.cuda)
            && runs < needed
        {
            return Some((
                format!("{}, but the driver of this machine runs CUDA {cuda} and older", self.describe()),
                format!("update the driver, or ask for a torch that was built for CUDA {runs}"),
            ));
        }
        let gpu = machine.gpus.iter().find(|it| !self.architectures.is_empty() && !self.runs_on(it))?;
        let (major, minor) = gpu.capability;
        Some((
            format!(
                "torch {} was compiled for {}, which a GPU of this machine ({}, sm_{major}{minor}) does not run",
                self.torch,
                self.architectures.join(", "),
                gpu.name
            ),
            "ask for another version of torch, or compute on another GPU".to_owned(),
        ))
    }

    /// Code for a GPU runs on those of the same major version that are as new; code that the driver compiles, on all that are.
    ///
    /// Source: NVIDIA, "CUDA C++ Programming Guide", compute capabilities and compatibility: `a` is for that GPU alone, `f` for
    /// its family.
    fn runs_on(&self, gpu: &NvidiaGpu) -> bool {
        self.architectures.iter().any(|it| {
            let Some((kind, number)) = it.split_once('_') else { return false };
            let digits = number.trim_end_matches(['a', 'f']);
            let Ok(number_alone) = digits.parse::<u32>() else { return false };
            let capability = (number_alone / 10, number_alone % 10);
            if number.ends_with('a') {
                return capability == gpu.capability;
            }
            let is_same_major = capability.0 == gpu.capability.0;
            capability <= gpu.capability && (is_same_major || (kind == "compute" && !number.ends_with('f')))
        })
    }
}

fn major(version: &str) -> Option<u32> {
    version.split('.').next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::process::Command;

    use super::*;

    fn build(cuda: &str, architectures: &str) -> CudaBuild {
        let architectures = architectures.split(' ').map(str::to_owned).collect();
        CudaBuild { torch: "2.12.0+cu130".to_owned(), cuda: cuda.to_owned(), architectures }
    }

    fn machine(cuda: &str, capability: &str) -> NvidiaDriver {
        NvidiaDriver::parse(&format!("CUDA Version: {cuda} "), &format!("{capability}, Tesla V100\n"))
    }

    /// What PyPI's wheel of torch 2.12.0 was compiled for.
    const WHEEL: &str = "sm_75 sm_80 sm_86 sm_90 sm_100 sm_120";

    #[test]
    fn a_driver_runs_what_was_built_for_its_major_version_and_for_older_ones() {
        let fits = |built: &str, driver: &str| build(built, WHEEL).misfit(&machine(driver, "9.0")).is_none();
        assert!(fits("12.8", "12.4") && fits("12.8", "13.0") && fits("13.0", "13.0"));
        let (why, fix) = build("13.0", WHEEL).misfit(&machine("12.4", "9.0")).unwrap();
        let said = "torch 2.12.0+cu130 for CUDA 13.0, but the driver of this machine runs CUDA 12.4 and older";
        assert_eq!((why.as_str(), fix.ends_with("CUDA 12")), (said, true));
        assert_eq!(build("13.0", WHEEL).misfit(&NvidiaDriver::default()), None);
    }

    #[test]
    fn a_gpu_runs_code_of_its_own_major_version_and_what_its_driver_compiles() {
        let fits = |code: &str, gpu: &str| build("13.0", code).misfit(&machine("13.0", gpu)).is_none();
        for gpu in ["7.5", "8.0", "8.9", "9.0", "10.3", "12.1"] {
            assert!(fits(WHEEL, gpu), "{gpu}");
        }
        for (code, gpu) in
            [(WHEEL, "7.0"), (WHEEL, "11.0"), ("sm_86", "8.0"), ("sm_90a", "9.1"), ("compute_100f", "12.0")]
        {
            assert!(!fits(code, gpu), "{code} {gpu}");
        }
        assert!(fits("sm_90a", "9.0") && fits("sm_80 compute_80", "12.0") && fits("sm_100f", "10.3"));
        let (why, _) = build("13.0", WHEEL).misfit(&machine("13.0", "7.0")).unwrap();
        assert!(why.contains("sm_120, which a GPU of this machine (Tesla V100, sm_70) does not run"), "{why}");
    }

    #[test]
    fn what_a_wheel_was_compiled_for_is_read_from_its_files() {
        let scratch = tempfile::tempdir().unwrap();
        let torch = scratch.path().join("torch");
        fs::create_dir_all(torch.join("lib")).unwrap();
        fs::write(torch.join("__init__.py"), "raise SystemExit('importing it takes seconds')\n").unwrap();
        let probe = |version: &str, library: &[u8]| {
            fs::write(torch.join("version.py"), version).unwrap();
            fs::write(torch.join("lib/libtorch_python.so"), library).unwrap();
            let mut python = Command::new("python3");
            let printed = python.args(["-c", CudaBuild::PROBE]).env("PYTHONPATH", scratch.path()).output().unwrap();
            assert!(printed.status.success(), "{}", String::from_utf8_lossy(&printed.stderr));
            CudaBuild::parse(&String::from_utf8(printed.stdout).unwrap())
        };
        let version = "from typing import Optional\n__version__ = '2.12.0+cu130'\ncuda: Optional[str] = '13.0'\n";
        let library = format!("\x7fELF\0sm_0\0{WHEEL}\0no more");
        assert_eq!(probe(version, library.as_bytes()), Some(build("13.0", WHEEL)));
        assert_eq!(probe("__version__ = '2.12.0+cpu'\ncuda = None\n", b"x"), None);
    }
}
