//! podman's answers, in Docker's words.

/// Before the name of an image that is from no registry, or from Docker Hub.
const REGISTRIES: [&str; 3] = ["localhost/", "docker.io/library/", "docker.io/"];

/// The answer with the names of images as Docker has them.
pub(super) fn translated(asked: &[String], answer: String) -> String {
    match asked.first().map(String::as_str) {
        Some("image" | "ps" | "container") => {
            // At the beginning of a text in JSON, or of a field.
            REGISTRIES.iter().fold(answer, |answer, it| {
                let answer = answer.replace(&format!("\"{it}"), "\"");
                answer.replace(&format!("\t{it}"), "\t")
            })
        }
        _ => answer,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_image_of_this_machine_has_the_name_that_it_was_given() {
        let said = |answer: &str| translated(&["image".to_owned()], answer.to_owned());
        assert_eq!(said(r#"[["localhost/a/b:dev"],["localhost/a/b@sha256:1"]]"#), r#"[["a/b:dev"],["a/b@sha256:1"]]"#);
        assert_eq!(said(r#"["docker.io/library/debian:12"]"#), r#"["debian:12"]"#);
        assert_eq!(said("12\trunning\tlocalhost/a:b\n"), "12\trunning\ta:b\n");
        assert_eq!(said(r#"["localhost:5000/a:b", "x/localhost/y"]"#), r#"["localhost:5000/a:b", "x/localhost/y"]"#);
    }
}
