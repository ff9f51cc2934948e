//! How a line looks: for people, as JSON, or as JSON with the names of Elastic.

mod ecs;
mod escape;
mod json;
mod object;
mod text;

use super::line::Line;
use crate::Format;

/// Renders lines.
pub(super) struct Renderer {
    format: Format,
    colours: bool,
}

impl Renderer {
    pub(super) fn new(format: Format, colours: bool) -> Self {
        Self { format, colours }
    }

    /// Appends the line and its end. Whatever it holds, it stays one line.
    pub(super) fn render(&self, line: &Line, out: &mut Vec<u8>) {
        match self.format {
            Format::Text => text::render(line, self.colours, out),
            Format::Json => json::render(line, out),
            Format::Ecs => ecs::render(line, out),
        }
        out.push(b'\n');
    }
}
