//! The files that the shim reads, as an object: nodes and submitter share no folder.

use anyhow::{Result, ensure};
use camino::Utf8Path;

use super::objects::{ConfigMapBody, Map, Metadata, Object};
use crate::{RenderedFile, SHIM_IN_IMAGE, Submission};

/// What the values of one object may weigh together.
///
/// Source: <https://kubernetes.io/docs/concepts/configuration/configmap/#motivation>.
const LARGEST: usize = 1 << 20;

/// What of a submission's files is not in the image: all but the shim.
pub(crate) fn files_of(submission: &Submission) -> Vec<RenderedFile> {
    let shim = Utf8Path::new(SHIM_IN_IMAGE).file_name();
    submission.shim_files().into_iter().filter(|it| it.path.file_name() != shim).collect()
}

pub(super) fn config_map(files: Vec<RenderedFile>, metadata: Metadata) -> Result<Object<ConfigMapBody>> {
    let weight: usize = files.iter().map(|it| it.contents.len()).sum();
    ensure!(
        weight <= LARGEST,
        "the code and the sweep weigh {} KiB, and an object of Kubernetes holds {} KiB: keep large files out of git (in data/), or \
         give the site a folder that the nodes share, as `runs` in its storage",
        weight.div_ceil(1024),
        LARGEST / 1024
    );
    let (mut data, mut binary_data) = (Map::new(), Map::new());
    for RenderedFile { path, contents, .. } in files {
        match String::from_utf8(contents) {
            Ok(text) => data.insert(path.into_string(), text),
            Err(error) => binary_data.insert(path.into_string(), base64(error.as_bytes())),
        };
    }
    let body = ConfigMapBody { immutable: true, data, binary_data };
    Ok(Object { api_version: "v1", kind: "ConfigMap", metadata, body })
}

/// RFC 4648, section 4.
fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let group = |chunk: &[u8]| {
        let bits = (0..3).fold(0_u32, |bits, place| bits << 8 | u32::from(*chunk.get(place).unwrap_or(&0)));
        let digit = |place: usize| {
            let is_filled = place <= chunk.len();
            if is_filled { char::from(DIGITS[(bits >> (18 - 6 * place) & 63) as usize]) } else { '=' }
        };
        [0, 1, 2, 3].map(digit)
    };
    bytes.chunks(3).flat_map(group).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_written_as_in_the_standard() {
        let written = ["", "f", "fo", "foo", "foob", "fooba", "foobar"].map(|it| base64(it.as_bytes()));
        assert_eq!(written, ["", "Zg==", "Zm8=", "Zm9v", "Zm9vYg==", "Zm9vYmE=", "Zm9vYmFy"]);
        assert_eq!(base64(&[0xff, 0xfe, 0x00]), "//4A");
    }
}
