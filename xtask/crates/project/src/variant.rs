//! Variants of a platform: packages for the same dependency files and other hardware, each with a lock of its own.

use std::fmt;

use super::values::{Accelerator, ValueError};

/// The name of a variant, as it stands behind the platform in the name of its lock's folder: `linux-amd64-cuda12`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Variant(String);

impl Variant {
    /// Parses lower-case letters, digits and dots behind a first letter.
    pub fn parse(text: &str) -> Result<Self, ValueError> {
        let is_part = |it: char| it.is_ascii_lowercase() || it.is_ascii_digit() || it == '.';
        if text.starts_with(|it: char| it.is_ascii_lowercase()) && text.chars().all(is_part) {
            Ok(Self(text.to_owned()))
        } else {
            Err(format!(
                "must be lower-case letters, digits and dots, such as `cpu`, `gpu` or `cuda12.8`, not `{text}`"
            ))
        }
    }

    /// The one that is for this hardware and has no name of its own.
    pub fn of(accelerator: Accelerator) -> Self {
        let word = match accelerator {
            Accelerator::Cpu => "cpu",
            Accelerator::Gpu => "gpu",
            Accelerator::Rocm => "rocm",
        };
        Self(word.to_owned())
    }

    /// What its name says of the hardware; `None` for another name.
    pub fn accelerator(&self) -> Option<Accelerator> {
        let known = [Accelerator::Cpu, Accelerator::Gpu, Accelerator::Rocm].into_iter();
        let known = known.map(|it| (Self::of(it), it)).find(|(variant, _)| variant == self);
        known.map(|it| it.1).or_else(|| self.cuda().map(|_| Accelerator::Gpu))
    }

    /// The version of CUDA that its name says, such as `12.8`.
    pub fn cuda(&self) -> Option<&str> {
        self.0.strip_prefix("cuda").filter(|it| it.starts_with(|it: char| it.is_ascii_digit()))
    }

    /// The one of PyTorch's indexes that has wheels for it, in uv's words; `None` for the wheels of PyPI.
    ///
    /// Source: uv's reference, `--torch-backend`.
    pub fn torch_backend(&self) -> Option<String> {
        let cuda = self.cuda().and_then(|it| it.split_once('.')).map(|(major, minor)| format!("cu{major}{minor}"));
        cuda.or_else(|| (self.accelerator()? == Accelerator::Cpu).then(|| "cpu".to_owned()))
    }
}

impl fmt::Display for Variant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_may_say_what_the_hardware_is() {
        let variant = |text: &str| Variant::parse(text).unwrap();
        assert_eq!(variant("cpu").accelerator(), Some(Accelerator::Cpu));
        assert_eq!(variant("rocm").accelerator(), Some(Accelerator::Rocm));
        assert_eq!(
            (variant("cuda12.8").accelerator(), variant("cuda12.8").cuda()),
            (Some(Accelerator::Gpu), Some("12.8"))
        );
        assert_eq!((variant("gpu").cuda(), variant("cluster").accelerator()), (None, None));
        let backend = |text: &str| variant(text).torch_backend().unwrap_or_default();
        assert_eq!(
            ["cpu", "cuda12.8", "cuda12", "gpu", "rocm", "cluster"].map(backend),
            ["cpu", "cu128", "", "", "", ""]
        );
        for bad in ["", "CPU", "12", "../x", "a-b", "a b"] {
            assert!(Variant::parse(bad).is_err(), "{bad}");
        }
    }
}
