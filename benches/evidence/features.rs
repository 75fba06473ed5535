//! Features of paths by a signature or log-signature layer, computed once.

use burn::module::Module;
use burn::tensor::Device;
use burn_sig::prelude::*;

use crate::data::{Samples, Task};

/// Standardised features beyond this are cut.
const MOST: f64 = 4.0;

/// The options of a signature layer.
#[derive(Clone, Debug)]
pub(crate) struct Features {
    pub(crate) log: bool,
    pub(crate) depth: usize,
    pub(crate) transforms: Vec<PathTransform>,
    /// How often the path is halved: 1 adds the features of its halves, 2 those of its quarters, too.
    pub(crate) halvings: u32,
    pub(crate) scaling: SignatureScaling,
    /// Whether each feature is brought to mean 0 and deviation 1 over the training part, and cut at
    /// plus and minus [`MOST`].
    pub(crate) standardised: bool,
}

impl Features {
    /// The data set with the features of each path in its place, as a path of one point.
    pub(crate) fn of(&self, task: &Task, device: &Device) -> Task {
        let [_, _, channels] = task.train.paths.dims();
        macro_rules! layer {
            ($config:ty) => {{
                let layer = <$config>::new(self.depth)
                    .with_transforms(self.transforms.clone())
                    .with_windows(Some(Windows::Dyadic {
                        levels: self.halvings,
                    }))
                    .with_scaling(self.scaling)
                    .with_channels(Some(channels))
                    .init(device)
                    .valid();
                Box::new(move |samples: &Samples| {
                    let path = samples.paths.clone().inner();
                    layer.forward_windows_ragged(path, &samples.lengths).0
                })
            }};
        }
        let layer: Box<dyn Fn(&Samples) -> _> = match self.log {
            true => layer!(LogSigLayerConfig),
            false => layer!(SigLayerConfig),
        };
        let features = |samples: &Samples| layer(samples).flatten::<2>(1, 2);
        let train = features(&task.train);
        let mean = train.clone().mean_dim(0);
        let width = (train - mean.clone()).square().mean_dim(0).sqrt() + 1e-6;
        let part = |samples: &Samples| {
            let mut features = features(samples);
            if self.standardised {
                features = ((features - mean.clone()) / width.clone()).clamp(-MOST, MOST);
            }
            let mut samples = samples.clone();
            samples.paths = features.unsqueeze_dim::<3>(1).to_device(device);
            samples.lengths.fill(1);
            samples
        };
        Task {
            name: task.name,
            train: part(&task.train),
            valid: task.valid.as_ref().map(part),
            test: part(&task.test),
            classes: task.classes,
        }
    }
}
