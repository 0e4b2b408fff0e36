//! The licence of a package, as far as its own metadata tell.

use std::fmt;

use environment::snapshot::DeclaredLicence;

/// What a package says of its licence.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Licence {
    /// In the language of SPDX, such as `MIT OR Apache-2.0`.
    Expression(String),
    /// In words of the package's own.
    Words(String),
    #[default]
    Unknown,
}

/// Longer ones are the licence itself instead of its name.
const LONGEST_NAME: usize = 100;

/// Identifiers of SPDX that packages name by themselves, without saying that they are such.
///
/// Source: SPDX License List 3.
const IDENTIFIERS: [&str; 54] = [
    "0BSD",
    "AFL-2.1",
    "AFL-3.0",
    "AGPL-3.0-only",
    "AGPL-3.0-or-later",
    "Apache-2.0",
    "Artistic-2.0",
    "BSD-1-Clause",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "BSD-3-Clause-LBNL",
    "BSD-4-Clause",
    "BSL-1.0",
    "CC-BY-4.0",
    "CC-BY-SA-4.0",
    "CC0-1.0",
    "CECILL-2.1",
    "CECILL-B",
    "CECILL-C",
    "CNRI-Python",
    "EPL-1.0",
    "EPL-2.0",
    "EUPL-1.2",
    "FSFAP",
    "FTL",
    "GPL-2.0-only",
    "GPL-2.0-or-later",
    "GPL-3.0-only",
    "GPL-3.0-or-later",
    "HPND",
    "ICU",
    "IJG",
    "ISC",
    "JasPer-2.0",
    "LGPL-2.0-only",
    "LGPL-2.0-or-later",
    "LGPL-2.1-only",
    "LGPL-2.1-or-later",
    "LGPL-3.0-only",
    "LGPL-3.0-or-later",
    "MIT",
    "MIT-0",
    "MIT-CMU",
    "MPL-1.1",
    "MPL-2.0",
    "NCSA",
    "OpenSSL",
    "PSF-2.0",
    "Python-2.0",
    "TCL",
    "Unlicense",
    "X11-distribute-modifications-variant",
    "Zlib",
    "bzip2-1.0.6",
];

/// Exceptions of SPDX behind `WITH`, likewise.
const EXCEPTIONS: [&str; 6] = [
    "Autoconf-exception-3.0",
    "Bison-exception-2.2",
    "Classpath-exception-2.0",
    "GCC-exception-3.1",
    "LLVM-exception",
    "OpenSSL-exception",
];

/// Classifiers that mean one licence, and its identifier. `BSD License`, say, means several.
///
/// Source: PyPI's list of classifiers, and SPDX License List 3.
const CLASSIFIERS: [(&str, &str); 14] = [
    ("MIT License", "MIT"),
    ("MIT No Attribution License (MIT-0)", "MIT-0"),
    ("ISC License (ISCL)", "ISC"),
    ("Mozilla Public License 2.0 (MPL 2.0)", "MPL-2.0"),
    ("GNU General Public License v2 (GPLv2)", "GPL-2.0-only"),
    ("GNU General Public License v2 or later (GPLv2+)", "GPL-2.0-or-later"),
    ("GNU General Public License v3 (GPLv3)", "GPL-3.0-only"),
    ("GNU General Public License v3 or later (GPLv3+)", "GPL-3.0-or-later"),
    ("GNU Lesser General Public License v3 (LGPLv3)", "LGPL-3.0-only"),
    ("GNU Lesser General Public License v3 or later (LGPLv3+)", "LGPL-3.0-or-later"),
    ("GNU Affero General Public License v3", "AGPL-3.0-only"),
    ("Boost Software License 1.0 (BSL-1.0)", "BSL-1.0"),
    ("The Unlicense (Unlicense)", "Unlicense"),
    ("zlib/libpng License", "Zlib"),
];

impl Licence {
    /// `License-Expression` first, which is checked where packages are published; then a name that is an expression; then
    /// classifiers; then words.
    pub fn of(declared: &DeclaredLicence) -> Self {
        if let Some(expression) = declared.expression.as_deref().filter(|it| is_expression(it, |_| true)) {
            return Self::Expression(expression.to_owned());
        }
        let text =
            declared.text.as_deref().map(str::trim).filter(|it| !it.is_empty() && !it.eq_ignore_ascii_case("unknown"));
        let name = text.filter(|it| it.chars().count() <= LONGEST_NAME);
        if let Some(name) = name.filter(|it| is_expression(it, is_known)) {
            return Self::Expression(name.to_owned());
        }
        let classifiers: Vec<&str> = declared.classifiers.iter().filter_map(|it| it.rsplit(" :: ").next()).collect();
        match (classifiers.as_slice(), name) {
            ([one], _) if identifier(one).is_some() => Self::Expression(identifier(one).unwrap_or(one).to_owned()),
            (_, Some(name)) => Self::Words(name.to_owned()),
            ([], None) => text.map_or(Self::Unknown, |it| Self::Words(shortened(it))),
            (several, None) => Self::Words(several.join(", ")),
        }
    }
}

fn identifier(classifier: &str) -> Option<&'static str> {
    CLASSIFIERS.iter().find(|it| it.0 == classifier).map(|it| it.1)
}

fn shortened(text: &str) -> String {
    text.chars().take(LONGEST_NAME).chain(['…']).collect()
}

fn is_known(identifier: &str) -> bool {
    IDENTIFIERS.contains(&identifier.trim_end_matches('+')) || EXCEPTIONS.contains(&identifier)
}

/// Whether a text is an expression of identifiers of which each is good.
///
/// Source: SPDX 2.3, annex D, "SPDX license expressions".
fn is_expression(text: &str, is_good: impl Fn(&str) -> bool) -> bool {
    let spaced = text.replace('(', " ( ").replace(')', " ) ");
    let (mut depth, mut wants_operand) = (0_usize, true);
    for word in spaced.split_whitespace() {
        match word {
            "(" if wants_operand => depth += 1,
            ")" if !wants_operand && depth > 0 => depth -= 1,
            "AND" | "OR" | "WITH" if !wants_operand => wants_operand = true,
            "(" | ")" | "AND" | "OR" | "WITH" => return false,
            it if wants_operand && is_word(it) && (it.starts_with("LicenseRef-") || is_good(it)) => {
                wants_operand = false;
            }
            _ => return false,
        }
    }
    depth == 0 && !wants_operand
}

fn is_word(text: &str) -> bool {
    text.bytes().all(|it| it.is_ascii_alphanumeric() || b"-.+".contains(&it))
}

/// As a table has it; empty where it is unknown.
impl fmt::Display for Licence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Expression(text) | Self::Words(text) => f.write_str(text),
            Self::Unknown => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn licence(expression: Option<&str>, text: Option<&str>, classifiers: &[&str]) -> Licence {
        let owned = |it: &str| it.to_owned();
        Licence::of(&DeclaredLicence {
            expression: expression.map(owned),
            text: text.map(owned),
            classifiers: classifiers.iter().map(|it| format!("License :: OSI Approved :: {it}")).collect(),
        })
    }

    #[test]
    fn the_clearest_of_what_a_package_says_counts() {
        let expression = |it: &str| Licence::Expression(it.to_owned());
        let words = |it: &str| Licence::Words(it.to_owned());
        for (declared, expected) in [
            (
                licence(Some("MIT AND (Apache-2.0 OR BSD-2-Clause)"), Some("see file"), &[]),
                expression("MIT AND (Apache-2.0 OR BSD-2-Clause)"),
            ),
            (licence(Some("MIT AND"), Some("MIT"), &[]), expression("MIT")),
            (licence(None, Some("Apache-2.0 WITH LLVM-exception"), &[]), expression("Apache-2.0 WITH LLVM-exception")),
            (licence(None, Some("BSD"), &["BSD License"]), words("BSD")),
            (licence(None, Some("UNKNOWN"), &["MIT License"]), expression("MIT")),
            (licence(None, Some("expat"), &["MIT License"]), expression("MIT")),
            (licence(None, None, &["MIT License", "BSD License"]), words("MIT License, BSD License")),
            (licence(None, Some("LicenseRef-Public-Domain"), &[]), expression("LicenseRef-Public-Domain")),
            (licence(None, None, &[]), Licence::Unknown),
        ] {
            assert_eq!(declared, expected);
        }
    }

    #[test]
    fn all_of_a_licence_is_not_its_name() {
        let text = "Copyright (c) 2005, NumPy Developers. ".repeat(50);
        assert_eq!(licence(None, Some(&text), &["ISC License (ISCL)"]), Licence::Expression("ISC".to_owned()));
        let shown = licence(None, Some(&text), &[]).to_string();
        assert!(
            shown.starts_with("Copyright (c) 2005") && shown.ends_with('…') && shown.chars().count() == 101,
            "{shown}"
        );
    }

    #[test]
    fn an_expression_is_well_formed() {
        for bad in ["", "MIT OR", "OR MIT", "(MIT", "MIT)", "MIT Apache-2.0", "MIT or Apache-2.0", "()", "MIT/X11"] {
            assert!(!is_expression(bad, |_| true), "{bad}");
        }
        assert!(is_expression("GPL-2.0+ OR (MIT AND LicenseRef-x)", |_| true));
    }
}
