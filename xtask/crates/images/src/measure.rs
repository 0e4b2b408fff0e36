//! What an image is made of, read from what `docker save` streams.
//!
//! From the layers and not from a container, because only they tell what is stored twice, and because it works for images
//! of other processors and for those without a shell or Python.

use std::fs::File;
use std::io::{self, Read};

use anyhow::{Context as _, Result};

use docker::SaveRequest;
use process::{Invocation, files};
use project::{Context, system::System};

use crate::size::{Compression, Layer, SizeReport, SavedImage};

/// Looks at an image that is there.
pub fn measure(cx: &Context, image: &str) -> Result<SizeReport> {
    let saved = cx.runner.stream(&SaveRequest { image }.invocation(), |archive| {
        SavedImage::read(archive, |compression, layer| decompressed(cx, compression, layer))
    })?;
    Ok(SizeReport::new(&saved))
}

/// A compressed layer goes through a file, because its program would wait for us to read while we wait for it to.
fn decompressed(cx: &Context, compression: Compression, layer: &mut dyn Read) -> Result<Layer> {
    let path = cx.layout.work().join(format!("layer.{}", std::process::id()));
    files::create_dir(&cx.layout.work())?;
    let written = File::create(&path).and_then(|mut file| io::copy(layer, &mut file));
    let program = compression.program();
    let read = written.with_context(|| format!("cannot write `{path}`")).and_then(|_| {
        let question = Invocation::new(program).args(["-dc", path.as_str()]);
        let read = cx.runner.stream(&question, |layer| Ok(Layer::read(layer)?));
        read.with_context(|| {
            format!("a layer was not decompressed (if {program} is missing: {})", System::detect().install(program))
        })
    });
    files::remove_file(&path)?;
    read
}
