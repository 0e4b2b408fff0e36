//! What an image is made of, read from what `docker save` streams.
//!
//! From the layers and not from a container, because only they tell what is stored twice, and because it works for images
//! of other processors and for those without a shell or Python.

use std::io::Read;

use anyhow::{Context as _, Result};

use docker::SaveRequest;
use process::Invocation;
use project::{Context, system::System};

use crate::size::{Compression, Layer, SavedImage, SizeReport};

/// Looks at an image that is there.
pub fn measure(cx: &Context, image: &str) -> Result<SizeReport> {
    let saved = cx.runner.stream(&SaveRequest { image }.invocation(), |archive| {
        SavedImage::read(archive, |compression, layer| decompressed(cx, compression, layer))
    })?;
    Ok(SizeReport::new(&saved))
}

/// A compressed layer goes through a file, because its program would wait for us to read while we wait for it to.
fn decompressed(cx: &Context, compression: Compression, layer: &mut dyn Read) -> Result<Layer> {
    let name = format!("layer.{}", std::process::id());
    let program = compression.program();
    let read = cx.scratch.copy(&name, layer).and_then(|path| {
        let question = Invocation::new(program).args(["-dc", path.as_str()]);
        let read = cx.runner.stream(&question, |layer| Layer::read(layer));
        read.with_context(|| {
            format!("a layer was not decompressed (if {program} is missing: {})", System::detect().install(program))
        })
    });
    cx.scratch.remove(&name)?;
    read
}
