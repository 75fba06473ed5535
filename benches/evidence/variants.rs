//! What is compared with what.

use burn::tensor::Device;
use burn_sig::nn::SignatureScaling::{Factorial, LayerNorm, None as Unscaled, SignedLog};
use burn_sig::prelude::*;
use clap::ValueEnum;

use crate::data::Task;
use crate::features::Features;
use crate::model::{Change, Model};

/// A comparison.
#[derive(Clone, Copy, Debug, PartialEq, ValueEnum)]
pub(crate) enum Comparison {
    /// SigDense: its defaults, the reference, one option changed at a time; and an MLP
    Sigdense,
    /// The same of SigKan
    Sigkan,
    /// A linear layer on features of the path: depth, kind, transforms, windows, scaling
    Recipes,
}

/// A model in a table.
pub(crate) enum Variant {
    Weighted {
        kan: bool,
        changes: &'static [Change],
    },
    Features(Features),
    Mlp,
}

impl Comparison {
    /// The models with the heads of their columns.
    pub(crate) fn variants(self) -> Vec<(&'static str, Variant)> {
        match self {
            Self::Sigdense => weighted(false),
            Self::Sigkan => weighted(true),
            Self::Recipes => recipes(),
        }
    }
}

impl Variant {
    /// The data set that the model sees.
    pub(crate) fn task(&self, task: &Task, device: &Device) -> Task {
        match self {
            Self::Features(features) => features.of(task, device),
            _ => task.clone(),
        }
    }

    /// The untrained model.
    pub(crate) fn model(&self, depth: usize, task: &Task, device: &Device) -> Model {
        match self {
            Self::Weighted { kan, changes } => Model::weighted(*kan, changes, depth, task, device),
            Self::Features(_) => Model::linear(&[], task, device),
            Self::Mlp => Model::linear(&[64, 64], task, device),
        }
    }
}

fn weighted(kan: bool) -> Vec<(&'static str, Variant)> {
    use Change::{Basepoint, Gamma, GlorotTime, PlainPath, Reference, Scaling, SumOne};
    const VARIANTS: &[(&str, &[Change])] = &[
        ("default", &[]),
        ("reference", &[Reference]),
        ("sum 1", &[SumOne]),
        ("random time", &[GlorotTime]),
        ("plain path", &[PlainPath]),
        ("basepoint", &[Basepoint]),
        ("unscaled", &[Scaling(Unscaled)]),
        ("factorial", &[Scaling(Factorial)]),
        ("layer norm", &[Scaling(LayerNorm)]),
        ("signed log", &[Scaling(SignedLog)]),
        ("gamma 0.1", &[Gamma(0.1)]),
        ("sum 1 + gamma 0.1", &[SumOne, Gamma(0.1)]),
        ("random time + gamma 0.1", &[GlorotTime, Gamma(0.1)]),
    ];
    let variants = VARIANTS
        .iter()
        .map(|&(name, changes)| (name, Variant::Weighted { kan, changes }));
    variants.chain([("MLP", Variant::Mlp)]).collect()
}

fn recipes() -> Vec<(&'static str, Variant)> {
    let time = || PathTransform::TimeAugment { end_time: 1.0 };
    let lead_lag = || PathTransform::LeadLag {
        order: LeadLagOrder::LeadLag,
    };
    let base = Features {
        log: true,
        depth: 3,
        transforms: vec![time()],
        halvings: 0,
        scaling: Unscaled,
        standardised: true,
    };
    let of = |name, change: &dyn Fn(&mut Features)| {
        let mut features = base.clone();
        change(&mut features);
        (name, Variant::Features(features))
    };
    vec![
        of("base", &|_| {}),
        of("signature", &|new| new.log = false),
        of("depth 2", &|new| new.depth = 2),
        of("depth 4", &|new| new.depth = 4),
        of("no time", &|new| new.transforms.clear()),
        of("lead-lag", &|new| new.transforms.push(lead_lag())),
        of("basepoint", &|new| {
            new.transforms.push(PathTransform::Basepoint)
        }),
        of("halves", &|new| new.halvings = 1),
        of("quarters", &|new| new.halvings = 2),
        of("unscaled", &|new| new.standardised = false),
        of("layer norm", &|new| {
            (new.standardised, new.scaling) = (false, LayerNorm)
        }),
        of("factorial", &|new| {
            (new.standardised, new.scaling) = (false, Factorial)
        }),
        of("signed log", &|new| {
            (new.standardised, new.scaling) = (false, SignedLog)
        }),
    ]
}
