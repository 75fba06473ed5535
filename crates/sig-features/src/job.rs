//! What a job computes: the options, checked against the columns that the file has.

use serde::{Deserialize, Serialize};
use sig_core::logsignatures::LogSignatureBasis;
use sig_core::signatures::SignatureSpec;
use sig_core::transforms::PathTransform;
use sig_core::windows::Windows;
use sig_data::{Columns, Source};

use crate::args::FeatureArgs;
use crate::error::Error;

/// Columns beside the features that a Parquet file has.
pub(crate) const OWN_COLUMNS: [&str; 5] = ["start", "end", "row", "start_time", "end_time"];

/// Features that a Parquet file has at most: its writer keeps a page of each in memory.
const MOST_FEATURES: usize = 10_000;

/// What the output depends on; a job that goes on must be the same.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Job {
    pub(crate) depth: usize,
    pub(crate) log: Option<LogSignatureBasis>,
    pub(crate) group: Vec<String>,
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
    pub(crate) fn new(args: &FeatureArgs, source: &Source) -> Result<Self, Error> {
        let name = |column: usize| source.names()[column].clone();
        let ids = source.ids(&args.file.group)?;
        let columns = if args.file.columns.is_empty() {
            let taken = args.time.iter().chain(&args.file.drop);
            let taken = taken.map(|name| source.column(name.trim()));
            let taken = taken.chain(ids.iter().map(|&id| Ok(id)));
            let channels = source.channels(&taken.collect::<Result<Vec<_>, _>>()?);
            channels.into_iter().map(name).collect()
        } else {
            let names = args.file.columns.iter();
            names.map(|name| name.trim().to_string()).collect()
        };
        let job = Self {
            depth: args.depth,
            log: args.log,
            group: ids.into_iter().map(name).collect(),
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
        for (index, group) in self.group.iter().enumerate() {
            if self.group[..index].contains(group) {
                return usage(format!("--group: `{group}` is there twice"));
            }
            if Some(group) == self.time.as_ref() {
                return usage("--group and --time are the same column".into());
            }
            if OWN_COLUMNS.contains(&group.as_str()) {
                return usage(format!(
                    "--group {group}: the output has a column of that name, too; give the file's another \
                     one"
                ));
            }
        }
        if self.columns.is_empty() && self.time.is_none() {
            return usage("no column of numbers is left to be a channel; see --columns".into());
        }
        let (channels, depth) = (self.channels().len(), self.depth);
        let spec = SignatureSpec::try_new(channels, depth);
        let spec = spec.map_err(|error| Error::Usage(format!("--depth {depth}: {error}")))?;
        let terms = match self.log {
            // Before it is known that there are not too many to be counted one by one.
            Some(basis) if spec.terms() <= 100 * MOST_FEATURES => basis.terms(channels, depth),
            _ => spec.terms(),
        };
        if terms > MOST_FEATURES {
            return usage(format!(
                "--depth {depth}: {channels} channels make {terms} features, more than the \
                 {MOST_FEATURES} columns that are allowed; lower the depth or choose --columns"
            ));
        }
        Ok(())
    }

    /// Where the columns are in the file.
    pub(crate) fn columns(&self, source: &Source) -> Result<Columns, Error> {
        let find = |name: &String| source.column(name);
        let numbers = self.columns.iter().map(find);
        let fills = |transform: &_| matches!(transform, PathTransform::ForwardFill { .. });
        Ok(Columns {
            numbers: numbers.collect::<Result<_, _>>()?,
            clock: self.time.as_ref().map(find).transpose()?,
            missing: self.transform.iter().any(fills),
            labels: self.group.iter().map(find).collect::<Result<_, _>>()?,
            ids: self.group.len(),
        })
    }

    /// Numbers of a point as it is read.
    pub(crate) fn width(&self) -> usize {
        Columns::numbers_of(self.columns.len(), self.time.is_some())
    }

    /// Whether features do not change if a number is added to a channel throughout a window.
    pub(crate) fn is_of_increments(&self) -> bool {
        self.transform.iter().all(|transform| {
            use PathTransform::{LeadLag, Scale, TimeAugment};
            matches!(
                transform,
                LeadLag { .. } | Scale { .. } | TimeAugment { .. }
            )
        })
    }

    /// What the channels of a transformed path are, letter by letter.
    pub(crate) fn channels(&self) -> Vec<String> {
        let start: Vec<String> = self.columns.iter().chain(&self.time).cloned().collect();
        let transforms = self.transform.iter();
        transforms.fold(start, |names, transform| transform.channel_names(names))
    }

    /// The names of the features.
    pub(crate) fn labels(&self) -> Vec<String> {
        let basis = self.log.unwrap_or(LogSignatureBasis::Expand);
        basis.labels(self.channels().len(), self.depth)
    }
}

/// The windows that the options ask for; none for whole paths.
fn windows(args: &FeatureArgs) -> Result<Option<Windows>, Error> {
    let usage = |text: String| Err(Error::Usage(text));
    let Some(points) = args.window.or(args.expanding) else {
        return match args.dyadic {
            _ if args.hop.is_some() => usage("--hop needs --window or --expanding".into()),
            Some(levels) if levels > 20 => usage(format!("--dyadic {levels}: at most 20 levels")),
            levels => Ok(levels.map(|levels| Windows::Dyadic { levels })),
        };
    };
    let (window, first, hop) = (points, points, args.hop.unwrap_or(points));
    if points < 2 {
        let name = args.window.map_or("expanding", |_| "window");
        return usage(format!(
            "--{name} {points}: a window needs at least 2 points"
        ));
    }
    if hop == 0 {
        return usage("--hop 0: windows must move on by at least a point".into());
    }
    Ok(Some(match args.window {
        Some(_) => Windows::Sliding { window, hop },
        None => Windows::Expanding { first, hop },
    }))
}
