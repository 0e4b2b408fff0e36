//! Where and how new packages are written: as their neighbours are.

use super::{
    PackageList,
    edits::{line_start, next_line},
    layout::ListLayout,
    mark::quoted_as,
};

/// The place behind the packages of a list, and the style of its lines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct InsertionPoint {
    /// The byte offset where new lines go.
    pub at: usize,
    /// The `-` of an entry, and the blanks around it.
    dash: String,
    /// A neighbour, whose quotes a new one gets.
    neighbour: String,
}

impl InsertionPoint {
    /// The place in conda's list: behind its last package, or before the `pip:` section where there is none. `None` where the
    /// entries do not stand in lines of their own.
    pub fn in_conda(text: &str, layout: &ListLayout) -> Option<Self> {
        let behind = Self::behind_entries(text, layout, PackageList::Conda);
        behind.or_else(|| {
            let key = layout.pip.as_ref()?.key.start;
            let dash = dash(text, key)?;
            Some(Self { at: line_start(text, key), dash, neighbour: String::new() })
        })
    }

    /// `None` without a `pip:` section, or where its packages stand in brackets.
    pub fn in_pip(text: &str, layout: &ListLayout) -> Option<Self> {
        let section = layout.pip.as_ref().filter(|it| !it.is_flow)?;
        let behind = Self::behind_entries(text, layout, PackageList::Pip).filter(|it| it.at > section.key.start);
        behind.or_else(|| {
            let section_place = Self { at: 0, dash: dash(text, section.key.start)?, neighbour: String::new() };
            Some(Self { at: next_line(text, section.key.end), ..section_place.nested() })
        })
    }

    fn behind_entries(text: &str, layout: &ListLayout, list: PackageList) -> Option<Self> {
        let at = next_line(text, layout.of(list).next_back()?.range.end);
        let like = layout.of(list).rev().find_map(|it| Some((it, dash(text, it.range.start)?)));
        like.map(|(entry, dash)| Self { at, dash, neighbour: text[entry.range.clone()].to_owned() })
    }

    /// The same place, for entries of a `pip:` section that begins there.
    pub fn nested(&self) -> Self {
        let dash = format!("{}- ", " ".repeat(self.dash.chars().count() + 2));
        Self { dash, ..self.clone() }
    }

    /// A line with an entry, and what follows it there.
    pub fn entry(&self, spec: &str, behind: &str) -> String {
        format!("{}{}{behind}", self.dash, quoted_as(&self.neighbour, spec))
    }

    pub fn section(&self, behind: &str) -> String {
        format!("{}pip:{behind}", self.dash)
    }

    pub fn comment(&self, comment: &str) -> String {
        let indentation = self.dash.find('-').unwrap_or_default();
        format!("{}{comment}", &self.dash[..indentation])
    }
}

/// What stands before an entry in its line, if that is its `-` and nothing else.
fn dash(text: &str, at: usize) -> Option<String> {
    let before = &text[line_start(text, at)..at];
    let is_dash = before.trim_matches(' ') == "-" && before.ends_with(' ');
    is_dash.then(|| before.to_owned())
}
