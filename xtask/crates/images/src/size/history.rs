//! The layers of an image as the engine describes them.

use serde_json::Value;

use super::{Bytes, saved::shown_instruction};

/// Instructions that make a layer even if there is nothing in it. What `WORKDIR` makes depends on the layers below.
const LAYERS: [&str; 4] = ["RUN", "COPY", "ADD", "WORKDIR"];

/// The size and instruction of each layer, the lowest first, from the answer to `docker history`: a line of JSON a step, the last
/// one first. It does not say which steps made layers: those that left something did, and some others, which are told apart by
/// how many layers there are.
pub fn layers(answer: &str, count: usize) -> Vec<(Bytes, String)> {
    let steps: Vec<(Bytes, String)> = answer.lines().rev().filter_map(step).collect();
    let may_be_layer = |(size, instruction): &&(Bytes, String)| {
        *size > Bytes(0) || LAYERS.iter().any(|it| instruction.split(' ').next() == Some(it))
    };
    let layers: Vec<_> = steps.iter().filter(may_be_layer).cloned().collect();
    if layers.len() == count { layers } else { steps.into_iter().filter(|it| it.0 > Bytes(0)).collect() }
}

fn step(line: &str) -> Option<(Bytes, String)> {
    let step: Value = serde_json::from_str(line).ok()?;
    let size = step["Size"].as_str()?.parse().ok()?;
    Some((Bytes(size), shown_instruction(step["CreatedBy"].as_str().unwrap_or_default())))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As Docker 20.10 and 26.1 answer, and the classic builder has written.
    const ANSWER: &str = r#"{"CreatedBy":"CMD [\"python\"]","Size":"0"}
{"CreatedBy":"WORKDIR /opt/project","Size":"0"}
{"CreatedBy":"RUN /bin/sh -c true # buildkit","Size":"0"}
{"CreatedBy":"COPY /opt/env /opt/env # buildkit","Size":"233236623"}
{"CreatedBy":"/bin/sh -c #(nop)  ENV A=1","Size":"0"}
{"CreatedBy":"","Size":"130474918"}
"#;

    fn shown(count: usize) -> Vec<String> {
        layers(ANSWER, count).iter().map(|(size, step)| format!("{size} {step}")).collect()
    }

    #[test]
    fn steps_that_made_a_layer_are_shown_and_no_others() {
        let made = ["130.5 MB ", "233.2 MB COPY /opt/env /opt/env", "0 B RUN true", "0 B WORKDIR /opt/project"];
        assert_eq!(shown(4), made);
        // One of the empty ones made none, and nothing says which.
        assert_eq!(shown(3), made[..2]);
    }
}
