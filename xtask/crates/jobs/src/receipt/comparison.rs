//! How a run differs from an earlier one of the same command.

use super::{Receipt, ReceiptImage};

impl Receipt {
    /// What of a new run is as in this one, and what is not, in a line each: the image first, or without one the lock.
    pub fn compare(&self, again: &Self) -> Vec<String> {
        let what = match (&self.order.image, &again.order.image) {
            (Some(was), Some(is)) => compare_images(was, is),
            (None, None) => compare_locks(self, again).to_owned(),
            (Some(_), None) => "it ran in a container before, and now without one".to_owned(),
            (None, Some(_)) => "it ran without a container before, and now in one".to_owned(),
        };
        let surroundings = [
            differing("the kernel or processor", &self.result.system, &again.result.system),
            differing("the GPUs", &self.result.gpus.join("; "), &again.result.gpus.join("; ")),
        ];
        let (was, is) = (self.result.exit_code, again.result.exit_code);
        let end =
            if was == is { format!("exit code {is}, as before") } else { format!("exit code {is} instead of {was}") };
        [what].into_iter().chain(surroundings.into_iter().flatten()).chain([end]).collect()
    }
}

fn compare_images(was: &ReceiptImage, is: &ReceiptImage) -> String {
    if was.id == is.id || (was.digest.is_some() && was.digest == is.digest) {
        return format!("the image is the same one: {}", is.id);
    }
    let other = is.layers.iter().filter(|it| !was.layers.contains(it)).count();
    match other {
        0 if was.layers.len() == is.layers.len() => {
            format!("the image was built again, and all of its {} layers are the same bytes", is.layers.len())
        }
        _ => format!(
            "the image was built again, and {other} of its {} layers are not the same bytes: was {}, is {}",
            is.layers.len(),
            was.id,
            is.id
        ),
    }
}

fn compare_locks(was: &Receipt, is: &Receipt) -> &'static str {
    match (&was.order.lock, &is.order.lock) {
        (None, _) => "nothing was locked, so the packages may be others",
        (Some(was), Some(is)) if was.sha256 == is.sha256 => "the lock is the same",
        _ => "the lock is another one",
    }
}

fn differing(what: &str, was: &str, is: &str) -> Option<String> {
    (was != is).then(|| format!("{what} changed: was `{was}`, is `{is}`"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{LockDigest, RunOrder, RunResult};

    fn of_image(id: &str, layers: &[&str]) -> Receipt {
        let layers = layers.iter().map(|&it| it.to_owned()).collect();
        let image = ReceiptImage { id: id.to_owned(), layers, ..Default::default() };
        Receipt { order: RunOrder { image: Some(image), ..Default::default() }, result: RunResult::default() }
    }

    fn of_lock(sha256: Option<&str>) -> Receipt {
        let lock = sha256.map(|it| LockDigest { path: "p".to_owned(), sha256: it.to_owned() });
        Receipt { order: RunOrder { lock, ..Default::default() }, result: RunResult::default() }
    }

    #[test]
    fn an_image_that_was_built_again_is_compared_by_its_layers() {
        let was = of_image("sha256:1", &["a", "b"]);
        let first = |is: &Receipt| was.compare(is).remove(0);
        assert_eq!(first(&was), "the image is the same one: sha256:1");
        assert_eq!(
            first(&of_image("sha256:2", &["a", "b"])),
            "the image was built again, and all of its 2 layers are the same bytes"
        );
        assert_eq!(
            first(&of_image("sha256:2", &["a", "c"])),
            "the image was built again, and 1 of its 2 layers are not the same bytes: was sha256:1, is sha256:2"
        );
    }

    #[test]
    fn without_an_image_the_lock_decides() {
        let first = |was, is| of_lock(was).compare(&of_lock(is)).remove(0);
        assert_eq!(first(Some("1"), Some("1")), "the lock is the same");
        assert_eq!(first(Some("1"), None), "the lock is another one");
        assert_eq!(first(None, None), "nothing was locked, so the packages may be others");
    }

    #[test]
    fn another_machine_and_another_end_are_told() {
        let was = of_lock(Some("1"));
        let mut is = was.clone();
        assert_eq!(was.compare(&is)[1..], ["exit code 0, as before"]);
        is.result.system = "Linux 7".to_owned();
        is.result.exit_code = 3;
        assert_eq!(
            was.compare(&is)[1..],
            ["the kernel or processor changed: was ``, is `Linux 7`", "exit code 3 instead of 0"]
        );
    }
}
