//! What is weighed of this project's own images.

use crate::case::{Case, Counterpart, Unit};

/// The aim for what one more pip package pushes: twice the wheel of the first of
/// [`PYTHON_PACKAGES`](super::PYTHON_PACKAGES), and 200 kB.
pub const PUSH_LIMIT: f64 = 279_628.0;

const CONTROL_IMAGE: Option<Counterpart> = Some(Counterpart { name: "", aim: None });

const IMAGE: Case = Case {
    name: "runtime image",
    unit: Unit::Bytes,
    usual: CONTROL_IMAGE,
    strong: CONTROL_IMAGE,
    limit: None,
    components: "",
};

pub const RUNTIME_IMAGE: Case = IMAGE;

pub const DEV_IMAGE: Case = Case { name: "dev image", ..IMAGE };

pub const PUSHED_LAYERS: Case = Case {
    name: "what 1 more pip package (40 kB) pushes, compressed",
    limit: Some(PUSH_LIMIT),
    components: "the layers above the environment's",
    ..IMAGE
};

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue::PYTHON_PACKAGES;
    use images::size::Bytes;

    #[test]
    fn what_may_be_pushed_is_twice_the_wheel_and_200_kilobytes() {
        let limit = Bytes(2 * PYTHON_PACKAGES[0].wheel.0 + 200_000);
        assert_eq!(format!("{PUSH_LIMIT}"), limit.0.to_string());
    }
}
