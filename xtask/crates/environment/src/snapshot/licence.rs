//! What packages say of their licence.

use serde::Deserialize;

/// The words of a package's own metadata, none of which has to be there.
///
/// Source: the PyPA's "Core metadata specifications"; conda has the text alone.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct DeclaredLicence {
    /// `License-Expression`, in the language of SPDX.
    pub expression: Option<String>,
    /// `License`: a name in any spelling, or all of the licence.
    pub text: Option<String>,
    /// The classifiers that begin with `License ::`.
    pub classifiers: Vec<String>,
}
