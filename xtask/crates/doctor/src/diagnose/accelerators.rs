//! GPUs, and whether containers can use them.

use docker::GpuAccess;
use inputs::Engine;
use project::{
    Accelerator,
    system::{CudaBuild, NvidiaDriver},
};

use super::SETTINGS;
use crate::{diagnosis::Diagnosis, facts::MachineFacts};

/// What the daemon says about GPUs is only a hint, because it need not know its own hooks.
pub fn diagnose(facts: &MachineFacts) -> Vec<Diagnosis> {
    let nvidia = nvidia(facts);
    let has_gpu = facts.devices.nvidia.is_some() || facts.devices.has_windows_gpu;
    let is_relevant = has_gpu || facts.needs.accelerator == Accelerator::Gpu;
    let runtime = if is_relevant { runtime(facts) } else { None };
    [Some(nvidia), runtime, cdi(facts), torch(facts), Some(amd(facts))].into_iter().flatten().collect()
}

fn nvidia(facts: &MachineFacts) -> Diagnosis {
    const FACT: &str = "NVIDIA GPU";
    let manual = "https://docs.nvidia.com/datacenter/tesla/driver-installation-guide/";
    match &facts.devices.nvidia {
        Some(text) => Diagnosis::ok(FACT, format!("driver {}", driver_version(text).unwrap_or("of unknown version"))),
        None if facts.devices.has_windows_gpu => Diagnosis::ok(FACT, "through Windows"),
        None => diagnose_missing(facts, FACT, Accelerator::Gpu, manual),
    }
}

/// `NVRM version: NVIDIA UNIX x86_64 Kernel Module  550.54.14  Thu Feb 22 01:44:30 UTC 2024`
fn driver_version(text: &str) -> Option<&str> {
    let is_version = |it: &&str| it.contains('.') && it.chars().all(|it| it.is_ascii_digit() || it == '.');
    text.lines().next()?.split_whitespace().find(is_version)
}

fn amd(facts: &MachineFacts) -> Diagnosis {
    const FACT: &str = "AMD GPU";
    let manual = "https://rocm.docs.amd.com/projects/install-on-linux/";
    match (facts.devices.has_kfd, facts.devices.has_dri) {
        (true, true) => Diagnosis::ok(FACT, "/dev/kfd and /dev/dri"),
        (true, false) => Diagnosis::warning(FACT, "/dev/kfd without /dev/dri", manual),
        // Every graphics card is in /dev/dri.
        (false, _) => diagnose_missing(facts, FACT, Accelerator::Rocm, manual),
    }
}

fn diagnose_missing(facts: &MachineFacts, fact: &'static str, accelerator: Accelerator, manual: &str) -> Diagnosis {
    if facts.needs.accelerator != accelerator {
        return Diagnosis::ok(fact, "none, and your settings need none");
    }
    let fix = format!("{manual}, or set CPU_OR_GPU=cpu in {SETTINGS}");
    if facts.endpoint.is_local() {
        Diagnosis::missing(fact, "none, but CPU_OR_GPU in your settings needs one", fix).needed_by(Engine::Docker)
    } else {
        Diagnosis::warning(fact, "none here; the daemon's machine may have one", fix)
    }
}

fn runtime(facts: &MachineFacts) -> Option<Diagnosis> {
    const FACT: &str = "NVIDIA runtime";
    let info = facts.info()?;
    Some(match GpuAccess::from_info(&info) {
        GpuAccess::Runtime => Diagnosis::ok(FACT, "known to the daemon"),
        GpuAccess::Cdi => Diagnosis::ok(FACT, "not needed: the daemon knows the GPUs by their description (CDI)"),
        GpuAccess::Desktop => Diagnosis::ok(FACT, "Docker Desktop brings its own"),
        GpuAccess::Unknown => Diagnosis::warning(FACT, GpuAccess::NONE, GpuAccess::FIX),
    })
}

/// Docker before 28.2 does not list the devices, so the files have to do.
fn cdi(facts: &MachineFacts) -> Option<Diagnosis> {
    let devices = facts.info().map(|it| it.cdi_devices).unwrap_or_default();
    let shown = if devices.is_empty() { &facts.devices.cdi_files } else { &devices };
    (!shown.is_empty()).then(|| Diagnosis::ok("CDI devices", shown.join(", ")))
}

/// Whether the torch of the runtime image runs on the GPUs of this machine.
fn torch(facts: &MachineFacts) -> Option<Diagnosis> {
    const FACT: &str = "torch on the GPU";
    let build = CudaBuild::parse(facts.torch.stdout()?)?;
    let [cuda, gpus] = facts.nvidia.each_ref().map(|it| it.stdout().unwrap_or_default());
    Some(match build.misfit(&NvidiaDriver::parse(cuda, gpus)) {
        Some((why, fix)) => Diagnosis::warning(FACT, why, fix),
        None => Diagnosis::ok(FACT, build.describe()),
    })
}

#[cfg(test)]
mod tests {
    use docker::Endpoint;

    use super::super::fixtures::{about, debian12, succeeded, with_info};
    use super::*;
    use crate::{diagnosis::FactState, facts::Devices, needs::MachineNeeds};

    const DRIVER: &str = "NVRM version: NVIDIA UNIX x86_64 Kernel Module  550.54.14  Thu Feb 22 01:44:30 UTC 2024\n\
                          GCC version:  gcc version 12.2.0 (Debian 12.2.0-14)\n";

    fn needing(accelerator: Accelerator, facts: MachineFacts) -> MachineFacts {
        MachineFacts { needs: MachineNeeds { accelerator, ..facts.needs.clone() }, ..facts }
    }

    fn with_driver(facts: MachineFacts) -> MachineFacts {
        MachineFacts { devices: Devices { nvidia: Some(DRIVER.to_owned()), ..Devices::default() }, ..facts }
    }

    #[test]
    fn a_missing_gpu_is_reported_only_where_it_is_needed() {
        assert!(diagnose(&debian12()).iter().all(|it| it.state == FactState::Ok));
        for (accelerator, fact) in [(Accelerator::Gpu, "NVIDIA GPU"), (Accelerator::Rocm, "AMD GPU")] {
            let diagnoses = diagnose(&needing(accelerator, debian12()));
            assert_eq!(about(&diagnoses, fact).0, FactState::Missing);
            assert!(diagnoses.iter().any(|it| it.fact == fact && it.blocks(&Engine::Docker)));
        }
        let endpoint = Endpoint::new("lab ssh://me@server.example.org", None);
        let elsewhere = needing(Accelerator::Gpu, MachineFacts { endpoint, ..debian12() });
        assert_eq!(about(&diagnose(&elsewhere), "NVIDIA GPU").0, FactState::Warning);
    }

    #[test]
    fn the_runtime_is_a_hint_wherever_there_is_a_gpu() {
        let diagnoses = diagnose(&with_driver(with_info("info-nvidia.json")));
        assert_eq!(about(&diagnoses, "NVIDIA GPU").1, "driver 550.54.14");
        assert_eq!(about(&diagnoses, "NVIDIA runtime").0, FactState::Ok);
        let (state, _, fix) = about(&diagnose(&with_driver(debian12())), "NVIDIA runtime");
        assert_eq!(state, FactState::Warning);
        assert!(fix.contains("nvidia-ctk"), "{fix}");
    }

    #[test]
    fn a_torch_that_was_not_compiled_for_the_gpu_is_a_warning() {
        let torch = |architectures: &str| {
            let text = format!(r#"{{"torch": "2.12.0+cu130", "cuda": "13.0", "architectures": [{architectures}]}}"#);
            let nvidia = ["| CUDA Version: 13.0 |", "7.0, Tesla V100-SXM2-32GB\n"].map(succeeded);
            about(&diagnose(&MachineFacts { nvidia, torch: succeeded(text), ..debian12() }), "torch on the GPU")
        };
        assert_eq!(torch(r#""sm_70""#).1, "torch 2.12.0+cu130 for CUDA 13.0");
        let (state, why, fix) = torch(r#""sm_75", "sm_80""#);
        assert_eq!(state, FactState::Warning);
        assert!(
            why.contains("(Tesla V100-SXM2-32GB, sm_70)") && fix.contains("another version of torch"),
            "{why} {fix}"
        );
    }

    #[test]
    fn described_devices_need_no_runtime() {
        let diagnoses = diagnose(&with_driver(with_info("info-cdi.json")));
        assert_eq!(about(&diagnoses, "NVIDIA runtime").0, FactState::Ok);
        assert_eq!(about(&diagnoses, "CDI devices").1, "nvidia.com/gpu=0, nvidia.com/gpu=all");
        let files = Devices { cdi_files: vec!["/etc/cdi/nvidia.yaml".to_owned()], ..Devices::default() };
        assert_eq!(
            about(&diagnose(&MachineFacts { devices: files, ..debian12() }), "CDI devices").1,
            "/etc/cdi/nvidia.yaml"
        );
    }

    #[test]
    fn amds_devices_belong_together_and_windows_lends_its_own() {
        let with = |devices| diagnose(&MachineFacts { devices, ..debian12() });
        let both = Devices { has_kfd: true, has_dri: true, ..Devices::default() };
        assert_eq!(about(&with(both.clone()), "AMD GPU").1, "/dev/kfd and /dev/dri");
        assert_eq!(about(&with(Devices { has_dri: false, ..both }), "AMD GPU").0, FactState::Warning);
        let windows = Devices { has_windows_gpu: true, ..Devices::default() };
        assert_eq!(about(&with(windows), "NVIDIA GPU").1, "through Windows");
    }
}
