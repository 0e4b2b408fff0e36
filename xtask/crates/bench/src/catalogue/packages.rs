//! The packages that are added one at a time.

use images::size::Bytes;

/// A small package of pure Python that needs no other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ExtraPackage {
    /// With its version, as pip spells it.
    pub requirement: &'static str,
    /// The digest of its wheel.
    sha256: &'static str,
    /// The size of its wheel.
    pub wheel: Bytes,
}

impl ExtraPackage {
    /// A line of a list with digests.
    pub fn locked(&self) -> String {
        format!("{} --hash=sha256:{}", self.requirement, self.sha256)
    }
}

/// One for each round, because what was built or downloaded before would be found again.
pub const PYTHON_PACKAGES: [ExtraPackage; 8] = [
    ExtraPackage {
        requirement: "tabulate==0.10.0",
        sha256: "f0b0622e567335c8fabaaa659f1b33bcb6ddfe2e496071b743aa113f8774f2d3",
        wheel: Bytes(39_814),
    },
    ExtraPackage {
        requirement: "cachetools==8.0.2",
        sha256: "502bf3c17c6e35d78ccdaa70da8c7001b28634541f5cde0dee33c93bb252277d",
        wheel: Bytes(19_334),
    },
    ExtraPackage {
        requirement: "decorator==5.3.1",
        sha256: "f47fe6fdbd2edd623ecfe36875d37aba411624e2670dd395dddae1358689bb3c",
        wheel: Bytes(10_365),
    },
    ExtraPackage {
        requirement: "humanize==4.17.0",
        sha256: "02d0899527760efe18011944f882df4970943b4cdff7b5a0ba7fed43a576ef98",
        wheel: Bytes(133_715),
    },
    ExtraPackage {
        requirement: "sortedcontainers==2.4.0",
        sha256: "a163dcaede0f1c021485e957a39245190e74249897e2ae4b2aa38595db237ee0",
        wheel: Bytes(29_575),
    },
    ExtraPackage {
        requirement: "termcolor==3.3.0",
        sha256: "cf642efadaf0a8ebbbf4bc7a31cec2f9b5f21a9f726f4ccbb08192c9c26f43a5",
        wheel: Bytes(7_734),
    },
    ExtraPackage {
        requirement: "toolz==1.2.0",
        sha256: "890f820b1cb8152785aaf9386d8707770110809035800985ca65cb24ce1120ef",
        wheel: Bytes(60_789),
    },
    ExtraPackage {
        requirement: "xmltodict==1.0.4",
        sha256: "a4a00d300b0e1c59fc2bfccb53d7b2e88c32f200df138a0dd2229f842497026a",
        wheel: Bytes(13_580),
    },
];

/// Small system packages, one for each round, too.
const SYSTEM_PACKAGES: [&str; 8] = ["tree", "bc", "zip", "lsof", "pv", "dos2unix", "time", "psmisc"];

/// The largest number of rounds, without the warm-up.
pub const MAX_ROUNDS: usize = SYSTEM_PACKAGES.len() - 1;
const _: () = assert!(PYTHON_PACKAGES.len() == SYSTEM_PACKAGES.len());

/// The package of a round.
pub fn pip_package(round: usize) -> &'static [ExtraPackage] {
    let index = round % PYTHON_PACKAGES.len();
    &PYTHON_PACKAGES[index..=index]
}

pub fn system_package(round: usize) -> &'static str {
    SYSTEM_PACKAGES[round % SYSTEM_PACKAGES.len()]
}
