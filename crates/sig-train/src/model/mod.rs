//! The models of the study, all from a window to a forecast:
//! `[batch, length, channels]` to `[batch, horizon]`.

mod forecaster;
mod gru;
mod linear;
mod lstm;
mod mlp;
mod naive;
mod signature;
mod weighted;

use burn::module::Module;
use burn::tensor::Device;
use sig_core::signatures::SignatureSpec;

pub(crate) use forecaster::Forecaster;

use crate::Error;
use crate::config::{ModelKind, Preset, StudyConfig};

/// More terms than this are a mistake: each window would have that many.
const MOST_TERMS: usize = 1_000_000;

/// Channels that the series are mixed into: those of the path whose signature is taken.
const MIXED: usize = 7;

/// The sizes that a model is made from.
#[derive(Clone, Debug)]
pub(crate) struct Sizes {
    pub(crate) preset: Preset,
    pub(crate) channels: usize,
    /// The channel that is forecast, if it is one.
    pub(crate) target: Option<usize>,
    pub(crate) length: usize,
    pub(crate) horizon: usize,
    pub(crate) depth: usize,
}

impl Sizes {
    pub(crate) fn new(config: &StudyConfig, channels: usize, target: Option<usize>) -> Self {
        let StudyConfig {
            preset,
            length,
            horizon,
            depth,
            ..
        } = *config;
        Self {
            preset,
            channels,
            target,
            length,
            horizon,
            depth,
        }
    }

    /// # Errors
    ///
    /// Says so if the signature has too many terms.
    pub(crate) fn check(&self, kind: ModelKind) -> Result<(), Error> {
        if !kind.has_signature() {
            return Ok(());
        }
        match SignatureSpec::try_new(MIXED, self.depth) {
            Ok(spec) if spec.terms() <= MOST_TERMS => Ok(()),
            _ => Err(Error::Usage(format!(
                "--depth {}: the signature of {MIXED} channels has more than {MOST_TERMS} terms",
                self.depth
            ))),
        }
    }
}

/// The model with its initial weights. They are made on the host from the seed, since every backend
/// has random numbers of its own, and then brought to the device.
pub(crate) fn init(kind: ModelKind, sizes: &Sizes, seed: u64, device: &Device) -> Forecaster {
    // The generator of the host is one for the whole process, and parameters are made when they are
    // first read: nobody else may seed it or draw from it in between.
    static GENERATOR: std::sync::Mutex<()> = std::sync::Mutex::new(());
    let record = {
        let _alone = GENERATOR
            .lock()
            .unwrap_or_else(|poisoned| poisoned.into_inner());
        let host = Device::flex();
        host.seed(seed);
        Forecaster::new(kind, sizes, &host).into_record()
    };
    Forecaster::new(kind, sizes, device).load_record(record)
}

#[cfg(test)]
mod tests {
    use super::*;
    use burn::tensor::Tensor;

    fn sizes() -> Sizes {
        Sizes {
            preset: Preset::Study,
            channels: 4,
            target: Some(1),
            length: 12,
            horizon: 3,
            depth: 2,
        }
    }

    #[test]
    fn every_model_maps_windows_to_forecasts() {
        let device = Device::flex();
        for preset in [Preset::Study, Preset::KerasSig] {
            let sizes = Sizes { preset, ..sizes() };
            for kind in ModelKind::ALL {
                let model = init(kind, &sizes, 1, &device);
                let output = model.forward(Tensor::ones([5, 12, 4], &device));
                assert_eq!(output.dims(), [5, 3], "{kind:?}");
            }
        }
    }

    #[test]
    fn the_seed_makes_the_weights() {
        let device = Device::flex();
        for kind in ModelKind::ALL {
            if kind == ModelKind::Naive {
                continue;
            }
            let output = |seed| {
                let model = init(kind, &sizes(), seed, &device);
                let output = model.forward(Tensor::ones([1, 12, 4], &device));
                output.into_data().try_to_vec::<f32>().unwrap()
            };
            assert_eq!(output(1), output(1), "{kind:?}");
            assert_ne!(output(1), output(2), "{kind:?}");
        }
    }

    /// Networks may not be told apart by their sizes.
    #[test]
    fn networks_have_similar_sizes() {
        let sizes = Sizes {
            channels: 5,
            length: 24,
            horizon: 4,
            ..sizes()
        };
        for kind in ModelKind::ALL {
            let parameters = init(kind, &sizes, 1, &Device::flex()).num_params();
            match kind {
                ModelKind::Naive => assert_eq!(parameters, 0),
                ModelKind::Linear => assert_eq!(parameters, 484),
                _ => assert!(
                    (13_000..18_000).contains(&parameters),
                    "{kind:?}: {parameters}"
                ),
            }
        }
    }

    #[test]
    fn naive_holds_the_last_value_or_forecasts_the_mean() {
        let device = Device::flex();
        let inputs = Tensor::<3>::from_floats([[[1., 2.], [3., 4.]]], &device);
        for (target, expected) in [(Some(1), [4.; 3]), (None, [0.; 3])] {
            let sizes = Sizes { target, ..sizes() };
            let output = init(ModelKind::Naive, &sizes, 1, &device).forward(inputs.clone());
            assert_eq!(output.into_data().try_to_vec::<f32>().unwrap(), expected);
        }
    }

    #[test]
    fn signatures_too_large_are_refused() {
        let check = |depth| Sizes { depth, ..sizes() }.check(ModelKind::SigDense);
        assert!(check(3).is_ok());
        for depth in [40, 4000] {
            let message = check(depth).unwrap_err().to_string();
            assert!(message.contains(&format!("--depth {depth}")), "{message}");
        }
    }
}
