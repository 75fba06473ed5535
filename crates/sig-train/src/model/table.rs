use burn::module::Module;
use burn::tensor::{Device, Tensor};
use clap::ValueEnum;
use serde::{Deserialize, Serialize};
use sig_nn::{LogSigLayer, SigDense, SigKan, SigLayer};

use super::endings::Endings;
use super::gru::GruForecaster;
use super::linear::LinearForecaster;
use super::lstm::LstmForecaster;
use super::mlp::MlpForecaster;
use super::signature::SignatureForecaster;
use super::{Architecture, Sizes};

/// Makes [`ModelKind`] and [`Forecaster`] from one row per model: its description in `--help`, its
/// variant, its name on the command line and in every file, and its type if it is trained.
macro_rules! models {
    (
        $($(#[doc = $about:literal])* $kind:ident, $name:literal, $model:ty;)*
        @untrained $($(#[doc = $says:literal])* $rule:ident, $called:literal;)*
    ) => {
        /// A model of a study.
        #[derive(
            Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ValueEnum,
        )]
        pub enum ModelKind {
            $($(#[doc = $about])* #[value(name = $name)] #[serde(rename = $name)] $kind,)*
            $($(#[doc = $says])* #[value(name = $called)] #[serde(rename = $called)] $rule,)*
        }

        impl ModelKind {
            /// Every model.
            pub const ALL: [Self; [$($name,)* $($called),*].len()] =
                [$(Self::$kind,)* $(Self::$rule),*];

            /// The name on the command line and in every file.
            pub fn name(self) -> &'static str {
                match self { $(Self::$kind => $name,)* $(Self::$rule => $called,)* }
            }

            /// The default weight decay of AdamW.
            pub(crate) fn weight_decay(self) -> f32 {
                match self { $(Self::$kind => <$model>::WEIGHT_DECAY,)* $(Self::$rule => 0.0,)* }
            }

            /// Whether it is trained, rather than a rule that repeats values.
            pub(crate) fn learns(self) -> bool {
                match self { $(Self::$kind => true,)* $(Self::$rule => false,)* }
            }

            pub(crate) fn has_signature(self) -> bool {
                match self { $(Self::$kind => <$model>::HAS_SIGNATURE,)* $(Self::$rule => false,)* }
            }
        }

        /// One of the models that are trained.
        #[allow(clippy::large_enum_variant, reason = "a study holds one at a time")]
        #[derive(Module, Debug)]
        pub(crate) enum Forecaster {
            $($kind($model),)*
        }

        impl Forecaster {
            pub(crate) fn new(kind: ModelKind, sizes: &Sizes, device: &Device) -> Self {
                match kind {
                    $(ModelKind::$kind => Self::$kind(Architecture::new(sizes, device)),)*
                    $(ModelKind::$rule => panic!("{}: nothing is trained", $called),)*
                }
            }

            /// # Shapes
            ///
            /// - inputs: `[batch, length, channels]`
            /// - output: `[batch, horizon]`
            pub(crate) fn forward(&self, inputs: Tensor<3>) -> Tensor<2> {
                match self { $(Self::$kind(model) => model.forward(inputs),)* }
            }
        }
    };
}

models! {
    /// Kolmogorov–Arnold layer on each point, its outputs weighted by the signature of the window (SigKAN)
    SigKan, "sigkan", SignatureForecaster<SigKan>;
    /// Dense layer on each point, its outputs weighted by the signature of the window
    SigDense, "sigdense", SignatureForecaster<SigDense>;
    /// Hidden layer on the signatures of the last points of the window: all, half, a quarter …
    SigLayer, "siglayer", SignatureForecaster<Endings<SigLayer>>;
    /// The same as siglayer, on log-signatures
    LogSig, "logsig", SignatureForecaster<Endings<LogSigLayer>>;
    /// Gated recurrent unit, read at its last step
    Gru, "gru", GruForecaster;
    /// Long short-term memory, read at its last step
    Lstm, "lstm", LstmForecaster;
    /// Two hidden layers on the flattened window
    Mlp, "mlp", MlpForecaster;
    /// Linear map of the flattened window
    Linear, "linear", LinearForecaster;
    @untrained
    /// Repeats the last value of the target
    Naive, "naive";
    /// Repeats the value of the target a season before
    SeasonalNaive, "seasonal-naive";
}
