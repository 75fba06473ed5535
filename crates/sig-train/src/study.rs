//! From options to a study, new or resumed.

use std::path::Path;
use std::sync::Arc;

use crate::cli::ARTIFACTS;
use crate::config::ModelKind;
use crate::data::{self, Dataset};
use crate::devices::Devices;
use crate::output::print;
use crate::predict::predict;
use crate::report::{self, StudyReport};
use crate::runner::{CHECKPOINTS, CONFIG, HISTORY, LOSSES, METRICS, Runner};
use crate::saved::{FORECASTER, WEIGHTS};
use crate::training::Run;
use crate::{Error, StudyArgs, StudyConfig};
use sig_data::Folder;

/// Runs the study that the options describe, prints its table and returns its report. With
/// `--predict`, writes forecasts of a trained model instead, and there is no report.
///
/// # Errors
///
/// One line that says what is wrong with the options, the data, the device or the artifacts folder.
pub fn run(args: &StudyArgs) -> Result<Option<StudyReport>, Error> {
    if let Some(model) = &args.predict {
        return predict(model, args).map(|()| None);
    }
    if args.output.is_some() || args.last {
        let reason = "--output and --last need --predict MODEL, whose forecasts they are about";
        return Err(Error::Usage(reason.into()));
    }
    let devices = Devices::open(args)?;
    let mut config = configure(args)?;
    if !config.data.is_of_paths() {
        tell!(
            "windows: {} rows (--length); forecast: the next {} (--horizon)",
            config.length,
            config.horizon
        );
    }
    let datasets = datasets(&mut config)?;
    let compared = args
        .compare
        .as_ref()
        .is_some_and(|models| !models.is_empty());
    let chosen = !args.model.is_empty() || compared || args.resume;
    match config.data.season() {
        Some(season) => {
            tell!("season: {season} rows");
            if !chosen {
                config.models.push(ModelKind::SeasonalNaive);
            }
        }
        None if config.models.contains(&ModelKind::SeasonalNaive) => {
            let reason = "seasonal-naive: no season is found in the series; --season ROWS sets it";
            return Err(Error::Usage(reason.into()));
        }
        None => {}
    }
    let sizes = config.sizes(datasets[0].samples.channels());
    config
        .models
        .iter()
        .try_for_each(|&kind| sizes.check(kind))?;

    let artifacts = Folder::create(&args.artifacts)?;
    if !args.resume {
        clear(&artifacts)?;
        artifacts.write_json(CONFIG, &config)?;
    }
    let study = Runner {
        config,
        datasets,
        artifacts,
        devices,
        resume: resume(args),
    };
    let report = study.run(args.resume)?;
    print(format!("{}\n", report::table(&report)))?;
    report::worse_than_naive(&report)
        .iter()
        .for_each(|note| tell!("note: {note}"));
    let page = args.artifacts.join(report::PAGE);
    print(format!("{}\n", page.display()))?;
    Ok(Some(report))
}

/// The data of each seed and fold; a file is the same for all.
fn datasets(config: &mut StudyConfig) -> Result<Vec<Arc<Dataset>>, Error> {
    let seeds = config.seeds.clone();
    if config.data.task().is_none() {
        let folds = data::load(config, seeds[0])?;
        return Ok(vec![folds; seeds.len()].concat());
    }
    let all = seeds.into_iter().map(|seed| data::load(config, seed));
    Ok(all.collect::<Result<Vec<_>, _>>()?.concat())
}

/// The config of the options. With `--resume`, the one in the folder, which the options must not
/// contradict.
fn configure(args: &StudyArgs) -> Result<StudyConfig, Error> {
    if !args.resume {
        return StudyConfig::with_args(StudyConfig::preset(args.preset.unwrap_or_default()), args);
    }
    let folder = args.artifacts.display();
    let stored = Folder::existing(&args.artifacts).read_json::<StudyConfig>(CONFIG)?;
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
            "the study in {folder} began with other options: {difference}. It goes on as it began; to \
             train longer or otherwise, begin a new study without --resume, which replaces this one \
             unless --artifacts DIR names another folder"
        ))),
    }
}

/// The options that resume a study.
fn resume(args: &StudyArgs) -> String {
    let device = args.device.iter().map(|name| format!("--device {name}"));
    let count = args
        .devices
        .iter()
        .map(|count| format!("--devices {count}"));
    let remote = args.remote.iter().map(|url| format!("--remote {url}"));
    let artifacts = match &args.artifacts {
        folder if folder == Path::new(ARTIFACTS) => None,
        folder if folder.to_string_lossy().contains(' ') => {
            Some(format!("--artifacts '{}'", folder.display()))
        }
        folder => Some(format!("--artifacts {}", folder.display())),
    };
    let options = device.chain(count).chain(remote).chain(artifacts);
    options
        .chain(["--resume".into()])
        .collect::<Vec<_>>()
        .join(" ")
}

/// Removes the files of an earlier study, so that none of them is mistaken for one of this study.
///
/// # Errors
///
/// Refuses to touch a folder with files of these names that no study has written.
fn clear(artifacts: &Folder) -> Result<(), Error> {
    let results = report::FILES.iter().chain(&[METRICS, LOSSES]);
    let Ok(Some(stored)) = artifacts.read_json::<StudyConfig>(CONFIG) else {
        let foreign = [CONFIG]
            .iter()
            .chain(results)
            .find(|name| artifacts.has(name));
        return foreign.map_or(Ok(()), |name| {
            let path = artifacts.path(name);
            Err(Error::data(
                &path,
                "refusing to overwrite: not created by sig-train; choose another --artifacts folder",
            ))
        });
    };
    artifacts.remove_unfinished()?;
    results
        .copied()
        .try_for_each(|name| artifacts.remove(name))?;
    for run in Run::all(&stored) {
        let folder = run.folder(artifacts);
        folder.remove_folder(CHECKPOINTS)?;
        folder.remove_unfinished()?;
        [HISTORY, FORECASTER, WEIGHTS]
            .iter()
            .try_for_each(|name| folder.remove(name))?;
        folder.remove_empty_folder("");
        artifacts.remove_empty_folder(run.model.name());
    }
    Ok(artifacts.remove(CONFIG)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stopped_study_says_how_to_go_on() {
        let args = |artifacts: &str, device: Option<&str>| StudyArgs {
            artifacts: artifacts.into(),
            device: device.map(String::from),
            ..Default::default()
        };
        for (args, expected) in [
            (args(ARTIFACTS, None), "--resume"),
            (args("ak", None), "--artifacts ak --resume"),
            (
                args("my runs", Some("flex")),
                "--device flex --artifacts 'my runs' --resume",
            ),
        ] {
            let stopped = Error::Stopped {
                model: "gru".into(),
                epoch: 5,
                options: resume(&args),
            };
            let expected = format!("stopped at epoch 5 of gru; go on with {expected}");
            assert_eq!(stopped.to_string(), expected);
        }
    }
}
