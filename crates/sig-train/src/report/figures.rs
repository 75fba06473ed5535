use plotters::style::{Color, RGBColor};

use super::plots::{Curve, Figure, Mark, Panel};
use super::{Outcome, StudyReport};
use crate::data::{Dataset, Part};
use crate::training::EpochRecord;

/// Time steps of the forecast plot.
const SHOWN: usize = 168;
/// Points of a plot of estimates.
const POINTS: usize = 600;

const ACTUAL: RGBColor = RGBColor(120, 120, 120);
/// One per model, distinguishable with colour blindness too (after Okabe and Ito).
const COLOURS: [RGBColor; 9] = [
    RGBColor(0, 114, 178),
    RGBColor(213, 94, 0),
    RGBColor(0, 158, 115),
    RGBColor(204, 121, 167),
    RGBColor(230, 159, 0),
    RGBColor(86, 180, 233),
    RGBColor(110, 64, 170),
    RGBColor(140, 86, 75),
    RGBColor(30, 30, 30),
];

/// The data of a study's figures.
pub(super) struct Figures<'a> {
    /// Of the first seed.
    pub(super) dataset: &'a Dataset,
    pub(super) report: &'a StudyReport,
    pub(super) outcomes: &'a [Outcome],
    /// Whether samples are independent paths, rather than windows of one series.
    pub(super) of_paths: bool,
}

impl Figures<'_> {
    /// Training and validation loss over epochs, one line per training.
    pub(super) fn losses(&self) -> Figure {
        let panel = |title: &str, valid: bool| Panel {
            title: title.into(),
            x_label: "epoch".into(),
            y_label: "mean squared error".into(),
            curves: self.losses_of(valid),
            logarithmic: true,
        };
        Figure {
            panels: vec![
                panel("Training loss", false),
                panel("Validation loss", true),
            ],
            columns: 2,
            size: (480, 340),
            legend: self.legend(),
        }
    }

    fn losses_of(&self, valid: bool) -> Vec<Curve> {
        let strong = self.report.seeds.len() == 1;
        let curve = |outcome: &Outcome| {
            let point = |it: &EpochRecord| {
                let loss = if valid { it.valid_loss } else { it.train_loss };
                (it.epoch as f64, loss.max(f64::MIN_POSITIVE))
            };
            Curve {
                points: outcome.history.epochs.iter().map(point).collect(),
                colour: self.colour(outcome).mix(if strong { 1.0 } else { 0.6 }),
                mark: Mark::Line(if strong { 2 } else { 1 }),
            }
        };
        self.outcomes.iter().map(curve).collect()
    }

    /// Actual values and forecasts of the first seed, one panel per model.
    pub(super) fn forecasts(&self) -> Figure {
        let first = |outcome: &&Outcome| outcome.run.seed == self.report.seeds[0];
        let outcomes: Vec<_> = self.outcomes.iter().filter(first).collect();
        let title = |outcome: &Outcome| {
            let (name, r2) = (outcome.run.model.name(), outcome.report.scores.r2);
            format!("{name}   R² {r2:.3}")
        };
        let panel = if self.of_paths {
            Self::estimates
        } else {
            Self::in_time
        };
        let panels = outcomes.iter().map(|it| panel(self, title(it), it));
        let panels: Vec<_> = panels.collect();
        let (columns, size) = match (self.of_paths, panels.len()) {
            (true, 1) => (1, (480, 440)),
            (true, 2..=4) => (2, (480, 440)),
            (true, _) => (3, (320, 320)),
            (false, 1) => (1, (960, 340)),
            (false, _) => (2, (480, 260)),
        };
        let mut legend = Vec::new();
        if !self.of_paths {
            let mut forecast = format!("forecast {} ahead", self.last() + 1);
            if panels.len() > 1 {
                forecast += ", in the colour of its model";
            }
            legend = vec![("actual".into(), ACTUAL), (forecast, pick(0))];
        }
        Figure {
            panels,
            columns,
            size,
            legend,
        }
    }

    /// The last step of each forecast and the actual value, over time.
    fn in_time(&self, title: String, outcome: &Outcome) -> Panel {
        let windows = 0..self.dataset.samples.count(Part::Test).min(SHOWN);
        let curve = |value: &dyn Fn(usize) -> f64, colour: RGBColor, width| {
            let point = |window| ((window + self.last()) as f64, value(window));
            Curve {
                points: windows.clone().map(point).collect(),
                colour: colour.to_rgba(),
                mark: Mark::Line(width),
            }
        };
        let actual = curve(&|window| self.actual(window), ACTUAL, 1);
        let forecast = |window| self.forecast(outcome, window);
        Panel {
            title,
            x_label: "time step of the test part".into(),
            y_label: short(&self.report.target),
            curves: vec![actual, curve(&forecast, self.colour(outcome), 2)],
            logarithmic: false,
        }
    }

    /// Estimates over actual values, with the line on which both are equal.
    fn estimates(&self, title: String, outcome: &Outcome) -> Panel {
        let paths = 0..self.dataset.samples.count(Part::Test).min(POINTS);
        let point = |path| (self.actual(path), self.forecast(outcome, path));
        let points: Vec<_> = paths.map(point).collect();
        let values = points.iter().map(|point| point.0);
        let (low, high) = values.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| {
            (low.min(value), high.max(value))
        });
        let equal = Curve {
            points: vec![(low, low), (high, high)],
            colour: ACTUAL.to_rgba(),
            mark: Mark::Line(1),
        };
        let estimates = Curve {
            points,
            colour: self.colour(outcome).mix(0.5),
            mark: Mark::Dots,
        };
        Panel {
            title,
            x_label: short(&self.report.target),
            y_label: "estimate".into(),
            curves: vec![equal, estimates],
            logarithmic: false,
        }
    }

    fn last(&self) -> usize {
        self.dataset.samples.horizon - 1
    }

    fn actual(&self, window: usize) -> f64 {
        let value = self.dataset.samples.target(Part::Test, window).last();
        self.undo(window, f64::from(value.expect("the horizon is not 0")))
    }

    fn forecast(&self, outcome: &Outcome, window: usize) -> f64 {
        self.undo(window, outcome.forecasts[window][self.last()])
    }

    fn undo(&self, window: usize, value: f64) -> f64 {
        let first = self.dataset.samples.first_target(Part::Test, window);
        self.dataset.target.undo(first + self.last(), value)
    }

    fn legend(&self) -> Vec<(String, RGBColor)> {
        let models = self.report.models.iter().enumerate();
        models
            .filter(|(_, row)| row.model.learns())
            .map(|(index, row)| (row.model.name().into(), pick(index)))
            .collect()
    }

    fn colour(&self, outcome: &Outcome) -> RGBColor {
        let of = |row: &super::ModelReport| row.model == outcome.run.model;
        pick(self.report.models.iter().position(of).unwrap_or_default())
    }
}

fn pick(index: usize) -> RGBColor {
    COLOURS[index % COLOURS.len()]
}

/// A name that fits beside an axis.
fn short(name: &str) -> String {
    const MOST: usize = 28;
    match name.char_indices().nth(MOST) {
        None => name.into(),
        Some((end, _)) => format!("{}…", &name[..end]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::ModelKind;
    use crate::report::tests as example;

    /// A text of a figure and the rectangle that it takes: left, top, right, bottom.
    type Placed = (String, [f64; 4]);

    fn attribute<'a>(tag: &'a str, name: &str) -> Option<&'a str> {
        let (_, rest) = tag.split_once(&format!(" {name}=\""))?;
        rest.split_once('"').map(|(value, _)| value)
    }

    fn texts(svg: &str) -> Vec<Placed> {
        let place = |element: &str| {
            let (tag, rest) = element.split_once('>').unwrap();
            let text = rest.split_once("</text>").unwrap().0.trim().to_string();
            let number = |name| attribute(tag, name).unwrap().parse::<f64>().unwrap();
            let (x, y, size) = (number("x"), number("y"), number("font-size"));
            let width = 0.55 * size * text.chars().count() as f64;
            let before = match attribute(tag, "text-anchor") {
                Some("middle") => width / 2.0,
                Some("end") => width,
                _ => 0.0,
            };
            let above = match attribute(tag, "dy") {
                Some("0.76em") => 0.0,
                Some("0.5ex") => size / 2.0,
                _ => size,
            };
            let place = match attribute(tag, "transform") {
                None => [x - before, y - above, x - before + width, y - above + size],
                Some(_) => [x - above, y + before - width, x - above + size, y + before],
            };
            (text, place)
        };
        svg.split("<text").skip(1).map(place).collect()
    }

    #[test]
    fn no_text_is_on_another_or_outside() {
        for (models, seeds) in [(1, 1), (2, 1), (8, 1), (8, 3), (ModelKind::ALL.len(), 1)] {
            let example = example::study(models, seeds);
            for of_paths in [false, true] {
                let figures = Figures {
                    dataset: &example.dataset,
                    report: &example.report,
                    outcomes: &example.outcomes,
                    of_paths,
                };
                for figure in [figures.losses(), figures.forecasts()] {
                    let svg = figure.svg().unwrap();
                    let size = ["width", "height"]
                        .map(|name| attribute(&svg, name).unwrap().parse::<f64>().unwrap());
                    let texts = texts(&svg);
                    assert!(texts.len() > 8, "{svg}");
                    for (index, (text, [left, top, right, bottom])) in texts.iter().enumerate() {
                        let inside = *left >= 0.0 && *top >= 0.0;
                        let inside = inside && *right <= size[0] && *bottom <= size[1];
                        assert!(inside, "{models} models: `{text}`");
                        for (other, [x, y, u, v]) in &texts[..index] {
                            let apart = right <= x || u <= left || bottom <= y || v <= top;
                            assert!(apart, "{models} models: `{text}` on `{other}`");
                        }
                    }
                }
            }
        }
    }
}
