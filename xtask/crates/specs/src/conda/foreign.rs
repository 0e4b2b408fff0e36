//! What people write among the conda packages that belongs to pip or to a shell.

use report::Problem;

use super::piece::SpecPart;

/// The variables of PEP 508's environment markers.
const MARKERS: [&str; 12] = [
    "python_version",
    "python_full_version",
    "os_name",
    "sys_platform",
    "sys.platform",
    "platform_machine",
    "platform_python_implementation",
    "platform_release",
    "platform_system",
    "platform_version",
    "implementation_name",
    "extra",
];

/// Refuses `-e .`, `--option`.
pub(super) fn refuse_option(spec: SpecPart<'_>) -> Result<(), Problem> {
    if !spec.text.starts_with('-') {
        return Ok(());
    }
    let problem = spec.wrong(format!("`{}` is an option, not a package", spec.text));
    Err(problem.help(format!("pip's options go below `- pip:`; move `{}` there, or remove it", spec.text)))
}

/// Refuses URLs, markers and commands in what is left when the brackets are taken away.
pub(super) fn refuse(spec: SpecPart<'_>) -> Result<(), Problem> {
    refuse_url(spec)?;
    refuse_marker(spec)?;
    refuse_command(spec)
}

fn refuse_url(spec: SpecPart<'_>) -> Result<(), Problem> {
    let url = match spec.text.split_once('@') {
        Some((name, url)) if name.trim().chars().all(is_name_character) && url.contains("://") => {
            let text = format!("{} @ {}", name.trim(), url.trim());
            return Err(spec.wrong("conda does not install from `name @ URL`").help(below_pip(&text)));
        }
        _ => spec.text,
    };
    let is_package = url.split_once("://").is_none_or(|(_, path)| path.contains("::"));
    if is_package && !url.starts_with("git@") {
        return Ok(());
    }
    Err(spec.wrong(format!("`{url}` is not the URL of a conda package")).help(below_pip(&format!("name @ {url}"))))
}

fn below_pip(text: &str) -> String {
    format!("write `{text}` below `- pip:`")
}

fn is_name_character(it: char) -> bool {
    it.is_ascii_alphanumeric() || matches!(it, '.' | '_' | '-')
}

fn refuse_marker(spec: SpecPart<'_>) -> Result<(), Problem> {
    let Some(semicolon) = spec.text.find(';') else { return Ok(()) };
    let (_, marker) = spec.split_at(semicolon);
    if MARKERS.iter().any(|it| marker.text.contains(it)) {
        let problem = marker.wrong("conda has no environment markers");
        return Err(problem.help(format!("markers are pip's: move `{}` below `- pip:`", spec.text.trim())));
    }
    Ok(())
}

fn refuse_command(spec: SpecPart<'_>) -> Result<(), Problem> {
    let Some(at) = ["$(", "${", "`", ";", "&", "'", "\""].iter().filter_map(|it| spec.text.find(it)).min() else {
        return Ok(());
    };
    let (_, odd) = spec.split_at(at);
    let problem = odd.wrong(format!("`{}` does not belong in a package", odd.text.trim_end()));
    Err(problem.help("write only the package's name and version, as in `numpy=1.26`; no shell reads it"))
}
