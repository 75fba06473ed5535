use clap::ValueEnum;
use serde::{Deserialize, Serialize};

/// AdamW's decoupled weight decay for each model.
pub(super) const WEIGHT_DECAY: [(ModelKind, f32); 9] = [
    (ModelKind::SigKan, 1.0),
    (ModelKind::SigDense, 1.0),
    (ModelKind::SigLayer, 1.0),
    (ModelKind::LogSig, 1.0),
    (ModelKind::Gru, 0.2),
    (ModelKind::Lstm, 0.2),
    (ModelKind::Mlp, 0.6),
    (ModelKind::Linear, 0.01),
    (ModelKind::Naive, 0.0),
];

/// A model that can be trained.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum ModelKind {
    /// A Kolmogorov–Arnold layer whose units are weighted by the signature of the window
    #[value(name = "sigkan")]
    #[serde(rename = "sigkan")]
    SigKan,
    /// A dense layer whose units are weighted by the signature of the window
    #[value(name = "sigdense")]
    #[serde(rename = "sigdense")]
    SigDense,
    /// A hidden layer on signatures of the window and of its endings
    #[value(name = "siglayer")]
    #[serde(rename = "siglayer")]
    SigLayer,
    /// The same on log-signatures
    #[value(name = "logsig")]
    #[serde(rename = "logsig")]
    LogSig,
    /// A gated recurrent unit, read at its last step
    Gru,
    /// Long short-term memory, read at its last step
    Lstm,
    /// Two hidden layers on the flattened window
    Mlp,
    /// A linear map of the flattened window
    Linear,
    /// The last value of the target, held
    Naive,
}

impl ModelKind {
    /// Every model there is.
    pub const ALL: [Self; 9] = [
        Self::SigKan,
        Self::SigDense,
        Self::SigLayer,
        Self::LogSig,
        Self::Gru,
        Self::Lstm,
        Self::Mlp,
        Self::Linear,
        Self::Naive,
    ];

    /// The name on the command line and in every file.
    pub fn name(self) -> &'static str {
        match self {
            Self::SigKan => "sigkan",
            Self::SigDense => "sigdense",
            Self::SigLayer => "siglayer",
            Self::LogSig => "logsig",
            Self::Gru => "gru",
            Self::Lstm => "lstm",
            Self::Mlp => "mlp",
            Self::Linear => "linear",
            Self::Naive => "naive",
        }
    }

    /// Whether there is anything to be trained.
    pub(crate) fn learns(self) -> bool {
        self != Self::Naive
    }

    /// Whether its size grows with the depth of a signature.
    pub(crate) fn has_signature(self) -> bool {
        matches!(
            self,
            Self::SigKan | Self::SigDense | Self::SigLayer | Self::LogSig
        )
    }
}
