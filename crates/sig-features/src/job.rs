//! What a job computes: the options, checked against the columns that the file has.

use serde::{Deserialize, Serialize};
use sig_core::transforms::PathTransform;
use sig_core::{LogSignatureBasis, SignatureSpec, Windows};

use crate::args::{Basis, FeatureArgs};
use crate::error::Error;
use crate::input::Layout;

/// Columns beside the features that a Parquet file has.
pub(crate) const OWN_COLUMNS: [&str; 5] = ["start", "end", "row", "start_time", "end_time"];

/// Features that a Parquet file has at most: its writer keeps a page of each in memory.
const MOST_FEATURES: usize = 10_000;

/// What the output depends on; a job that goes on must be the same.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Job {
    pub(crate) depth: usize,
    pub(crate) log: Option<Basis>,
    pub(crate) group: Option<String>,
    pub(crate) columns: Vec<String>,
    pub(crate) time: Option<String>,
    /// None for whole paths.
    pub(crate) windows: Option<Windows>,
    pub(crate) transform: Vec<PathTransform>,
    pub(crate) f32: bool,
    pub(crate) part_mib: u64,
}

impl Job {
    /// The job that is asked for of a file with these columns.
    ///
    /// # Errors
    ///
    /// Says which option makes no sense, or which column there is not.
    pub(crate) fn new(args: &FeatureArgs, names: &[String]) -> Result<Self, Error> {
        let beside = [&args.group, &args.time];
        let is_channel = |name: &&String| !beside.iter().any(|other| other.as_ref() == Some(*name));
        let columns = match args.columns.is_empty() {
            true => names.iter().filter(is_channel).cloned().collect(),
            false => args.columns.clone(),
        };
        let job = Self {
            depth: args.depth,
            log: args.log,
            group: args.group.clone(),
            columns,
            time: args.time.clone(),
            windows: windows(args)?,
            transform: args.transform.clone(),
            f32: args.f32,
            part_mib: args.part_mib,
        };
        job.check()?;
        Ok(job)
    }

    fn check(&self) -> Result<(), Error> {
        let usage = |text: String| Err(Error::Usage(text));
        for (index, name) in self.columns.iter().enumerate() {
            if self.columns[..index].contains(name) {
                return usage(format!("--columns: `{name}` is there twice"));
            }
            if Some(name) == self.time.as_ref() {
                return usage(format!(
                    "--columns: `{name}` is the column of --time, a channel anyway"
                ));
            }
        }
        if self.group.is_some() && self.group == self.time {
            return usage("--group and --time are the same column".into());
        }
        if let Some(group) = self
            .group
            .as_ref()
            .filter(|group| OWN_COLUMNS.contains(&group.as_str()))
        {
            return usage(format!(
                "--group {group}: the output has a column of that name, too; give the file's another one"
            ));
        }
        let channels = self.channels().len();
        if self.columns.is_empty() && self.time.is_none() {
            return usage("no column is left to be a channel; see --columns".into());
        }
        let spec = SignatureSpec::try_new(channels, self.depth);
        let spec =
            spec.map_err(|error| Error::Usage(format!("--depth {}: {error}", self.depth)))?;
        let terms = match self.log {
            // Before it is known that there are not too many to be counted one by one.
            _ if spec.terms() > 100 * MOST_FEATURES => spec.terms(),
            None => spec.terms(),
            Some(basis) => LogSignatureBasis::from(basis).terms(channels, self.depth),
        };
        if terms > MOST_FEATURES {
            return usage(format!(
                "--depth {}: {channels} channels make {terms} features, more than the {MOST_FEATURES} \
                 columns that are allowed; lower the depth or choose --columns",
                self.depth
            ));
        }
        Ok(())
    }

    /// Where the columns are in the file.
    pub(crate) fn layout(&self, names: &[String]) -> Result<Layout, Error> {
        let find = |name: &String| {
            let mut found = (0..names.len()).filter(|&column| names[column] == *name);
            match (found.next(), found.next()) {
                (Some(column), None) => Ok(column),
                (Some(_), Some(_)) => {
                    Err(Error::Usage(format!("the file has two columns `{name}`")))
                }
                (None, _) => {
                    let names = names.join(", ");
                    Err(Error::Usage(format!(
                        "there is no column `{name}`; the columns are {names}"
                    )))
                }
            }
        };
        let numbers = self.columns.iter().chain(&self.time).map(find);
        Ok(Layout {
            numbers: numbers.collect::<Result<_, _>>()?,
            group: self.group.as_ref().map(find).transpose()?,
            names: names.to_vec(),
            missing: self.fills(),
        })
    }

    fn fills(&self) -> bool {
        let fills =
            |transform: &PathTransform| matches!(transform, PathTransform::ForwardFill { .. });
        self.transform.iter().any(fills)
    }

    /// Numbers of a point as it is read.
    pub(crate) fn width(&self) -> usize {
        self.columns.len() + usize::from(self.time.is_some())
    }

    /// What the channels of a transformed path are, letter by letter.
    pub(crate) fn channels(&self) -> Vec<String> {
        let start: Vec<String> = self.columns.iter().chain(&self.time).cloned().collect();
        let transforms = self.transform.iter();
        transforms.fold(start, |names, transform| transform.channel_names(names))
    }

    /// The names of the features.
    pub(crate) fn labels(&self) -> Vec<String> {
        let basis = self.log.map_or(LogSignatureBasis::Expand, Into::into);
        basis.labels(self.channels().len(), self.depth)
    }

    /// The first option in which another job differs from this one, which was before.
    pub(crate) fn difference(&self, other: &Self) -> Option<String> {
        let fields = |job: &Self| match serde_json::to_value(job) {
            Ok(serde_json::Value::Object(fields)) => fields,
            _ => unreachable!("a struct is an object"),
        };
        let (ours, theirs) = (fields(self), fields(other));
        let differs = ours
            .iter()
            .find(|(name, value)| theirs.get(*name) != Some(value));
        differs.map(|(name, value)| format!("{name} was {value} and is {}", theirs[name]))
    }
}

fn windows(args: &FeatureArgs) -> Result<Option<Windows>, Error> {
    let points = |name: &str, points: usize| match points {
        0 | 1 => Err(Error::Usage(format!(
            "--{name} {points}: a window needs at least 2 points"
        ))),
        points => Ok(points),
    };
    let hop = |points: usize| match args.hop.unwrap_or(points) {
        0 => Err(Error::Usage(
            "--hop 0: windows must move on by at least a point".into(),
        )),
        hop => Ok(hop),
    };
    match (args.window, args.expanding, args.dyadic) {
        (Some(window), ..) => {
            let window = points("window", window)?;
            Ok(Some(Windows::Sliding {
                window,
                hop: hop(window)?,
            }))
        }
        (_, Some(first), _) => {
            let first = points("expanding", first)?;
            Ok(Some(Windows::Expanding {
                first,
                hop: hop(first)?,
            }))
        }
        _ if args.hop.is_some() => Err(Error::Usage("--hop needs --window or --expanding".into())),
        (.., Some(levels)) if levels > 20 => Err(Error::Usage(format!(
            "--dyadic {levels}: at most 20 levels"
        ))),
        (.., Some(levels)) => Ok(Some(Windows::Dyadic { levels })),
        _ => Ok(None),
    }
}
