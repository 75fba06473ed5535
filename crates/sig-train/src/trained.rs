//! The trained models of an artifacts folder.

use std::fs;
use std::path::Path;

use crate::config::ModelKind;
use crate::runner::METRICS;
use crate::saved::FORECASTER;
use crate::{Error, StudyArgs, StudyReport};
use sig_data::Folder;

/// The folder of a trained model: that path, or the model of that name in the artifacts folder.
pub(crate) fn find(model: &Path, args: &StudyArgs) -> Result<Folder, Error> {
    if model.join(FORECASTER).is_file() {
        return Ok(Folder::existing(model));
    }
    let wrong = |what: String| Error::Usage(format!("--predict {}: {what}", model.display()));
    let seed = match args.seed[..] {
        [seed] => Some(seed),
        [] => {
            let report = Folder::existing(&args.artifacts).read_json::<StudyReport>(METRICS);
            report.ok().flatten().map(|report| report.seeds[0])
        }
        _ => return Err(wrong("a forecast is of one --seed".into())),
    };
    let root = args.artifacts.join(model);
    let named = seed.map(|seed| root.join(format!("seed-{seed}")));
    let found = named
        .iter()
        .chain([&root])
        .find(|path| path.join(FORECASTER).is_file());
    let folder = found.ok_or_else(|| {
        let place = named.as_ref().unwrap_or(&root).display();
        wrong(match model.to_str() {
            Some("naive") => "it is not trained, and repeats the last value".into(),
            Some("seasonal-naive") => "it is not trained, and repeats the last season".into(),
            _ => {
                let trained = match &*trained(&args.artifacts).join(", ") {
                    "" => "no model".into(),
                    models => models.to_string(),
                };
                let artifacts = args.artifacts.display();
                format!("there is no trained model in {place}; {artifacts} has {trained}")
            }
        })
    })?;
    Ok(Folder::existing(folder))
}

/// The trained models of an artifacts folder, each with its seeds.
fn trained(artifacts: &Path) -> Vec<String> {
    let models = ModelKind::ALL.into_iter().filter_map(|kind| {
        let folders = fs::read_dir(artifacts.join(kind.name())).ok()?;
        let folders = folders.filter_map(|entry| Some(entry.ok()?.path()));
        let trained = folders.filter(|folder| folder.join(FORECASTER).is_file());
        let seeds = trained.filter_map(|folder| {
            let seed = folder.file_name()?.to_str()?.strip_prefix("seed-")?;
            seed.parse::<u64>().ok()
        });
        let mut seeds: Vec<_> = seeds.collect();
        seeds.sort_unstable();
        let seeds: Vec<_> = seeds.iter().map(u64::to_string).collect();
        (!seeds.is_empty()).then(|| format!("{} (seed {})", kind.name(), seeds.join(", ")))
    });
    models.collect()
}
