//! What goes from a disk with an image: only layers that no other image has.

use std::collections::HashSet;

use docker::StoredImage;

/// The layers that are still needed or were counted already. Each is known by all those below it too: the engine stores what a
/// layer adds to them.
#[derive(Debug)]
pub(super) struct Chains<'a>(HashSet<&'a [String]>);

impl<'a> Chains<'a> {
    /// With the layers of the images that stay.
    pub(super) fn new(staying: impl IntoIterator<Item = &'a StoredImage>) -> Self {
        Self(staying.into_iter().flat_map(|it| chains(&it.layers)).collect())
    }

    /// The bytes of an image's layers that are in none of the others so far. `sizes` are those of its layers, if they are known.
    pub(super) fn add(&mut self, image: &'a StoredImage, sizes: &[u64]) -> u64 {
        let sizes = sizes.iter().copied().chain(std::iter::repeat(0));
        chains(&image.layers).zip(sizes).filter(|(chain, _)| self.0.insert(chain)).map(|it| it.1).sum()
    }
}

fn chains(layers: &[String]) -> impl Iterator<Item = &[String]> {
    (1..=layers.len()).map(|it| &layers[..it])
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Value;

    fn image(layers: &str) -> StoredImage {
        let layers = layers.chars().map(String::from).collect();
        let (id, time) = (String::new(), String::new());
        StoredImage { id, names: Vec::new(), digests: Vec::new(), time, labels: Value::Null, layers }
    }

    #[test]
    fn a_layer_goes_with_the_last_image_that_has_it_on_the_same_ground() {
        let (stays, first, second) = (image("abc"), image("abxc"), image("abxd"));
        let mut chains = Chains::new([&stays]);
        assert_eq!(chains.add(&first, &[1, 20, 300, 4000]), 4300);
        assert_eq!(chains.add(&second, &[1, 20, 300, 50000]), 50000);
        assert_eq!(chains.add(&second, &[1, 20, 300, 50000]), 0);
    }
}
