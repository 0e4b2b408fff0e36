//! `lock.toml`: what a lock is for, and what its other files are.

use process::IntoMap as _;
use std::collections::BTreeMap;

use project::Variant;
use toml::de::{DeTable, DeValue};

use super::{
    APT, BaseImage, CONDA, GENERATED, HEADER, LayerPlan, Lock, LockOrigin, LockedName, NormalisedIntent, PYLOCK,
    PackageSizes, Pylock, explicit,
    toml_text::{list, owned, pair, string, table, text as text_of, texts},
};
use crate::{Platform, Solver, conda::AssumedSystem, sha256::sha256};

impl Lock {
    /// Grows when a file of an older tool can no longer be read.
    pub const VERSION: &str = "1";
}

/// `others` are the texts of the lock's other files, whose digests it holds.
pub(super) fn text(lock: &Lock, tool: &str, others: &BTreeMap<&'static str, String>) -> String {
    let mut text = GENERATED.to_owned();
    text += &pair("version", Lock::VERSION);
    text += &pair("tool", tool);
    text += &pair("platform", &lock.platform.to_string());
    text.extend(lock.origin.variant.as_ref().map(|it| pair("variant", &it.to_string())));
    text += &pair("python", &lock.python);
    text += "\n# The dependency files, without comments, order and the pins of `freeze`.\n";
    text += &pair("intent-sha256", &lock.intent.sha256());
    let lines: String = lock.intent.lines().iter().map(|it| format!("    {},\n", string(it))).collect();
    text += &format!("intent = [\n{lines}]\n");
    text += &format!("\n[solver]\n{}", pair("name", lock.origin.solver.name()));
    text.extend(lock.origin.solver_version.as_ref().map(|it| pair("version", it)));
    if let Some(BaseImage { name, id, digest }) = &lock.origin.base {
        text += &format!("\n[base-image]\n{}", pair("name", name));
        text.extend(id.as_ref().map(|it| pair("id", it)));
        text.extend(digest.as_ref().map(|it| pair("digest", it)));
    }
    if lock.origin.solver == Solver::Conda {
        let assumed: String = lock.system.texts().iter().map(|it| format!("    {},\n", string(it))).collect();
        text += "\n# What was assumed of the system, and what conda's packages bring for Python.\n[conda]\n";
        text += &format!("system = [\n{assumed}]\n");
        let brought = lock.conda_distributions.iter().map(|(name, version)| string(&format!("{name}=={version}")));
        text += &format!("distributions = [\n{}]\n", brought.map(|it| format!("    {it},\n")).collect::<String>());
    }
    text += &layers_text(&lock.layers);
    text += "\n# SHA-256 of the files beside this one.\n[files]\n";
    text.extend(others.iter().map(|(name, contents)| format!("{} = {}\n", string(name), string(&sha256(contents)))));
    text
}

/// Reads the file and those that it names; `Err` has the file and what is wrong with it.
pub(super) fn parse(
    platform: &Platform,
    variant: Option<&Variant>,
    header: &str,
    files: &BTreeMap<String, String>,
) -> Result<Lock, (String, String)> {
    let wrong = |why: &str| (HEADER.to_owned(), why.to_owned());
    let document = DeTable::parse(header).map_err(|error| wrong(error.message()))?;
    let document = document.get_ref();
    if text_of(document, "version") != Some(Lock::VERSION) {
        return Err(wrong("it has another `version`, which only the `cargo xtask` that wrote it can read"));
    }
    let missing = |key: &str| wrong(&format!("`{key}` is missing"));
    let required = |key: &str| owned(document, key).ok_or_else(|| missing(key));
    let is_for_variant = text_of(document, "variant") == variant.map(Variant::to_string).as_deref();
    let locked_for = Platform::parse(&required("platform")?).filter(|it| it == platform && is_for_variant);
    let intent = NormalisedIntent::parse(list(document, "intent").filter_map(DeValue::as_str));
    if intent.sha256() != required("intent-sha256")? {
        return Err(wrong("`intent` and `intent-sha256` disagree"));
    }
    require_unchanged(&texts(document, "files"), files)?;
    let text = |name: &str| files.get(name).map(String::as_str).unwrap_or_default();
    let layers = layers(document);
    let mut conda = explicit::parse(text(CONDA))
        .map_err(|line| (CONDA.to_owned(), format!("`{line}` is not a conda package file")))?;
    let sizes = layers.as_ref().map(LayerPlan::sizes).unwrap_or_default();
    for file in &mut conda {
        let name = file.name_version_build().map(|(name, ..)| LockedName::Conda(name.to_owned()));
        file.size = name.and_then(|it| sizes.get(&it).copied());
    }
    let lock = Lock {
        origin: origin(document, variant).ok_or_else(|| missing("solver"))?,
        platform: locked_for.ok_or_else(|| wrong("its platform or variant is not that of its folder"))?,
        python: required("python")?,
        intent,
        conda,
        conda_distributions: conda_distributions(document),
        system: conda_system(document),
        pylock: Pylock::parse(text(PYLOCK)).map_err(|why| (PYLOCK.to_owned(), why))?,
        apt: text(APT).lines().filter_map(apt_package).into_map(),
        layers: LayerPlan::default(),
    };
    // Locks of older tools have none.
    let Some(layers) = layers else { return Ok(lock.layered(None, None)) };
    // A package that is in no layer would not be installed.
    let lock = lock.layered(Some(layers.base_names()), Some(&layers));
    if lock.layers == layers { Ok(lock) } else { Err(wrong("`layers` does not have each package once")) }
}

fn layers_text(plan: &LayerPlan) -> String {
    let entries = |packages: &PackageSizes, indent: &str| -> String {
        packages.iter().map(|(name, size)| format!("{indent}{},\n", string(&format!("{name} {size}")))).collect()
    };
    let mut text =
        "\n# Which packages share a layer of the images, from the lowest to the last, and the bytes of their files.\n\
                    [layers]\n"
            .to_owned();
    if !plan.base.is_empty() {
        text += &format!("base = [\n{}]\n", entries(&plan.base, "    "));
    }
    let layers = plan.layers.iter().map(|it| format!("    [\n{}    ],\n", entries(it, "        ")));
    text + &format!("packages = [\n{}]\n", layers.collect::<String>())
}

fn layers(document: &DeTable) -> Option<LayerPlan> {
    let layers = table(document, "layers")?;
    let each = list(layers, "packages").filter_map(DeValue::as_array);
    let each = each.map(|it| sizes(it.iter().filter_map(|it| it.get_ref().as_str())));
    Some(LayerPlan { base: sizes(list(layers, "base").filter_map(DeValue::as_str)), layers: each.collect() })
}

fn sizes<'a>(entries: impl Iterator<Item = &'a str>) -> PackageSizes {
    let entry = |text: &str| {
        let (name, size) = text.rsplit_once(' ')?;
        Some((name.parse().ok()?, size.parse().ok()?))
    };
    entries.filter_map(entry).into_map()
}

/// Whether all other files are there and as they were written.
fn require_unchanged(
    digests: &BTreeMap<String, String>,
    files: &BTreeMap<String, String>,
) -> Result<(), (String, String)> {
    for (name, digest) in digests {
        match files.get(name) {
            None => return Err((name.clone(), "the file is missing".to_owned())),
            Some(text) if sha256(text) != *digest => {
                return Err((name.clone(), format!("its digest is not the one in `{HEADER}`")));
            }
            Some(_) => {}
        }
    }
    let unknown = files.keys().find(|it| *it != HEADER && !digests.contains_key(*it));
    unknown.map_or(Ok(()), |it| Err((it.clone(), format!("`{HEADER}` does not list the file"))))
}

fn origin(document: &DeTable, variant: Option<&Variant>) -> Option<LockOrigin> {
    let solver = table(document, "solver")?;
    let name = text_of(solver, "name")?;
    let base = table(document, "base-image")
        .and_then(|it| Some(BaseImage { name: owned(it, "name")?, id: owned(it, "id"), digest: owned(it, "digest") }));
    Some(LockOrigin {
        solver: [Solver::Conda, Solver::Uv].into_iter().find(|it| it.name() == name)?,
        solver_version: owned(solver, "version"),
        base,
        variant: variant.cloned(),
    })
}

/// Locks of older tools have none.
fn conda_system(document: &DeTable) -> AssumedSystem {
    let conda = table(document, "conda");
    AssumedSystem::parse(conda.into_iter().flat_map(|it| list(it, "system")).filter_map(DeValue::as_str))
}

fn conda_distributions(document: &DeTable) -> BTreeMap<String, String> {
    let conda = table(document, "conda");
    let brought = conda.into_iter().flat_map(|it| list(it, "distributions")).filter_map(DeValue::as_str);
    brought.filter_map(|it| it.split_once("==")).map(|(name, version)| (name.to_owned(), version.to_owned())).into_map()
}

fn apt_package(line: &str) -> Option<(String, String)> {
    let (name, version) = line.split_once('=').filter(|_| !line.starts_with('#'))?;
    Some((name.to_owned(), version.to_owned()))
}
