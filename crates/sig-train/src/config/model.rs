use clap::ValueEnum;
use serde::{Deserialize, Serialize};

/// AdamW's decoupled weight decay for each model.
pub(super) const WEIGHT_DECAY: [(ModelKind, f32); 4] = [
    (ModelKind::SigDense, 1.0),
    (ModelKind::Mlp, 1.0),
    (ModelKind::Gru, 0.2),
    (ModelKind::Linear, 0.01),
];

/// A model that can be trained.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum ModelKind {
    /// A dense layer whose units are weighted by the signature of the window
    #[value(name = "sigdense")]
    #[serde(rename = "sigdense")]
    SigDense,
    /// Two hidden layers on the flattened window
    Mlp,
    /// A gated recurrent unit, read at its last step
    Gru,
    /// A linear map of the flattened window
    Linear,
}

impl ModelKind {
    /// Every model there is.
    pub const ALL: [Self; 4] = [Self::SigDense, Self::Mlp, Self::Gru, Self::Linear];

    /// The name on the command line and in every file.
    pub fn name(self) -> &'static str {
        match self {
            Self::SigDense => "sigdense",
            Self::Mlp => "mlp",
            Self::Gru => "gru",
            Self::Linear => "linear",
        }
    }
}
