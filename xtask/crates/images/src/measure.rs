//! What an image takes: as the engine and the image itself say at once, or from the files of every layer.

use std::io::Read;

use anyhow::{Context as _, Result, bail};

use docker::{ContentsQuery, ImageQuery, SaveRequest};
use process::{Invocation, ProcessError};
use project::{Context, system::System};

use crate::size::{Compression, Contents, Layer, SavedImage, SizeReport};

/// Measures an image that the daemon has, without reading its layers. The packages of one that cannot be started here, such as
/// another processor's, are left out, which is said.
pub fn measure(cx: &Context, image: &str) -> Result<SizeReport> {
    let query = ImageQuery { image };
    let history = answer(cx, &query.history())?;
    let count = answer(cx, &query.layer_count())?;
    let count = count.trim().parse().with_context(|| format!("Docker says that `{image}` has `{count}` layers"))?;
    let listed = cx.runner.stream(&ContentsQuery { image }.invocation(), |answer| Contents::listed(answer));
    let contents = match listed {
        Err(error) if ProcessError::is_interruption(&error) => return Err(error),
        Err(error) => {
            cx.ui.notice(format_args!(
                "warning: the packages are not shown, because `{image}` cannot list them: {error:#}"
            ));
            Contents::default()
        }
        Ok(contents) => contents,
    };
    Ok(SizeReport::described(&history, count, &contents))
}

fn answer(cx: &Context, query: &Invocation) -> Result<String> {
    let output = cx.runner.read(query)?;
    if !output.exit.success() {
        bail!("Docker does not describe the image: {}", output.stderr.trim());
    }
    Ok(output.stdout)
}

/// Measures it by the files of every layer, in the stream of `docker save`: only they show what is stored twice. It works for
/// images of other processors, too, and for those without a shell.
pub fn measure_files(cx: &Context, image: &str) -> Result<SizeReport> {
    let saved = cx.runner.stream(&SaveRequest { images: &[image] }.invocation(), |archive| {
        SavedImage::read(archive, |compression, layer| decompress(cx, compression, layer))
    })?;
    Ok(SizeReport::new(&saved))
}

/// A compressed layer goes through a file: if it was piped, its program and we would wait for each other.
fn decompress(cx: &Context, compression: Compression, layer: &mut dyn Read) -> Result<Layer> {
    let program = compression.program();
    let read = cx.runner.stream_file(cx.scratch.copy(layer)?, &Invocation::new(program).arg("-dc"), Layer::read);
    read.with_context(|| {
        format!("a layer was not decompressed (if {program} is missing: {})", System::detect().install(program))
    })
}
