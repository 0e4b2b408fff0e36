//! What a job will find at its site.

use std::collections::BTreeMap;

use camino::Utf8PathBuf;

use jobs::{CodeSource, ImageSource, ReceiptImage, Storage};

/// Decided before anything is rendered; in a dry run, nothing of it is made.
#[derive(Debug)]
pub struct Prepared {
    /// None where the native environment is used.
    pub image: Option<ImageSource>,
    pub image_inputs: Option<String>,
    pub image_variables: BTreeMap<String, String>,
    pub receipt_image: Option<ReceiptImage>,
    /// Variables that the environment needs and no image has.
    pub environment: BTreeMap<String, String>,
    pub code: CodeSource,
    /// The site's, with this checkout's own folders where it names none and shares them.
    pub storage: Storage,
    /// As the nodes see it.
    pub run_directory: Utf8PathBuf,
    /// An archive of the code that has to be unpacked for the nodes.
    pub archive: Option<CodeArchive>,
}

/// The code of a job on its way to a folder of the nodes.
#[derive(Debug)]
pub struct CodeArchive {
    /// A `tar.gz`.
    pub bytes: Vec<u8>,
    pub to: Utf8PathBuf,
}
