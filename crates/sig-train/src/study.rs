//! From options to a study, new or going on.

use std::sync::Arc;

use crate::artifacts::Artifacts;
use crate::config::ModelKind;
use crate::data::{self, Dataset};
use crate::device::NamedDevice;
use crate::model::Sizes;
use crate::report::{self, FORECAST_PLOT, LOSS_PLOT, StudyReport};
use crate::runner::{CHECKPOINTS, CONFIG, HISTORY, LOSSES, METRICS, Runner, WEIGHTS};
use crate::{Error, StudyArgs, StudyConfig};

/// Runs the study that the options ask for and prints its table.
///
/// # Errors
///
/// One line that says what is wrong with the options, the data, the device or the artifacts folder.
pub fn run(args: &StudyArgs) -> Result<StudyReport, Error> {
    let device = NamedDevice::open(args.device.as_deref())?;
    let config = configure(args)?;
    let dataset = data::load(&config)?;
    let windows = &dataset.windows;
    let sizes = Sizes::new(&config, windows.channels()).with_target(windows.target);
    config
        .models
        .iter()
        .try_for_each(|&kind| sizes.check(kind))?;

    let artifacts = Artifacts::create(&args.artifacts)?;
    if !args.resume {
        clear(&artifacts)?;
        artifacts.write_json(CONFIG, &config)?;
    }
    let Dataset {
        windows,
        names,
        scale,
    } = dataset;
    let windows = Arc::new(windows);
    let study = Runner {
        config,
        windows,
        names,
        scale,
        sizes,
        artifacts,
        device,
    };
    let report = study.run(args.resume)?;
    println!("{}", report::table(&report));
    Ok(report)
}

/// The config of the options, or with `--resume` the one in the folder, which the options must not
/// contradict.
fn configure(args: &StudyArgs) -> Result<StudyConfig, Error> {
    if !args.resume {
        return StudyConfig::with_args(StudyConfig::preset(args.preset.unwrap_or_default()), args);
    }
    let folder = args.artifacts.display();
    let stored = Artifacts::existing(&args.artifacts).read_json::<StudyConfig>(CONFIG)?;
    let stored = stored
        .ok_or_else(|| Error::Resume(format!("there is no study in {folder}, no {CONFIG}")))?;
    let preset = args.preset.unwrap_or(stored.preset);
    let wanted = StudyConfig {
        preset,
        ..StudyConfig::with_args(stored.clone(), args)?
    };
    match stored.difference(&wanted) {
        None => Ok(stored),
        Some(difference) => Err(Error::Resume(format!(
            "the study in {folder} is another one: {difference}"
        ))),
    }
}

/// Removes what an earlier study left, so that nothing of it is taken for this one's.
///
/// # Errors
///
/// Refuses to touch a folder with files of these names that no study has written.
fn clear(artifacts: &Artifacts) -> Result<(), Error> {
    let results = [METRICS, LOSSES, LOSS_PLOT, FORECAST_PLOT];
    let stored = artifacts.read_json::<StudyConfig>(CONFIG);
    if !matches!(stored, Ok(Some(_))) {
        let foreign = [CONFIG]
            .iter()
            .chain(&results)
            .find(|name| artifacts.has(name));
        return foreign.map_or(Ok(()), |name| {
            let path = artifacts.path(name);
            Err(Error::data(
                &path,
                "this is no study's; choose another --artifacts folder",
            ))
        });
    }
    results.iter().try_for_each(|name| artifacts.remove(name))?;
    for kind in ModelKind::ALL {
        let folder = artifacts.of_model(kind.name());
        folder.remove_folder(CHECKPOINTS)?;
        [HISTORY, WEIGHTS]
            .iter()
            .try_for_each(|name| folder.remove(name))?;
    }
    artifacts.remove(CONFIG)
}
