use super::*;

fn config(args: StudyArgs) -> Result<StudyConfig, Error> {
    StudyConfig::with_args(StudyConfig::preset(Preset::Study), &args)
}

#[test]
fn zeros_are_refused_by_the_name_of_their_option() {
    let none = StudyArgs::default;
    let cases = [
        (
            "--length",
            StudyArgs {
                length: Some(1),
                ..none()
            },
        ),
        (
            "--horizon",
            StudyArgs {
                horizon: Some(0),
                ..none()
            },
        ),
        (
            "--depth",
            StudyArgs {
                depth: Some(0),
                ..none()
            },
        ),
        (
            "--epochs",
            StudyArgs {
                epochs: Some(0),
                ..none()
            },
        ),
        (
            "--batch-size",
            StudyArgs {
                batch_size: Some(0),
                ..none()
            },
        ),
    ];
    for (option, args) in cases {
        let message = config(args).unwrap_err().to_string();
        assert!(message.starts_with(option), "{message}");
    }
}

#[test]
fn a_task_brings_its_windows_and_a_study_that_goes_on_keeps_its_own() {
    let args = |length| StudyArgs {
        task: Some(Task::Fbm),
        length,
        ..Default::default()
    };
    let fbm = config(args(None)).unwrap();
    assert_eq!((fbm.length, fbm.horizon), (64, 1));
    let longer = config(args(Some(80))).unwrap();
    let again = StudyConfig::with_args(longer.clone(), &args(None)).unwrap();
    assert_eq!(longer, again);
}

#[test]
fn compare_alone_is_every_model() {
    let compare = |models: &[ModelKind]| StudyArgs {
        compare: Some(models.to_vec()),
        ..Default::default()
    };
    // Whether there is a season is not known yet.
    let all = &ModelKind::ALL[..ModelKind::ALL.len() - 1];
    assert_eq!(config(compare(&[])).unwrap().models, all);
    let two = [ModelKind::Gru, ModelKind::Mlp];
    assert_eq!(config(compare(&two)).unwrap().models, two);
}

#[test]
fn differences_are_named() {
    let one = config(StudyArgs::default()).unwrap();
    let mut other = one.clone();
    assert_eq!(one.difference(&other), None);
    other.training.stop_patience = 99;
    let found = one.difference(&other).unwrap();
    assert!(
        found == "training.stop_patience is 15 there and 99 here",
        "{found}"
    );
}

#[test]
fn help_tells_the_defaults() {
    let command = <StudyArgs as clap::Args>::augment_args(clap::Command::new("study"));
    let [study, keras] = [Preset::Study, Preset::KerasSig].map(StudyConfig::preset);
    let numbers = |config: &StudyConfig| {
        [
            ("length", config.length),
            ("horizon", config.horizon),
            ("depth", config.depth),
            ("epochs", config.epochs),
            ("batch_size", config.batch_size),
        ]
    };
    for ((option, default), (_, other)) in numbers(&study).into_iter().zip(numbers(&keras)) {
        let mut options = command.get_arguments();
        let option = options.find(|found| found.get_id() == option).unwrap();
        let help = option.get_help().unwrap().to_string();
        assert!(help.contains(&format!("[default: {default}")), "{help}");
        let told = help.contains(&format!("{other} with --preset keras-sig"));
        assert_eq!(told, other != default, "{help}");
    }
}

#[test]
fn config_survives_json() {
    for preset in [Preset::Study, Preset::KerasSig] {
        let config = StudyConfig::preset(preset);
        let text = serde_json::to_string(&config).unwrap();
        assert_eq!(serde_json::from_str::<StudyConfig>(&text).unwrap(), config);
    }
}
