//! The report on an image's size.

use super::{
    Bytes, Contents, SavedImage,
    history::layers,
    leftovers::{Leftover, leftovers},
    packages::{InstalledPackage, packages},
};

/// How many packages are listed.
const LISTED: usize = 15;

/// The longest instruction that is shown.
const WIDTH: usize = 88;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SizeReport {
    /// How many layers there are.
    count: usize,
    /// The size and instruction of each layer, the lowest first; not of all that are empty.
    layers: Vec<(Bytes, String)>,
    packages: Vec<InstalledPackage>,
    leftovers: Vec<Leftover>,
}

impl SizeReport {
    /// From what the engine says of an image with `count` layers, and from what a container of it sees.
    pub(crate) fn described(history: &str, count: usize, contents: &Contents) -> Self {
        let layers = layers(history, count).into_iter().map(|(size, step)| (size, shortened(&step))).collect();
        Self { count, layers, packages: packages(contents), leftovers: Vec::new() }
    }

    /// From the files of every layer.
    pub(crate) fn new(saved: &SavedImage) -> Self {
        let contents = Contents::new(&saved.layers);
        let layers: Vec<_> = saved.layers.iter().map(|it| (it.layer.size(), shortened(&it.instruction))).collect();
        let steps: Vec<&str> = layers.iter().map(|(_, step)| step.as_str()).collect();
        Self { packages: packages(&contents), leftovers: leftovers(&contents, &steps), count: layers.len(), layers }
    }

    /// The sum of the layers, as Docker counts an image.
    pub fn size(&self) -> Bytes {
        self.layers.iter().map(|(size, _)| *size).sum()
    }

    /// For people; `image` is the name to show.
    pub fn lines(&self, image: &str) -> Vec<String> {
        let mut lines = vec![format!("{image}: {} in {} layers", self.size(), self.count), String::new()];
        for (index, (size, step)) in self.layers.iter().enumerate() {
            let step = if step.is_empty() { "(unknown)" } else { step };
            lines.push(format!("{:>4}  {size:>9}  {step}", index + 1));
        }
        if let Some(more @ 1..) = self.count.checked_sub(self.layers.len()) {
            lines.push(format!("      {:>9}  {more} more layers", Bytes(0)));
        }
        if !self.packages.is_empty() {
            lines.push(String::new());
            lines.extend(self.packages.iter().take(LISTED).map(|it| format!("      {:>9}  {it}", it.size)));
        }
        if let Some(rest) = self.packages.get(LISTED..).filter(|it| !it.is_empty()) {
            let size: Bytes = rest.iter().map(|it| it.size).sum();
            lines.push(format!("      {size:>9}  {} more packages", rest.len()));
        }
        for Leftover { what, help } in &self.leftovers {
            lines.extend([String::new(), format!("warning: {what}"), format!("   help: {help}")]);
        }
        lines
    }
}

fn shortened(step: &str) -> String {
    if step.chars().count() <= WIDTH {
        return step.to_owned();
    }
    format!("{}…", step.chars().take(WIDTH - 1).collect::<String>().trim_end())
}
