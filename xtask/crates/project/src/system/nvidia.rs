//! NVIDIA's GPUs of this machine and their driver.

use process::Invocation;

/// A GPU of this machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NvidiaGpu {
    pub name: String,
    /// Its compute capability: `(9, 0)`.
    pub capability: (u32, u32),
}

/// What `nvidia-smi` says of this machine.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NvidiaDriver {
    /// The newest CUDA that it runs, such as `12.4`.
    pub cuda: Option<String>,
    pub gpus: Vec<NvidiaGpu>,
}

impl NvidiaDriver {
    /// The program that comes with the driver.
    pub const PROGRAM: &str = "nvidia-smi";
    /// Names the driver's version on its first line; not there in Windows' guests.
    pub const VERSION_FILE: &str = "/proc/driver/nvidia/version";

    /// Prints a table whose head has the version of CUDA.
    pub fn cuda_query() -> Invocation {
        Invocation::new(Self::PROGRAM)
    }

    /// Prints a line for each GPU. Drivers before 510 do not know the capability, and fail.
    ///
    /// Source: NVIDIA's documentation of `nvidia-smi`, `--help-query-gpu`.
    pub fn gpus_query() -> Invocation {
        Invocation::new(Self::PROGRAM).args(["--query-gpu=compute_cap,name", "--format=csv,noheader"])
    }

    /// Reads what the two queries have printed; nothing for one that failed.
    pub fn parse(cuda: &str, gpus: &str) -> Self {
        Self { cuda: Self::parse_cuda(cuda).map(str::to_owned), gpus: gpus.lines().filter_map(gpu).collect() }
    }

    /// The version of CUDA in the head of the table.
    pub fn parse_cuda(table: &str) -> Option<&str> {
        let (_, behind) = table.split_once("CUDA Version:")?;
        behind.split_whitespace().next().filter(|it| it.starts_with(|it: char| it.is_ascii_digit()))
    }
}

fn gpu(line: &str) -> Option<NvidiaGpu> {
    let (capability, name) = line.split_once(',')?;
    let (major, minor) = capability.trim().split_once('.')?;
    Some(NvidiaGpu { name: name.trim().to_owned(), capability: (major.parse().ok()?, minor.parse().ok()?) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_driver_tells_its_cuda_and_its_gpus() {
        let head = "| NVIDIA-SMI 550.54.14    Driver Version: 550.54.14    CUDA Version: 12.4     |\n";
        let driver = NvidiaDriver::parse(head, "9.0, NVIDIA H200\n7.0, Tesla V100-SXM2-32GB\n");
        let gpu = |name: &str, capability| NvidiaGpu { name: name.to_owned(), capability };
        assert_eq!(driver.cuda.as_deref(), Some("12.4"));
        assert_eq!(driver.gpus, [gpu("NVIDIA H200", (9, 0)), gpu("Tesla V100-SXM2-32GB", (7, 0))]);
        assert_eq!(NvidiaDriver::parse("| CUDA Version: N/A |", "[N/A], GPU\n"), NvidiaDriver::default());
        assert_eq!(NvidiaDriver::parse("no devices", ""), NvidiaDriver::default());
    }
}
