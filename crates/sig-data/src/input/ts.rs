//! Files of the [UEA and UCR archives](https://www.timeseriesclassification.com): a series per line,
//! its channels separated by colons, their values by commas, the class last.

use std::fs::File;
use std::io::{BufRead, BufReader, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use super::chunk::{Chunk, Columns, Position};
use super::encoding::plain_text;
use super::number::number;
use super::source::{Chunks, Kind, Reader};
use crate::{Error, Problem};

/// Bytes of the series of a chunk, from which no other is added.
const CHUNK: u64 = 1 << 20;

/// The columns before the channels.
const OWN_COLUMNS: [&str; 2] = ["series", "class"];

pub(super) struct TsFile {
    path: PathBuf,
    file: File,
    names: Vec<String>,
    /// Whether each line ends with a class or the like.
    classes: bool,
    /// Where the first series is.
    start: Position,
}

impl TsFile {
    pub(super) fn open(path: &Path) -> Result<Self, Error> {
        let wrong = |reason: &str| Error::data(path, reason);
        let file = plain_text(path)?;
        let (mut start, mut classes) = (Position::default(), true);
        let mut lines = BufReader::new(&file);
        let mut line = Vec::new();
        loop {
            line.clear();
            let read = lines
                .read_until(b'\n', &mut line)
                .map_err(Error::io(path))?;
            if read == 0 {
                return Err(wrong("it has no line `@data`"));
            }
            start.bytes += read as u64;
            start.lines += 1;
            let text = String::from_utf8_lossy(&line).trim().to_lowercase();
            match text.split_whitespace().collect::<Vec<_>>()[..] {
                ["@timestamps", "true", ..] => {
                    return Err(wrong("values with times of their own are not read"));
                }
                ["@classlabel" | "@targetlabel", has, ..] => classes = has == "true",
                ["@data", ..] => break,
                _ => {}
            }
        }
        let mut lines = lines.lines();
        let first = lines.find_map(|line| line.ok().filter(|line| !line.trim().is_empty()));
        let first = first.ok_or_else(|| wrong("there is no series below `@data`"))?;
        let channels = first.split(':').count() - usize::from(classes);
        if channels == 0 {
            return Err(wrong("its first series has no channel before its class"));
        }
        let names = OWN_COLUMNS.map(String::from).into_iter();
        let names = names.chain((0..channels).map(|channel| format!("dim_{channel}")));
        Ok(Self {
            path: path.into(),
            names: names.collect(),
            file,
            classes,
            start,
        })
    }

    /// Adds the points of the series of that number.
    fn push(&self, line: &str, number: u64, columns: &Columns, chunk: &mut Chunk) {
        let at = chunk.end.lines;
        let problem = |problem: Problem| Problem {
            line: Some(at),
            ..problem
        };
        let series = match series(line, self.classes) {
            Ok(series) => series,
            Err(reason) => return chunk.push(columns.width(), Err(problem(reason.into()))),
        };
        let (have, want) = (series.channels.len(), self.names.len() - OWN_COLUMNS.len());
        if have != want {
            let reason = format!("{have} channels where the first series has {want}");
            return chunk.push(columns.width(), Err(problem(reason.into())));
        }
        let number = number.to_string();
        let own = [number.as_str(), series.class];
        for point in 0..series.points() {
            let mut row = || {
                let all = columns.numbers.iter().chain(&columns.clock);
                for &column in all {
                    let value = match column.checked_sub(OWN_COLUMNS.len()) {
                        Some(channel) => series.channels[channel][point],
                        None => own[column].parse().unwrap_or(f64::NAN),
                    };
                    if value.is_nan() && !columns.missing {
                        let reason = "the value is missing";
                        return Err(problem(Problem::of_column(&self.names[column], reason)));
                    }
                    chunk.values.push(value);
                    if columns.clock == Some(column) {
                        chunk.values.push(0.0);
                    }
                }
                let text = |index: usize| own.get(columns.labels[index]).copied();
                columns.label(&self.names, text).map_err(problem)
            };
            let row = row();
            chunk.push(columns.width(), row);
        }
    }
}

impl Reader for TsFile {
    fn names(&self) -> &[String] {
        &self.names
    }

    fn kind(&self, column: usize) -> Kind {
        match column {
            0 => Kind::Index,
            1 if self.classes => Kind::Text,
            1 => Kind::Empty,
            _ => Kind::Number,
        }
    }

    /// A series is known by its number, and takes its class along.
    fn ids(&self) -> Vec<usize> {
        (0..1 + usize::from(self.classes)).collect()
    }

    fn chunks(&mut self, columns: &Columns, start: Position, count: usize) -> Chunks {
        let begins = start == Position::default();
        let from = if begins {
            self.start.bytes
        } else {
            start.bytes
        };
        let read = |error| Error::io(&self.path)(error);
        (&self.file).seek(SeekFrom::Start(from)).map_err(read)?;
        let mut lines = BufReader::new(&self.file);
        let mut chunks: Vec<Chunk> = Vec::new();
        // Counted in the lines of the file, the header being before the first chunk.
        let mut at = if begins {
            self.start.lines
        } else {
            start.lines
        };
        let mut line = String::new();
        while chunks.len() < count {
            let mut chunk = Chunk::default();
            if chunks.is_empty() && begins {
                (chunk.end.bytes, chunk.end.lines) = (self.start.bytes, self.start.lines);
            }
            let before = chunk.end.bytes;
            while chunk.end.bytes - before < CHUNK {
                line.clear();
                let bytes = lines.read_line(&mut line).map_err(Error::io(&self.path))?;
                if bytes == 0 {
                    break;
                }
                at += 1;
                chunk.end.bytes += bytes as u64;
                chunk.end.lines += 1;
                if !line.trim().is_empty() {
                    self.push(line.trim(), at - self.start.lines, columns, &mut chunk);
                }
            }
            if chunk.end.bytes == before {
                break;
            }
            chunks.push(chunk);
        }
        Ok(chunks)
    }
}

/// A line of a file.
struct Series<'a> {
    channels: Vec<Vec<f64>>,
    class: &'a str,
}

impl Series<'_> {
    /// A longer channel is cut to the shortest.
    fn points(&self) -> usize {
        self.channels.iter().map(Vec::len).min().unwrap_or(0)
    }
}

/// Parses a series; a missing value, `?`, is NaN.
fn series(line: &str, classes: bool) -> Result<Series<'_>, String> {
    let (channels, class) = match classes {
        true => line.rsplit_once(':').ok_or("no class")?,
        false => (line, ""),
    };
    let value = |text: &str| number(text.as_bytes(), '.', true);
    let channel = |text: &str| text.split(',').map(value).collect();
    Ok(Series {
        channels: channels.split(':').map(channel).collect::<Result<_, _>>()?,
        class: class.trim(),
    })
}

#[cfg(test)]
mod tests {
    use super::super::{CsvOptions, Format, Source};
    use super::*;

    fn rows(text: &str, missing: bool) -> Result<Chunk, String> {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), text).unwrap();
        let source = Source::open(file.path(), Format::Ts, CsvOptions::default());
        let source = source.map_err(|error| error.to_string())?;
        let columns = Columns {
            numbers: source.channels(&[]),
            labels: source.ids(&[]).unwrap(),
            ids: 1,
            missing,
            ..Default::default()
        };
        let chunks = source.select(columns).unwrap().chunks(4);
        Ok(chunks.unwrap().into_iter().next().unwrap_or_default())
    }

    #[test]
    fn a_line_of_an_archive_is_a_series() {
        let text = "# comment\n@classLabel true a b\n@data\n1,2,?:4,5,6:a b\n\n7,8:9,10:c\n";
        let chunk = rows(text, true).unwrap();
        let labels = chunk.runs.iter().map(|run| (&*run.label, run.rows));
        assert_eq!(
            labels.collect::<Vec<_>>(),
            [("1\u{1f}a b", 3), ("3\u{1f}c", 2)]
        );
        assert_eq!(chunk.values[..4], [1.0, 4.0, 2.0, 5.0]);
        assert!(chunk.values[4].is_nan());
        assert_eq!(chunk.values[5..], [6.0, 7.0, 9.0, 8.0, 10.0]);
        let chunk = rows(text, false).unwrap();
        let bad = chunk.bad[0].to_string();
        assert_eq!(bad, "row 3 (line 4), column `dim_0`: the value is missing");
        let chunk = rows("@classLabel false\n@data\n1,2:4,5\n", true).unwrap();
        assert_eq!(chunk.values, [1.0, 4.0, 2.0, 5.0]);
    }

    #[test]
    fn what_is_wrong_is_told() {
        for (text, expected) in [
            ("1,2:a\n", "no line `@data`"),
            ("@data\n", "no series below"),
            ("@timestamps true\n@data\n", "times of their own"),
        ] {
            let message = rows(text, true).unwrap_err();
            assert!(message.contains(expected), "{message}");
        }
        let chunk = rows("@data\n1,2:a\n1,x:a\n1:2:a\n", true).unwrap();
        let bad: Vec<_> = chunk.bad.iter().map(ToString::to_string).collect();
        assert_eq!(
            bad,
            [
                "row 3 (line 3): `x` is not a number",
                "row 4 (line 4): 2 channels where the first series has 1"
            ]
        );
    }
}
