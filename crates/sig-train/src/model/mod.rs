//! The models of the study. Each maps a window to a forecast:
//! `[batch, length, channels]` to `[batch, horizon]`.
//!
//! To add a model, write its file, with an [`Architecture`], name it here, and add its row in
//! [`table`].

mod architecture;
mod endings;
mod gru;
mod linear;
mod lstm;
mod mlp;
mod signature;
mod step;
mod table;
mod weighted;

use burn::module::Module;
use burn::tensor::Device;

pub use architecture::Preset;
pub(crate) use architecture::{Architecture, Sizes};
pub(crate) use table::Forecaster;
pub use table::ModelKind;

/// Makes a model with its initial weights. They are drawn on the host from the seed and then
/// brought to the device, since every backend has a random number generator of its own.
pub(crate) fn init(kind: ModelKind, sizes: &Sizes, seed: u64, device: &Device) -> Forecaster {
    // The host has one generator per process, and parameters are drawn when they are first read:
    // nobody else may seed the generator or draw from it in between.
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
            for kind in ModelKind::ALL.into_iter().filter(|kind| kind.learns()) {
                let model = init(kind, &sizes, 1, &device);
                let output = model.forward(Tensor::ones([5, 12, 4], &device));
                assert_eq!(output.dims(), [5, 3], "{kind:?}");
            }
        }
    }

    #[test]
    fn the_seed_makes_the_weights() {
        let device = Device::flex();
        for kind in ModelKind::ALL.into_iter().filter(|kind| kind.learns()) {
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
        for kind in ModelKind::ALL.into_iter().filter(|kind| kind.learns()) {
            let parameters = init(kind, &sizes, 1, &Device::flex()).num_params();
            match kind {
                ModelKind::Linear => assert_eq!(parameters, 484),
                _ => assert!(
                    (13_000..18_000).contains(&parameters),
                    "{kind:?}: {parameters}"
                ),
            }
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
