//! Paths in the plane, as one picture in two formats.

use std::error::Error;
use std::path::Path;
use std::sync::Arc;

use plotters::prelude::*;
use resvg::{tiny_skia, usvg};

const SIZE: u32 = 640;

/// Writes `paths.svg` and `paths.png`.
pub(super) fn draw(folder: &Path, paths: &[(&str, Vec<[f64; 2]>)]) -> Result<(), Box<dyn Error>> {
    let named = |error: std::io::Error, file: &Path| format!("{}: {error}", file.display());
    std::fs::create_dir_all(folder).map_err(|error| named(error, folder))?;
    let mut svg = String::new();
    draw_into(&mut svg, paths)?;
    let file = folder.join("paths.svg");
    std::fs::write(&file, &svg).map_err(|error| named(error, &file))?;
    let file = folder.join("paths.png");
    std::fs::write(&file, png(&svg)?).map_err(|error| named(error, &file))?;
    Ok(())
}

fn draw_into(svg: &mut String, paths: &[(&str, Vec<[f64; 2]>)]) -> Result<(), Box<dyn Error>> {
    let area = SVGBackend::with_string(svg, (SIZE, SIZE)).into_drawing_area();
    area.fill(&WHITE)?;
    let furthest = paths.iter().flat_map(|(_, path)| path.as_flattened());
    let end = furthest.fold(1.0f64, |end, x| end.max(x.abs())) * 1.1;
    let mut chart = ChartBuilder::on(&area)
        .caption("A path found from its signature", ("sans-serif", 20))
        .margin(12)
        .x_label_area_size(30)
        .y_label_area_size(40)
        .build_cartesian_2d(-end..end, -end..end)?;
    chart.configure_mesh().light_line_style(WHITE).draw()?;
    for (index, (name, path)) in paths.iter().enumerate() {
        let colour = Palette99::pick(index).to_rgba();
        let style = colour.stroke_width([6, 3, 1][index.min(2)]);
        let points = || path.iter().map(|&[x, y]| (x, y));
        chart
            .draw_series(LineSeries::new(points(), style))?
            .label(*name)
            .legend(move |(x, y)| PathElement::new([(x, y), (x + 20, y)], style));
        chart.draw_series(points().map(|point| Circle::new(point, 4, colour.filled())))?;
    }
    chart
        .configure_series_labels()
        .position(SeriesLabelPosition::MiddleMiddle)
        .background_style(WHITE.mix(0.8))
        .border_style(BLACK)
        .draw()?;
    area.present()?;
    Ok(())
}

/// The picture in pixels, with letters that do not depend on the fonts of the machine.
fn png(svg: &str) -> Result<Vec<u8>, Box<dyn Error>> {
    let mut fonts = usvg::fontdb::Database::new();
    fonts.load_font_data(dejavu::sans::regular().to_vec());
    fonts.set_sans_serif_family("DejaVu Sans");
    let options = usvg::Options {
        fontdb: Arc::new(fonts),
        ..Default::default()
    };
    let tree = usvg::Tree::from_str(svg, &options)?;
    let mut pixels = tiny_skia::Pixmap::new(SIZE, SIZE).ok_or("no memory for the picture")?;
    resvg::render(&tree, Default::default(), &mut pixels.as_mut());
    Ok(pixels.encode_png()?)
}
