//! YAML with the place of every node, which serde does not keep.

use std::collections::HashMap;
use std::ops::Range;
use std::rc::Rc;

use granit_parser::{Event, Parser, Span as Marks, StrInput};

use crate::{Code, Finding, Findings, Position, Problem, Source, Span};

/// How deep a file may nest. environment.yml needs three levels; the rest is for what the user may add.
const DEEPEST: usize = 32;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Node {
    /// Its bytes in the text; empty for a value that is missing.
    pub range: Range<usize>,
    pub value: Value,
}

/// What a node holds. Scalars stay text: whether `1.10` is a number is the reader's business.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    Text(String),
    List(Vec<Node>),
    /// Keys and values, in order. A key that stands twice is here twice, and among the findings.
    Map(Vec<(Node, Node)>),
    /// Another node, by its anchor.
    Alias(Rc<Node>),
}

impl Node {
    pub fn span(&self, source: &Source) -> Span {
        source.span(self.range.clone())
    }

    /// The node itself, or the one that it is an alias of.
    pub fn resolved(&self) -> &Self {
        match &self.value {
            Value::Alias(node) => node.resolved(),
            _ => self,
        }
    }

    /// The text of a scalar; `None` for a list or a map.
    pub fn text(&self) -> Option<&str> {
        match &self.resolved().value {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The entries, if it is a mapping.
    pub fn entries(&self) -> Option<&[(Self, Self)]> {
        match &self.resolved().value {
            Value::Map(entries) => Some(entries),
            _ => None,
        }
    }

    /// The value of a key, if it is a mapping that has it.
    pub fn get(&self, key: &str) -> Option<&Self> {
        self.entries()?.iter().find(|(name, _)| name.text() == Some(key)).map(|(_, value)| value)
    }

    /// The type in words, for a message.
    pub fn kind(&self) -> &'static str {
        match &self.resolved().value {
            Value::Text(text) if text.is_empty() => "nothing",
            Value::Text(_) | Value::Alias(_) => "text",
            Value::List(_) => "a list",
            Value::Map(_) => "a mapping",
        }
    }

    /// Something wrong in the text of this scalar: at its own place where the file has the text as it is, else at the
    /// scalar as a whole, because escapes and folded lines leave no place of its own.
    pub fn problem(&self, source: &Source, text: &str, problem: Problem) -> Finding {
        let quote = usize::from(source.text[self.range.clone()].starts_with(['\'', '"']));
        let start = self.range.start + quote;
        let is_verbatim = source.text.get(start..start + text.len()) == Some(text) && !text.contains('\n');
        if is_verbatim {
            return source.problem(start, problem);
        }
        Finding { help: problem.help, ..source.at(problem.code, self.span(source), problem.message) }
    }
}

/// The one document of a file, or `None` where it holds nothing or is not YAML, which is then among the findings.
pub fn parse(source: &Source, findings: &mut Findings) -> Option<Node> {
    if let Some(finding) = find_tab(source) {
        findings.push(finding);
        return None;
    }
    let parser = Parser::new_from_str(&source.text);
    let mut reader = Reader { source, parser, anchors: HashMap::new(), hops: 0, findings };
    reader.document().unwrap_or_default()
}

/// A tab in the indentation: the parser's own message for it names something else.
fn find_tab(source: &Source) -> Option<Finding> {
    source.text.lines().enumerate().find_map(|(index, line)| {
        let indentation = line.len() - line.trim_start().len();
        let column = line[..indentation].chars().position(|it| it == '\t')? + 1;
        let is_data = !line.trim().is_empty() && !line.trim_start().starts_with('#');
        let span = Span::new(index + 1, column, 1);
        is_data
            .then(|| source.at(Code::YamlTab, span, "a tab in the indentation").help("YAML indents with spaces only"))
    })
}

/// Reading has come to an end, for a reason that is among the findings.
struct Stopped;

struct Reader<'a, 'input> {
    source: &'a Source,
    parser: Parser<'input, StrInput<'input>>,
    /// The nodes with anchors, each with how many aliases of aliases are in it.
    anchors: HashMap<usize, (Rc<Node>, usize)>,
    /// How many aliases of aliases are in the node that is being read.
    hops: usize,
    findings: &'a mut Findings,
}

impl<'input> Reader<'_, 'input> {
    fn document(&mut self) -> Result<Option<Node>, Stopped> {
        loop {
            match self.next()? {
                (Event::StreamStart | Event::DocumentStart(..), _) => {}
                (Event::StreamEnd | Event::DocumentEnd, _) => return Ok(None),
                (event, marks) => {
                    let node = self.node(event, marks, 0)?;
                    return self.end().map(|()| Some(node));
                }
            }
        }
    }

    fn next(&mut self) -> Result<(Event<'input>, Marks), Stopped> {
        match self.parser.next_event() {
            Some(Ok(event)) => Ok(event),
            Some(Err(error)) => {
                let start = Position { line: error.marker().line().max(1), column: error.marker().col() + 1 };
                let span = Span::new(start.line, start.column, 0);
                Err(self.stop(self.source.at(Code::YamlSyntax, span, format!("not YAML: {}", error.info()))))
            }
            None => Ok((Event::StreamEnd, Marks::default())),
        }
    }

    fn node(&mut self, event: Event<'input>, marks: Marks, depth: usize) -> Result<Node, Stopped> {
        let range = self.range(marks);
        if depth > DEEPEST {
            let span = self.source.span(range);
            return Err(self.stop(self.source.at(Code::YamlTooDeep, span, "nested deeper than any environment is")));
        }
        let hops_before = std::mem::take(&mut self.hops);
        let (value, anchor) = match event {
            // The parser writes `~` where nothing stands.
            Event::Scalar(_, _, anchor, _) if range.is_empty() => (Value::Text(String::new()), anchor),
            Event::Scalar(text, _, anchor, _) => (Value::Text(text.into_owned()), anchor),
            Event::SequenceStart(_, anchor, _) => (Value::List(self.list(depth)?), anchor),
            Event::MappingStart(_, anchor, _) => (Value::Map(self.map(depth)?), anchor),
            Event::Alias(anchor) => {
                let span = self.source.span(range.clone());
                let Some((node, hops)) = self.anchors.get(&anchor).cloned() else {
                    let finding = self.source.at(Code::YamlAlias, span, "an alias of a node that contains it");
                    return Err(self.stop(finding.help("write the value out")));
                };
                if hops >= DEEPEST {
                    let message = "an alias of an alias of an alias, and so on";
                    return Err(self.stop(self.source.at(Code::YamlTooDeep, span, message)));
                }
                self.hops = hops + 1;
                (Value::Alias(node), 0)
            }
            _ => {
                let span = self.source.span(range);
                return Err(self.stop(self.source.at(Code::YamlSyntax, span, "not YAML: a value was expected here")));
            }
        };
        let node = Node { range, value };
        if anchor > 0 {
            self.anchors.insert(anchor, (Rc::new(node.clone()), self.hops));
        }
        self.hops = self.hops.max(hops_before);
        Ok(node)
    }

    fn list(&mut self, depth: usize) -> Result<Vec<Node>, Stopped> {
        let mut nodes = Vec::new();
        loop {
            match self.next()? {
                (Event::SequenceEnd, _) => return Ok(nodes),
                (event, marks) => nodes.push(self.node(event, marks, depth + 1)?),
            }
        }
    }

    fn map(&mut self, depth: usize) -> Result<Vec<(Node, Node)>, Stopped> {
        let mut entries: Vec<(Node, Node)> = Vec::new();
        let mut lines: HashMap<String, usize> = HashMap::new();
        loop {
            let key = match self.next()? {
                (Event::MappingEnd, _) => return Ok(entries),
                (event, marks) => self.node(event, marks, depth + 1)?,
            };
            if let Some(name) = key.text() {
                let span = key.span(self.source);
                if let Some(first) = lines.get(name) {
                    let message = format!("duplicate key `{name}`, first in line {first}");
                    self.findings.push(self.source.at(Code::YamlDuplicateKey, span, message).help("merge the two"));
                } else {
                    lines.insert(name.to_owned(), span.start.line);
                }
            }
            let (event, marks) = self.next()?;
            let value = self.node(event, marks, depth + 1)?;
            entries.push((key, value));
        }
    }

    fn end(&mut self) -> Result<(), Stopped> {
        loop {
            match self.next()? {
                (Event::StreamEnd, _) => return Ok(()),
                (Event::DocumentStart(..), marks) => {
                    let span = self.source.span(self.range(marks));
                    let finding = self.source.at(Code::YamlSecondDocument, span, "a second document in the file");
                    return Err(self.stop(finding.help("remove everything from the `---` on, or the `---` itself")));
                }
                _ => {}
            }
        }
    }

    fn stop(&mut self, finding: Finding) -> Stopped {
        self.findings.push(finding);
        Stopped
    }

    fn range(&self, marks: Marks) -> Range<usize> {
        let byte = |mark: granit_parser::Marker| mark.byte_offset().unwrap_or_default().min(self.source.text.len());
        let (start, end) = (byte(marks.start), byte(marks.end));
        start..end.max(start)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &str) -> (Option<Node>, String) {
        let mut findings = Findings::default();
        let node = parse(&Source::new("f.yml", text), &mut findings);
        (node, findings.to_string())
    }

    #[test]
    fn every_duplicate_key_is_found_and_reading_goes_on() {
        let (node, findings) = parsed("a: 1\nb: {c: 1, c: 2}\na: 3\n");
        assert_eq!(findings.matches("error[E0203]").count(), 2, "{findings}");
        assert!(findings.contains("f.yml:3:1: error[E0203]: duplicate key `a`, first in line 1"));
        assert_eq!(node.unwrap().entries().unwrap().len(), 3);
    }

    #[test]
    fn an_alias_stands_for_its_node() {
        let (node, findings) = parsed("a: &x {b: 1}\nc: *x\n");
        assert_eq!(findings, "");
        assert_eq!(node.unwrap().get("c").unwrap().get("b").unwrap().text(), Some("1"));
        assert!(parsed("a: &x [*x]\n").1.contains("error[E0204]"));
        let chain: String = (1..100).map(|it| format!("- &a{it} [*a{}]\n", it - 1)).collect();
        assert!(parsed(&format!("- &a0 x\n{chain}")).1.contains("error[E0206]"));
    }

    #[test]
    fn a_problem_within_a_scalar_has_its_own_place_if_it_can() {
        let source = Source::new("f.yml", "- é 'q' x\n- 'é b'\n- \"\\u0041b\"\n");
        let node = parse(&source, &mut Findings::default()).unwrap();
        let Value::List(nodes) = node.value else { panic!() };
        let place = |index: usize, range: Range<usize>| {
            let node = &nodes[index];
            node.problem(&source, node.text().unwrap(), Problem::new(Code::MatchSpec, range, "x")).span.unwrap()
        };
        assert_eq!(place(0, 3..4), Span::new(1, 5, 1));
        assert_eq!(place(1, 3..4), Span::new(2, 6, 1));
        assert_eq!(place(2, 1..2), Span::new(3, 3, 9));
    }

    #[test]
    fn what_is_not_yaml_is_shown_where_it_is() {
        for (text, place) in [
            ("a:\n\t- b\n", "f.yml:2:1: error[E0202]: a tab"),
            ("a: [b\n", "f.yml:"),
            ("a: [b]\n---\nb: 1\n", "f.yml:2:1: error[E0205]: a second document"),
            ("a: 'b\n", "f.yml:"),
            ("a: *x\n", "f.yml:1:"),
        ] {
            let (node, findings) = parsed(text);
            assert!(node.is_none() && findings.starts_with(place), "{text:?}: {findings}");
        }
        let nested = |depth| parsed(&format!("a: {}{}", "[".repeat(depth), "]".repeat(depth))).1;
        assert!(nested(100).contains("E0206"));
        assert!(nested(5000).starts_with("f.yml:1:"));
        assert_eq!(parsed("# nothing\n"), (None, String::new()));
    }
}
