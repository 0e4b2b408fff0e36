//! Values of options that Docker reads as a line of CSV.

use camino::Utf8Path;

/// `KEY=PATH` as one field of the line. RFC 4180: quotes around what holds a comma, a quote or a line break.
pub fn field(key: &str, path: &Utf8Path) -> String {
    let field = format!("{key}={path}");
    if field.contains([',', '"', '\n']) { format!("\"{}\"", field.replace('"', "\"\"")) } else { field }
}
