//! Charts, drawn here as SVG. Their colours are marks: the style sheet puts others in their place,
//! for light and for dark. A table beside each says the same.

use charts_rs::{Align, BarChart, Box, Color, Series};

/// What stands for a colour of the style sheet, in the order of the series.
const MARKS: [&str; 3] = ["#010101", "#020202", "#030303"];
const LINE: &str = "#040404";
const TEXT: &str = "#050505";

/// A series of numbers.
pub(super) struct Bars<'a> {
    /// What they are.
    pub(super) name: &'a str,
    /// One for each label.
    pub(super) values: Vec<u64>,
}

/// Bars on top of each other, as SVG; empty where it cannot be drawn, for the table is there.
pub(super) fn stacked_bars(
    labels: &[String],
    bars: &[Bars<'_>],
    (width, height): (f32, f32),
) -> String {
    #[expect(clippy::cast_precision_loss, reason = "pixels of a chart")]
    let series = |bars: &Bars<'_>| Series {
        stack: Some("all".to_owned()),
        ..Series::new(bars.name.to_owned(), bars.values.iter().map(|it| *it as f32).collect())
    };
    let mut chart = BarChart::new(bars.iter().map(series).collect(), labels.to_vec());
    chart.width = width;
    chart.height = height;
    chart.margin = Box { left: 12.0, top: 8.0, right: 20.0, bottom: 0.0 };
    chart.background_color = Color::transparent();
    chart.series.colors = MARKS.iter().map(|mark| Color::from(*mark)).collect();
    chart.legend.align = Align::Left;
    chart.legend.font.color = Color::from(TEXT);
    chart.grid.stroke_color = Color::from(LINE);
    chart.x_axis.stroke_color = Color::from(LINE);
    chart.x_axis.font.color = Color::from(TEXT);
    for axis in &mut chart.y_axis_configs {
        axis.font.color = Color::from(TEXT);
    }
    chart.radius = Some(1.5);
    chart.svg().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::{Bars, stacked_bars};

    #[test]
    fn a_chart_has_no_style_no_script_and_no_text_of_others_as_markup() {
        let labels = ["<script>".to_owned(), "2 May".to_owned()];
        let bars =
            [Bars { name: "<b>", values: vec![3, 0] }, Bars { name: "Spam", values: vec![1, 7] }];
        let svg = stacked_bars(&labels, &bars, (640.0, 240.0));
        assert!(svg.starts_with("<svg") && svg.contains("viewBox"), "{svg}");
        for wrong in ["style=", "<style", "<script", "<b>", "href", "onload"] {
            assert!(!svg.contains(wrong), "{wrong} in {svg}");
        }
        assert!(svg.contains("#010101") && svg.contains("#020202"), "{svg}");
    }

    #[test]
    fn a_chart_of_nothing_is_drawn_too() {
        let bars = [Bars { name: "Accepted", values: vec![0; 30] }];
        let labels: Vec<String> = (0..30).map(|day| day.to_string()).collect();
        assert!(stacked_bars(&labels, &bars, (320.0, 200.0)).starts_with("<svg"));
    }
}
