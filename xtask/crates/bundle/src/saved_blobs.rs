//! The archive of `docker save`, cut into blobs that are named by what is in them, so that the same images are the same bytes
//! whichever engine has saved them.

use std::collections::BTreeMap;
use std::io::Read;

use anyhow::{Context as _, Result};
use serde_json::{Value, json};

use images::size::{ArchiveEntryKind, link_target, visit_entries};

/// The file that names the images. `docker load` reads the same.
pub(crate) const LIST: &str = "manifest.json";

/// The largest list that is read, in bytes.
const MAX_LIST: u64 = 16 << 20;

/// An image as the blobs that it is made of, by their SHA-256.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ImageBlobs {
    pub names: Vec<String>,
    pub config: String,
    /// The lowest first.
    pub layers: Vec<String>,
}

/// Where a blob is in a bundle.
pub(crate) fn blob_path(sha256: &str) -> String {
    format!("blobs/sha256/{sha256}")
}

/// Reads the archive in one pass. `store` gets each file, keeps it, and tells its SHA-256.
pub(crate) fn read_saved(
    archive: &mut dyn Read,
    mut store: impl FnMut(&mut dyn Read) -> Result<String>,
) -> Result<Vec<ImageBlobs>> {
    let (mut blobs, mut links, mut list) = (BTreeMap::new(), BTreeMap::new(), Vec::new());
    visit_entries(archive, |entry, contents| {
        match entry.kind {
            ArchiveEntryKind::File if entry.path == LIST => {
                contents.take(MAX_LIST).read_to_end(&mut list)?;
            }
            ArchiveEntryKind::File => drop(blobs.insert(entry.path, store(contents)?)),
            ArchiveEntryKind::SymbolicLink | ArchiveEntryKind::HardLink => {
                let target = link_target(&entry.path, &entry.link, entry.kind);
                links.insert(entry.path, target);
            }
            ArchiveEntryKind::Directory | ArchiveEntryKind::Special => {}
        }
        Ok(())
    })?;
    let list: Value = serde_json::from_slice(&list).with_context(|| format!("`docker save` left out `{LIST}`"))?;
    let blob = |name: &Value| {
        let name = name.as_str().unwrap_or_default();
        let path = links.get(name).map_or(name, String::as_str);
        blobs.get(path).cloned().with_context(|| format!("`docker save` left out `{name}`"))
    };
    let images = list.as_array().into_iter().flatten().map(|image| {
        let layers = image["Layers"].as_array().into_iter().flatten();
        let names = image["RepoTags"].as_array().into_iter().flatten().filter_map(Value::as_str);
        Ok(ImageBlobs {
            names: names.map(str::to_owned).collect(),
            config: blob(&image["Config"])?,
            layers: layers.map(blob).collect::<Result<_>>()?,
        })
    });
    images.collect()
}

/// The list of images by which `docker load` finds the blobs in a bundle.
pub(crate) fn image_list(images: &[ImageBlobs]) -> String {
    let list = images.iter().map(|it| {
        let layers: Vec<String> = it.layers.iter().map(|it| blob_path(it)).collect();
        json!({"Config": blob_path(&it.config), "RepoTags": it.names, "Layers": layers})
    });
    Value::from(list.collect::<Vec<_>>()).to_string()
}

#[cfg(test)]
mod tests {
    use std::io;

    use tar::{Builder, EntryType, Header};

    use super::*;
    use crate::hashing::copy_hashed;

    /// As Docker 20.10 saves two images with a layer in common: the second has a link to it.
    fn saved() -> Vec<u8> {
        let mut archive = Builder::new(Vec::new());
        let mut file = |path: &str, text: &str| {
            let mut header = Header::new_gnu();
            header.set_size(text.len() as u64);
            archive.append_data(&mut header, path, text.as_bytes()).unwrap();
        };
        file("l1/layer.tar", "layer");
        file("c1.json", "{}");
        file("c2.json", "{ }");
        let image = |config, names, layer| json!({"Config": config, "RepoTags": names, "Layers": [layer]});
        let list = json!([image("c1.json", ["a:1"], "l1/layer.tar"), image("c2.json", ["b:1"], "l2/layer.tar")]);
        file(LIST, &list.to_string());
        let mut link = Header::new_gnu();
        link.set_entry_type(EntryType::Symlink);
        link.set_size(0);
        archive.append_link(&mut link, "l2/layer.tar", "../l1/layer.tar").unwrap();
        archive.into_inner().unwrap()
    }

    #[test]
    fn images_are_the_blobs_that_they_are_made_of_and_a_layer_is_stored_once() {
        let mut stored = 0;
        let images = read_saved(&mut saved().as_slice(), |it| {
            stored += 1;
            Ok(copy_hashed(it, &mut io::sink())?.1)
        })
        .unwrap();
        let [one, two] = &images[..] else { panic!("{images:?}") };
        assert_eq!((one.names.join(" "), two.names.join(" "), stored), ("a:1".into(), "b:1".into(), 3));
        assert!(one.layers == two.layers && one.config != two.config);
        let list: Value = serde_json::from_str(&image_list(&images)).unwrap();
        assert_eq!(list[1]["Layers"][0], blob_path(&one.layers[0]));
    }

    #[test]
    fn an_archive_without_what_it_lists_is_an_error() {
        let whole = saved();
        assert!(read_saved(&mut &whole[..1024], |_| Ok(String::new())).is_err());
    }
}
