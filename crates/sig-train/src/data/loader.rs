use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use burn::data::dataloader::{DataLoader, DataLoaderIterator, Progress};
use burn::data::dataset::DatasetError;
use burn::tensor::{Device, Tensor, TensorData};
use rand::SeedableRng;
use rand::rngs::StdRng;
use rand::seq::SliceRandom;

use super::{Part, Samples};
use crate::Error;

/// Samples side by side.
#[derive(Clone, Debug)]
pub(crate) struct Batch {
    /// `[batch, length, channels]`
    pub(crate) inputs: Tensor<3>,
    /// `[batch, horizon]`
    pub(crate) targets: Tensor<2>,
    /// The share of a training step's samples that are in this batch: 1, unless several devices
    /// share the step. The gradient of the step is the sum over devices of this share times the
    /// gradient of the device's mean loss.
    pub(crate) part: f64,
}

/// The batches of one part. The order of an epoch depends on the seed and the number of the epoch
/// alone, so it is the same on every device and after a resume.
#[derive(Debug)]
pub(crate) struct SampleLoader {
    samples: Arc<Samples>,
    part: Part,
    batch_size: usize,
    device: Device,
    shuffle: Option<u64>,
    epoch: AtomicUsize,
    /// The share of each batch that is loaded, as a range out of the number of all samples.
    share: Range<usize>,
}

impl SampleLoader {
    /// Batches in the order of time.
    pub(crate) fn new(
        samples: Arc<Samples>,
        part: Part,
        batch_size: usize,
        device: &Device,
    ) -> Self {
        Self {
            share: 0..samples.count(part),
            samples,
            part,
            batch_size,
            device: device.clone(),
            shuffle: None,
            epoch: AtomicUsize::new(1),
        }
    }

    /// Batches in a new order each epoch; the first epoch is `epoch`.
    pub(crate) fn shuffled(mut self, seed: u64, epoch: usize) -> Self {
        self.shuffle = Some(seed);
        self.epoch = AtomicUsize::new(epoch);
        self
    }

    /// Checks that every device gets samples of every batch.
    ///
    /// # Errors
    ///
    /// Names the size of a batch that has fewer samples than devices.
    pub(crate) fn check_parts(&self, devices: usize) -> Result<(), Error> {
        let count = self.samples.count(self.part);
        // Burn gives what is left over to the last device.
        let step = count / devices;
        let bounds: Vec<_> = (0..devices)
            .map(|device| device * step)
            .chain([count])
            .collect();
        let starves = |batch: &usize| {
            let mut shares = bounds.windows(2).map(|ends| ends[0]..ends[1]);
            shares.any(|share| part(*batch, &share, count).is_empty())
        };
        let full = self.batch_size.min(count);
        let last = (count - 1) % self.batch_size + 1;
        match [full, last].into_iter().find(starves) {
            None => Ok(()),
            Some(batch) => Err(Error::Usage(format!(
                "--batch-size {}: a batch of {batch} windows, the last of {count}, has too few \
                 for {devices} devices",
                self.batch_size
            ))),
        }
    }

    fn order(&self) -> Vec<usize> {
        let mut order: Vec<_> = (0..self.samples.count(self.part)).collect();
        let epoch = self.epoch.fetch_add(1, Ordering::Relaxed);
        if let Some(seed) = self.shuffle {
            let mixed = seed ^ (epoch as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15);
            order.shuffle(&mut StdRng::seed_from_u64(mixed));
        }
        order
    }

    fn batch(&self, indices: &[usize]) -> Batch {
        let samples = &self.samples;
        let all = indices.len();
        let indices = &indices[part(all, &self.share, samples.count(self.part))];
        let count = indices.len();
        let each = || indices.iter().copied();
        let inputs = each().flat_map(|i| samples.input(self.part, i)).collect();
        let targets = each().flat_map(|i| samples.target(self.part, i)).collect();
        let shape = [count, samples.length, samples.channels()];
        Batch {
            inputs: Tensor::from_data(TensorData::new(inputs, shape), &self.device),
            targets: Tensor::from_data(
                TensorData::new(targets, [count, samples.horizon]),
                &self.device,
            ),
            part: count as f64 / all as f64,
        }
    }

    fn with(&self, device: &Device, share: Range<usize>) -> Arc<dyn DataLoader<Batch>> {
        Arc::new(Self {
            samples: self.samples.clone(),
            device: device.clone(),
            epoch: AtomicUsize::new(self.epoch.load(Ordering::Relaxed)),
            share,
            ..*self
        })
    }
}

impl DataLoader<Batch> for SampleLoader {
    fn iter<'a>(&'a self) -> Box<dyn DataLoaderIterator<Batch> + 'a> {
        Box::new(Batches {
            loader: self,
            order: self.order(),
            at: 0,
        })
    }

    fn num_items(&self) -> usize {
        self.share.len()
    }

    fn to_device(&self, device: &Device) -> Arc<dyn DataLoader<Batch>> {
        self.with(device, self.share.clone())
    }

    /// A share of each batch rather than some of the batches: a step on several devices is about
    /// the same samples as a step on one.
    fn slice(&self, start: usize, end: usize) -> Arc<dyn DataLoader<Batch>> {
        let share = self.share.start + start..self.share.start + end;
        self.with(&self.device, share)
    }
}

/// The samples of a batch that are in a share of `all`, to the nearest whole one.
fn part(batch: usize, share: &Range<usize>, all: usize) -> Range<usize> {
    let nearest = |bound: usize| (2 * batch * bound + all) / (2 * all);
    nearest(share.start)..nearest(share.end)
}

struct Batches<'a> {
    loader: &'a SampleLoader,
    order: Vec<usize>,
    at: usize,
}

impl Iterator for Batches<'_> {
    type Item = Result<Batch, DatasetError>;

    fn next(&mut self) -> Option<Self::Item> {
        let end = (self.at + self.loader.batch_size).min(self.order.len());
        let indices = &self.order[self.at..end];
        self.at = end;
        (!indices.is_empty()).then(|| Ok(self.loader.batch(indices)))
    }
}

impl DataLoaderIterator<Batch> for Batches<'_> {
    fn progress(&self) -> Progress {
        let loader = self.loader;
        let all = self.order.len();
        let loaded = |samples| part(samples, &loader.share, all).len();
        Progress::new(loaded(self.at), loaded(all), Some("windows".into()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::Relative;
    use crate::data::split::split;

    fn loader() -> SampleLoader {
        let samples = Samples {
            rows: (0..40)
                .map(|row| vec![f64::from(row), -f64::from(row)])
                .collect(),
            targets: (0..40).map(|row| -f64::from(row)).collect(),
            parts: split(40, 3, 2).unwrap().map(Vec::from_iter),
            of_paths: false,
            relative: None,
            length: 3,
            horizon: 2,
        };
        SampleLoader::new(Arc::new(samples), Part::Train, 10, &Device::flex())
    }

    #[test]
    fn paths_are_windows_with_a_target_each() {
        let samples = Samples {
            rows: (0..20).map(|row| vec![f64::from(row)]).collect(),
            targets: (0..10).map(|path| 10.0 * f64::from(path)).collect(),
            parts: split(10, 0, 1).unwrap().map(Vec::from_iter),
            of_paths: true,
            relative: None,
            length: 2,
            horizon: 1,
        };
        let loader = SampleLoader::new(Arc::new(samples), Part::Test, 5, &Device::flex());
        let batch = loader.iter().next().unwrap().unwrap();
        assert_eq!(batch.inputs.dims(), [2, 2, 1]);
        let values = |data: TensorData| data.try_to_vec::<f32>().unwrap();
        assert_eq!(values(batch.inputs.into_data()), [16., 17., 18., 19.]);
        assert_eq!(values(batch.targets.into_data()), [80., 90.]);
    }

    fn firsts(loader: &dyn DataLoader<Batch>) -> Vec<f32> {
        let first = |batch: Batch| batch.targets.narrow(1, 0, 1);
        loader
            .iter()
            .flat_map(|batch| {
                first(batch.unwrap())
                    .into_data()
                    .try_to_vec::<f32>()
                    .unwrap()
            })
            .collect()
    }

    #[test]
    fn windows_see_what_comes_before_what_they_forecast() {
        let batch = loader().iter().next().unwrap().unwrap();
        assert_eq!(batch.inputs.dims(), [10, 3, 2]);
        let inputs = batch
            .inputs
            .narrow(0, 0, 1)
            .into_data()
            .try_to_vec::<f32>()
            .unwrap();
        assert_eq!(inputs, [0., 0., 1., -1., 2., -2.]);
        let targets = batch
            .targets
            .narrow(0, 0, 1)
            .into_data()
            .try_to_vec::<f32>()
            .unwrap();
        assert_eq!(targets, [-3., -4.]);
    }

    #[test]
    fn relative_windows_come_back() {
        let samples = |relative, length| Samples {
            rows: (0..20).map(|row| vec![f64::from(row * row), 7.0]).collect(),
            targets: (0..20).map(|row| f64::from(row * row)).collect(),
            parts: split(20, 3, 2).unwrap().map(Vec::from_iter),
            of_paths: false,
            relative: Some((relative, 0)),
            length,
            horizon: 2,
        };
        // Rows 4, 5, 6, then 7 and 8; the second time without row 4.
        for (relative, length, input, target) in [
            (
                Relative::Last,
                3,
                &[-20., 0., -11., 0., 0., 0.][..],
                [13., 28.],
            ),
            (Relative::Before, 2, &[9., 0., 11., 0.], [13., 15.]),
        ] {
            let samples = samples(relative, length);
            let found: Vec<_> = samples.input(Part::Train, 4).collect();
            assert_eq!(found, input);
            let found: Vec<_> = samples.target(Part::Train, 4).collect();
            assert_eq!(found, target);
            let mut forecast = target.map(f64::from);
            samples.absolute(Part::Train, 4, &mut forecast);
            assert_eq!(forecast, [49.0, 64.0]);
        }
    }

    #[test]
    fn every_window_comes_once_and_the_last_batch_is_kept() {
        let loader = loader().shuffled(7, 1);
        let mut seen = firsts(&loader);
        assert_eq!(seen.len(), loader.num_items());
        assert!(!seen.len().is_multiple_of(10));
        seen.sort_by(|a, b| b.total_cmp(a));
        let expected: Vec<f32> = (3..27).map(|row| -row as f32).collect();
        assert_eq!(seen, expected);
    }

    #[test]
    fn the_order_depends_on_seed_and_epoch_alone() {
        let one = loader().shuffled(7, 1);
        let (first, second) = (firsts(&one), firsts(&one));
        assert_ne!(first, second);
        let resumed = loader().shuffled(7, 2);
        assert_eq!(firsts(&*resumed.to_device(&Device::flex())), second);
        assert_ne!(firsts(&loader().shuffled(8, 1)), first);
    }
}
