//! The contents of an image, read from the stream of `docker save`.
//!
//! From the layers and not from a container, because only they show what is stored twice, and because it works for images
//! of other processors and for those without a shell or Python.

use std::io::Read;

use anyhow::{Context as _, Result};

use docker::SaveRequest;
use process::Invocation;
use project::{Context, system::System};

use crate::size::{Compression, Layer, SavedImage, SizeReport};

/// Measures an image that the daemon has.
pub fn measure(cx: &Context, image: &str) -> Result<SizeReport> {
    let saved = cx.runner.stream(&SaveRequest { images: &[image] }.invocation(), |archive| {
        SavedImage::read(archive, |compression, layer| decompress(cx, compression, layer))
    })?;
    Ok(SizeReport::new(&saved))
}

/// A compressed layer goes through a file: if it was piped, its program and we would wait for each other.
fn decompress(cx: &Context, compression: Compression, layer: &mut dyn Read) -> Result<Layer> {
    let program = compression.program();
    let read = cx
        .runner
        .stream_file(cx.scratch.copy(layer)?, &Invocation::new(program).arg("-dc"), |layer| Layer::read(layer));
    read.with_context(|| {
        format!("a layer was not decompressed (if {program} is missing: {})", System::detect().install(program))
    })
}
