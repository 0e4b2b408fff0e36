//! YAML with the place of every node, which serde does not keep.

use camino::Utf8Path;
use granit_parser::{Event, Marker, Parser, Span, StrInput};

use crate::diagnostics::{Finding, Position};

/// How deep a file may nest. environment.yml needs three levels; the rest is for what the user may add.
const DEEPEST: usize = 32;

/// One node and where it starts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Node {
    /// Where.
    pub position: Position,
    /// What.
    pub value: Value,
}

/// What a node holds. Scalars stay text: whether `1.10` is a number is the reader's business.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// A scalar.
    Text(String),
    /// A list.
    List(Vec<Node>),
    /// Keys and values, in order.
    Map(Vec<(Node, Node)>),
}

impl Value {
    /// What it is, for a message.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Text(text) if text.is_empty() => "nothing",
            Self::Text(_) => "text",
            Self::List(_) => "a list",
            Self::Map(_) => "a mapping",
        }
    }
}

/// The one document of a text, or `None` where it holds nothing; `file` is named in findings.
pub fn parse(file: &Utf8Path, text: &str) -> Result<Option<Node>, Finding> {
    if let Some(finding) = find_tab(file, text) {
        return Err(finding);
    }
    let mut reader = Reader { file, parser: Parser::new_from_str(text) };
    loop {
        match reader.next()? {
            (Event::StreamStart | Event::DocumentStart(..), _) => {}
            (Event::StreamEnd | Event::DocumentEnd, _) => return Ok(None),
            (event, span) => {
                let node = reader.node(event, span, 0)?;
                return reader.end().map(|()| Some(node));
            }
        }
    }
}

/// A tab in the indentation: the parser's own message for it names something else.
fn find_tab(file: &Utf8Path, text: &str) -> Option<Finding> {
    text.lines().enumerate().find_map(|(index, line)| {
        let indentation = line.len() - line.trim_start().len();
        let column = line[..indentation].chars().position(|it| it == '\t')? + 1;
        let is_data = !line.trim().is_empty() && !line.trim_start().starts_with('#');
        let position = Position { line: index + 1, column };
        is_data.then(|| Finding::at(file, position, "a tab in the indentation").help("YAML indents with spaces only"))
    })
}

struct Reader<'a, 'input> {
    file: &'a Utf8Path,
    parser: Parser<'input, StrInput<'input>>,
}

impl<'input> Reader<'_, 'input> {
    fn next(&mut self) -> Result<(Event<'input>, Span), Finding> {
        match self.parser.next_event() {
            Some(Ok(event)) => Ok(event),
            Some(Err(error)) => {
                Err(Finding::at(self.file, place(*error.marker()), format!("not YAML: {}", error.info())))
            }
            None => Ok((Event::StreamEnd, Span::default())),
        }
    }

    fn node(&mut self, event: Event<'input>, span: Span, depth: usize) -> Result<Node, Finding> {
        let position = place(span.start);
        if depth > DEEPEST {
            return Err(Finding::at(self.file, position, "nested deeper than any environment is"));
        }
        let value = match event {
            Event::Scalar(text, ..) => Value::Text(text.into_owned()),
            Event::SequenceStart(..) => Value::List(self.list(depth)?),
            Event::MappingStart(..) => Value::Map(self.map(depth)?),
            _ => return Err(Finding::at(self.file, position, "an alias").help("write the value out")),
        };
        Ok(Node { position, value })
    }

    fn list(&mut self, depth: usize) -> Result<Vec<Node>, Finding> {
        let mut nodes = Vec::new();
        loop {
            match self.next()? {
                (Event::SequenceEnd, _) => return Ok(nodes),
                (event, span) => nodes.push(self.node(event, span, depth + 1)?),
            }
        }
    }

    fn map(&mut self, depth: usize) -> Result<Vec<(Node, Node)>, Finding> {
        let mut entries: Vec<(Node, Node)> = Vec::new();
        loop {
            let key = match self.next()? {
                (Event::MappingEnd, _) => return Ok(entries),
                (event, span) => self.node(event, span, depth + 1)?,
            };
            if let Some((first, _)) = entries.iter().find(|(earlier, _)| earlier.value == key.value) {
                let name = if let Value::Text(name) = &key.value { name } else { "" };
                let message = format!("the key `{name}` stands twice, first in line {}", first.position.line);
                return Err(Finding::at(self.file, key.position, message).help("merge the two"));
            }
            let (event, span) = self.next()?;
            let value = self.node(event, span, depth + 1)?;
            entries.push((key, value));
        }
    }

    fn end(&mut self) -> Result<(), Finding> {
        loop {
            match self.next()? {
                (Event::StreamEnd, _) => return Ok(()),
                (Event::DocumentStart(..), span) => {
                    return Err(Finding::at(self.file, place(span.start), "a second document in the file"));
                }
                _ => {}
            }
        }
    }
}

fn place(marker: Marker) -> Position {
    Position { line: marker.line(), column: marker.col() + 1 }
}
