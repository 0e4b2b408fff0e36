//! Reading tables of TOML key by key, with a finding for each value that is none and each key that nobody asks for.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use anyhow::Result;
use toml::{
    Spanned,
    de::{DeTable, DeValue},
};

use report::{Code, Findings, Source, Span, nearest, parses};

static NONE: LazyLock<DeTable<'static>> = LazyLock::new(DeTable::new);

/// A table on its way to becoming a value. What is wrong is found, and reading goes on, so that all of it is told at once.
pub(super) struct TableReader<'t, 'f> {
    source: &'t Source,
    table: &'t DeTable<'t>,
    /// Where the table begins, for what is missing in it.
    start: usize,
    known: Vec<&'static str>,
    pub findings: &'f mut Findings,
}

/// Reads the whole of a file; `None`, with a finding, where it is no TOML.
pub(super) fn read_file<T>(
    source: &Source,
    findings: &mut Findings,
    read: impl FnOnce(&mut TableReader) -> Option<T>,
) -> Option<T> {
    parses::note(&source.file, &source.text);
    let document = DeTable::parse(&source.text)
        .map_err(|error| {
            let message = error.message().lines().collect::<Vec<_>>().join("; ");
            findings.push(source.at(Code::TomlSyntax, source.span(error.span().unwrap_or_default()), message));
        })
        .ok()?;
    let mut reader = TableReader { source, table: document.get_ref(), start: 0, known: Vec::new(), findings };
    let value = read(&mut reader);
    reader.finish();
    value
}

impl<'t> TableReader<'t, '_> {
    /// The place of a key's value, where the table has it.
    pub fn span(&self, key: &str) -> Option<Span> {
        self.table.get(key).map(|it| self.source.span(it.span()))
    }

    /// Something wrong with a key's value, or with the table where the key is missing.
    pub fn wrong(&mut self, code: Code, key: &str, message: impl Into<String>, help: impl Into<String>) {
        let span = self.span(key).unwrap_or_else(|| self.source.span(self.start..self.start + 1));
        self.findings.push(self.source.at(code, span, message).help(help));
    }

    fn get(&mut self, key: &'static str) -> Option<&'t Spanned<DeValue<'t>>> {
        self.known.push(key);
        self.table.get(key)
    }

    /// A value of one form.
    fn form<T>(
        &mut self,
        key: &'static str,
        form: &str,
        example: &str,
        read: impl FnOnce(&'t DeValue<'t>) -> Option<T>,
    ) -> Option<T> {
        let value = read(self.get(key)?.get_ref());
        if value.is_none() {
            self.wrong(Code::WrongType, key, format!("`{key}` is no {form}"), format!("write `{key} = {example}`"));
        }
        value
    }

    pub fn text(&mut self, key: &'static str) -> Option<String> {
        self.form(key, "text", "\"…\"", |it| it.as_str().map(str::to_owned))
    }

    /// A text, or a number in the place of one.
    fn word(&mut self, key: &'static str) -> Option<String> {
        self.form(key, "text", "\"…\"", |it| match it {
            DeValue::Integer(number) => Some(number.as_str().to_owned()),
            DeValue::Float(number) => Some(number.as_str().to_owned()),
            other => other.as_str().map(str::to_owned),
        })
    }

    pub fn texts(&mut self, key: &'static str) -> Vec<String> {
        let list = |it: &DeValue| it.as_array()?.iter().map(|it| it.get_ref().as_str().map(str::to_owned)).collect();
        self.form(key, "list of texts", "[\"…\"]", list).unwrap_or_default()
    }

    pub fn numbers(&mut self, key: &'static str) -> Vec<u32> {
        let list = |it: &DeValue| it.as_array()?.iter().map(|it| number(it.get_ref())).collect();
        self.form(key, "list of numbers", "[1000]", list).unwrap_or_default()
    }

    pub fn number(&mut self, key: &'static str) -> Option<u32> {
        self.form(key, "number from 0", "1", number)
    }

    /// A number that has to be one at least.
    pub fn count(&mut self, key: &'static str) -> Option<u32> {
        self.form(key, "number from 1", "1", |it| number(it).filter(|it| *it > 0))
    }

    pub fn boolean(&mut self, key: &'static str) -> Option<bool> {
        self.form(key, "`true` or `false`", "true", DeValue::as_bool)
    }

    /// `MAJOR.MINOR`
    pub fn version(&mut self, key: &'static str) -> Option<(u16, u16)> {
        let parse = |text: &str| {
            let mut parts = text.split('.').map(str::parse);
            Some((parts.next()?.ok()?, parts.next()?.ok()?))
        };
        self.form(key, "version", "\"1.31\"", |it| parse(it.as_str()?))
    }

    /// A text that has to mean something.
    pub fn parsed<T>(&mut self, key: &'static str, parse: impl FnOnce(&str) -> Result<T>) -> Option<T> {
        let text = self.word(key)?;
        match parse(&text) {
            Ok(value) => Some(value),
            Err(why) => {
                let why = why.to_string();
                let (message, help) = why.rsplit_once(": write ").unwrap_or((&why, "what docs/clusters.md says"));
                self.wrong(Code::JobValue, key, message, format!("write {help}"));
                None
            }
        }
    }

    /// One of some words.
    pub fn choice<T: Clone>(&mut self, key: &'static str, words: &[(&str, T)]) -> Option<T> {
        let text = self.text(key)?;
        let found = words.iter().find(|it| it.0 == text);
        if found.is_none() {
            let names: Vec<&str> = words.iter().map(|it| it.0).collect();
            let help = match nearest(&text, names.iter().copied()) {
                Some(near) => format!("did you mean `\"{near}\"`?"),
                None => format!("write one of {}", names.join(", ")),
            };
            self.wrong(Code::JobValue, key, format!("`{key}` cannot be `{text}`"), help);
        }
        found.map(|it| it.1.clone())
    }

    /// The texts of a table, by name.
    pub fn texts_by_name(&mut self, key: &'static str) -> BTreeMap<String, String> {
        let mut texts = BTreeMap::new();
        self.inner(key, |inner| {
            for (name, value) in inner.table {
                let name = name.get_ref().as_ref();
                match value.get_ref().as_str() {
                    Some(text) => _ = texts.insert(name.to_owned(), text.to_owned()),
                    None => inner.wrong(
                        Code::WrongType,
                        name,
                        format!("`{name}` is no text"),
                        format!("write `{name} = \"…\"`"),
                    ),
                }
            }
        });
        texts
    }

    pub fn tables_by_name<T>(
        &mut self,
        key: &'static str,
        mut read: impl FnMut(&mut TableReader) -> Option<T>,
    ) -> BTreeMap<String, T> {
        let mut values = BTreeMap::new();
        self.inner(key, |inner| {
            for (name, value) in inner.table {
                let name = name.get_ref().as_ref();
                let Some(table) = value.get_ref().as_table() else {
                    inner.wrong(
                        Code::WrongType,
                        name,
                        format!("`{name}` is no table"),
                        format!("write `{name} = {{ … }}`"),
                    );
                    continue;
                };
                values.extend(inner.nested(table, value.span().start, &mut read).map(|it| (name.to_owned(), it)));
            }
        });
        values
    }

    /// Each table of a list.
    pub fn tables<T>(&mut self, key: &'static str, mut read: impl FnMut(&mut TableReader) -> Option<T>) -> Vec<T> {
        let list = |it: &'t DeValue<'t>| {
            let list = it.as_array()?;
            list.iter().map(|it| Some((it.get_ref().as_table()?, it.span().start))).collect::<Option<Vec<_>>>()
        };
        let tables = self.form(key, "list of tables", "[{ … }]", list).unwrap_or_default();
        tables.into_iter().filter_map(|(table, start)| self.nested(table, start, &mut read)).collect()
    }

    /// A table within this one; an empty one where there is none. All its keys have been asked for.
    fn inner(&mut self, key: &'static str, read: impl FnOnce(&mut TableReader<'t, '_>)) {
        let value = self.get(key);
        let table = value.map_or(Some(&*NONE), |it| it.get_ref().as_table());
        let Some(table) = table else {
            self.wrong(
                Code::WrongType,
                key,
                format!("`{key}` is no table"),
                format!("write `[{key}]`, and its keys below"),
            );
            return;
        };
        let start = value.map_or(self.start, |it| it.span().start);
        let TableReader { source, ref mut findings, .. } = *self;
        read(&mut TableReader { source, table, start, known: Vec::new(), findings });
    }

    /// Reads a table within this one, by its keys.
    pub fn section<T>(&mut self, key: &'static str, read: impl FnOnce(&mut TableReader) -> T) -> Option<T> {
        let mut value = None;
        self.inner(key, |inner| {
            value = Some(read(inner));
            inner.finish();
        });
        value
    }

    fn nested<T>(
        &mut self,
        table: &'t DeTable<'t>,
        start: usize,
        read: &mut impl FnMut(&mut TableReader) -> Option<T>,
    ) -> Option<T> {
        let TableReader { source, ref mut findings, .. } = *self;
        let mut inner = TableReader { source, table, start, known: Vec::new(), findings };
        let value = read(&mut inner);
        inner.finish();
        value
    }

    /// Finds the keys that nobody has asked for.
    fn finish(&mut self) {
        for key in self.table.keys().filter(|it| !self.known.contains(&it.get_ref().as_ref())) {
            let name = key.get_ref();
            let help = match nearest(name, self.known.iter().copied()) {
                Some(known) => format!("did you mean `{known}`?"),
                None => format!("there are {}", self.known.join(", ")),
            };
            let finding =
                self.source.at(Code::UnknownKey, self.source.span(key.span()), format!("unknown key `{name}`"));
            self.findings.push(finding.help(help));
        }
    }
}

fn number(value: &DeValue) -> Option<u32> {
    value.as_integer()?.as_str().parse().ok()
}
