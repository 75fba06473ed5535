//! Series of different lengths, each with the name of its class.

use std::path::Path;

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

use sig_data::{CsvOptions, Format, SEPARATOR, Source};

use super::selected;
use crate::Error;
use crate::config::Fill;

/// A series, `[length][channels]`, and its class.
#[derive(Clone, Debug, PartialEq)]
pub struct Labelled {
    /// The points.
    pub points: Vec<Vec<f32>>,
    /// The name of the class.
    pub class: String,
}

impl Labelled {
    /// Generates noisy loops of 20 to 60 points that turn left, turn right or trace a figure of
    /// eight, at random positions, sizes and speeds. The classes have equal shares.
    pub fn loops(count: usize, seed: u64) -> Vec<Self> {
        let mut random = StdRng::seed_from_u64(seed);
        (0..count)
            .map(|index| one_loop(index % 3, &mut random))
            .collect()
    }

    /// Generates noisy series of 300 to 500 points in two channels, with a bump of ten points in each,
    /// 100 to 250 points apart. The class is the channel whose bump comes first, `first` or `second`; the
    /// rest of a series says nothing of it. The classes have equal shares.
    pub fn events(count: usize, seed: u64) -> Vec<Self> {
        let mut random = StdRng::seed_from_u64(seed);
        (0..count)
            .map(|index| two_events(index % 2, &mut random))
            .collect()
    }

    /// Brings each channel to the mean 0 and the deviation 1 over all points of the training series;
    /// the others are moved likewise. A channel that does not move is only centred.
    pub fn standardise(train: &mut [Self], others: &mut [Self]) {
        let channels = train.first().map_or(0, |one| one.points[0].len());
        for channel in 0..channels {
            let points = || train.iter().flat_map(|one| &one.points);
            let values = || points().map(|point| f64::from(point[channel]));
            let count = values().count() as f64;
            let mean = values().sum::<f64>() / count;
            let variance = values().map(|x| (x - mean).powi(2)).sum::<f64>() / count;
            let deviation = if variance > 0.0 { variance.sqrt() } else { 1.0 };
            for one in train.iter_mut().chain(others.iter_mut()) {
                for point in &mut one.points {
                    point[channel] = ((f64::from(point[channel]) - mean) / deviation) as f32;
                }
            }
        }
    }

    /// Reads a file of the [UEA archive](https://www.timeseriesclassification.com) (`.ts`): one
    /// series per line, channels separated by colons, values by commas, the class last. A missing
    /// value, `?`, becomes the one before it, or 0 if there is none. A longer channel is cut to the
    /// shortest of its series.
    ///
    /// # Errors
    ///
    /// Names the line that cannot be read.
    pub fn from_ts(path: &Path) -> Result<Vec<Self>, Error> {
        let source = Source::open(path, Format::Ts, CsvOptions::default())?;
        let columns = selected(source.channels(&[]), source.ids(&[])?, None, Fill::Forward);
        let table = source.select(columns)?.table(false)?;
        let series = table.series().into_iter().map(|range| {
            let class = table.keys[range.start].split(SEPARATOR).nth(1);
            let mut last = vec![0.0; table.rows[0].len()];
            let rows = table.rows[range].iter().map(|row| {
                for (last, value) in last.iter_mut().zip(row) {
                    *last = if value.is_nan() { *last } else { *value as f32 };
                }
                last.clone()
            });
            Self {
                points: rows.collect(),
                class: class.unwrap_or_default().into(),
            }
        });
        Ok(series.collect())
    }
}

fn one_loop(class: usize, random: &mut StdRng) -> Labelled {
    let length = random.random_range(20..=60);
    let [x, y, start] = [5.0, 5.0, 6.3].map(|range| random.random_range(-range..range));
    let (size, turn) = (
        random.random_range(0.5..1.5),
        random.random_range(5.6..8.8f32),
    );
    let point = |step: usize| {
        let angle: f32 = start + turn * step as f32 / length as f32;
        let (sin, cos) = angle.sin_cos();
        let [across, up] = [[cos, sin], [cos, -sin], [sin, (2.0 * angle).sin()]][class];
        let exact: [f32; 2] = [x + size * across, y + size * up];
        exact
            .map(|value| value + random.random_range(-0.3..0.3))
            .to_vec()
    };
    Labelled {
        points: (0..length).map(point).collect(),
        class: ["left", "right", "eight"][class].into(),
    }
}

fn two_events(class: usize, random: &mut StdRng) -> Labelled {
    let length = random.random_range(300..=500);
    let early = random.random_range(10..length - 270);
    let late = early + random.random_range(100..=250);
    let starts = if class == 0 {
        [early, late]
    } else {
        [late, early]
    };
    let point = |t: usize| {
        let bump = |start: usize| {
            if (start..start + 10).contains(&t) {
                2.0
            } else {
                0.0
            }
        };
        let noisy = |start: usize| bump(start) + random.random_range(-0.5..0.5f32);
        starts.map(noisy).to_vec()
    };
    Labelled {
        points: (0..length).map(point).collect(),
        class: ["first", "second"][class].into(),
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn read(text: &str) -> Result<Vec<Labelled>, String> {
        let file = tempfile::NamedTempFile::new().unwrap();
        fs::write(file.path(), text).unwrap();
        Labelled::from_ts(file.path()).map_err(|error| error.to_string())
    }

    #[test]
    fn a_line_of_an_archive_is_a_series() {
        let text = "# comment\n@dimensions 2\n@data\n1,2,?:4,5,6:a b\n\n7,8:9,10:c\n";
        let all = read(text).unwrap();
        assert_eq!(all[0].points, [[1., 4.], [2., 5.], [2., 6.]]);
        assert_eq!(all[0].class, "a b");
        assert_eq!((all.len(), all[1].points.len()), (2, 2));
    }

    #[test]
    fn a_bad_value_is_named_with_its_line() {
        let message = read("@data\n1,2:a\n1,x:a\n").unwrap_err();
        assert!(message.contains("line 3: `x`"), "{message}");
        assert!(read("@data\n").unwrap_err().contains("no series"));
    }

    /// The bump of the class's channel comes first, in a series that is long enough for both.
    #[test]
    fn events_are_in_the_order_of_their_class() {
        let all = Labelled::events(20, 3);
        assert_eq!(all, Labelled::events(20, 3));
        for one in &all {
            let start = |channel: usize| one.points.iter().position(|point| point[channel] > 1.0);
            let [first, second] = [0, 1].map(|channel| start(channel).unwrap());
            assert_eq!(first < second, one.class == "first");
            assert!((100..=250).contains(&first.abs_diff(second)));
        }
    }

    #[test]
    fn channels_are_standardised_by_the_training_series() {
        let one = |points: [[f32; 2]; 2]| Labelled {
            points: points.map(Vec::from).to_vec(),
            class: "a".into(),
        };
        let (mut train, mut test) = ([one([[1., 5.], [3., 5.]])], [one([[4., 6.], [2., 5.]])]);
        Labelled::standardise(&mut train, &mut test);
        assert_eq!(train[0].points, [[-1., 0.], [1., 0.]]);
        assert_eq!(test[0].points, [[2., 1.], [0., 0.]]);
    }

    #[test]
    fn loops_depend_on_the_seed_alone() {
        let one = Labelled::loops(9, 1);
        assert_eq!(one, Labelled::loops(9, 1));
        assert_ne!(one, Labelled::loops(9, 2));
        assert_eq!(one.iter().filter(|one| one.class == "eight").count(), 3);
    }
}
