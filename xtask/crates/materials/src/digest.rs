//! Digests of files.

/// The algorithms that both CycloneDX and SPDX have a name for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum DigestAlgorithm {
    Md5,
    Sha1,
    Sha256,
    Sha384,
    Sha512,
}

impl DigestAlgorithm {
    const ALL: [Self; 5] = [Self::Md5, Self::Sha1, Self::Sha256, Self::Sha384, Self::Sha512];

    /// As `hashlib` and locks spell it.
    fn name(self) -> &'static str {
        match self {
            Self::Md5 => "md5",
            Self::Sha1 => "sha1",
            Self::Sha256 => "sha256",
            Self::Sha384 => "sha384",
            Self::Sha512 => "sha512",
        }
    }

    fn hexadecimal_digits(self) -> usize {
        match self {
            Self::Md5 => 32,
            Self::Sha1 => 40,
            Self::Sha256 => 64,
            Self::Sha384 => 96,
            Self::Sha512 => 128,
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Digest {
    pub algorithm: DigestAlgorithm,
    /// Hexadecimal digits in lower case, as many as the algorithm gives.
    pub value: String,
}

impl Digest {
    /// `None` where the algorithm has no name in the documents, or the value is not one of its.
    pub fn new(algorithm: &str, value: &str) -> Option<Self> {
        let algorithm = DigestAlgorithm::ALL.into_iter().find(|it| it.name() == algorithm)?;
        let is_value = value.len() == algorithm.hexadecimal_digits() && value.bytes().all(|it| it.is_ascii_hexdigit());
        is_value.then(|| Self { algorithm, value: value.to_ascii_lowercase() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_digest_has_as_many_digits_as_its_algorithm_gives() {
        assert_eq!(Digest::new("sha256", &"AB".repeat(32)).unwrap().value, "ab".repeat(32));
        for (algorithm, value) in [("sha256", "00"), ("md5", &*"g".repeat(32)), ("blake2b", &*"0".repeat(128))] {
            assert_eq!(Digest::new(algorithm, value), None, "{algorithm} {value}");
        }
    }
}
