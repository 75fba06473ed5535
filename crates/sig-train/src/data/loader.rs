use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use burn::data::dataloader::{DataLoader, DataLoaderIterator, Progress};
use burn::data::dataset::DatasetError;
use burn::tensor::{Device, Tensor, TensorData};
use rand::SeedableRng;
use rand::rngs::StdRng;
use rand::seq::SliceRandom;

use super::{Part, Windows};
use crate::Error;

/// Windows side by side.
#[derive(Clone, Debug)]
pub(crate) struct Batch {
    /// `[batch, length, channels]`
    pub(crate) inputs: Tensor<3>,
    /// `[batch, horizon]`
    pub(crate) targets: Tensor<2>,
    /// Of how large a part of a training step's windows these are: 1, unless several devices have a part
    /// each. The gradient of the step is the sum over parts of this times that of the part's mean loss.
    pub(crate) part: f64,
}

/// The batches of one part. The order of an epoch depends on the seed and its number alone, so that
/// it is the same on every device and after a resume.
#[derive(Debug)]
pub(crate) struct WindowLoader {
    windows: Arc<Windows>,
    part: Part,
    batch_size: usize,
    device: Device,
    shuffle: Option<u64>,
    epoch: AtomicUsize,
    /// The part of each batch that is loaded: from one of these numbers to the other, out of the number
    /// of all windows.
    share: Range<usize>,
}

impl WindowLoader {
    /// Batches in the order of time.
    pub(crate) fn new(
        windows: Arc<Windows>,
        part: Part,
        batch_size: usize,
        device: &Device,
    ) -> Self {
        let device = device.clone();
        let share = 0..windows.count(part);
        Self {
            windows,
            part,
            batch_size,
            device,
            shuffle: None,
            epoch: AtomicUsize::new(1),
            share,
        }
    }

    /// Batches in an order that is new each epoch, the first being `epoch`.
    pub(crate) fn shuffled(mut self, seed: u64, epoch: usize) -> Self {
        self.shuffle = Some(seed);
        self.epoch = AtomicUsize::new(epoch);
        self
    }

    /// All batches of an epoch, for a loop of one's own.
    pub(crate) fn batches(&self) -> impl Iterator<Item = Batch> {
        let order = self.order();
        let count = order.len().div_ceil(self.batch_size);
        (0..count).map(move |index| {
            let end = ((index + 1) * self.batch_size).min(order.len());
            self.batch(&order[index * self.batch_size..end])
        })
    }

    /// That each of so many devices has a part of each batch.
    ///
    /// # Errors
    ///
    /// Says so if there are batches with fewer windows than devices.
    pub(crate) fn check_parts(&self, devices: usize) -> Result<(), Error> {
        let count = self.windows.count(self.part);
        let step = count / devices;
        for batch in self.batch_sizes() {
            let parts = (0..devices).map(|device| match device + 1 == devices {
                true => device * step..count,
                false => device * step..(device + 1) * step,
            });
            if parts
                .into_iter()
                .any(|share| part(batch, &share, count).is_empty())
            {
                return Err(Error::Usage(format!(
                    "--batch-size {}: a batch of {batch} windows, the last of {count}, has too few \
                     for {devices} devices",
                    self.batch_size
                )));
            }
        }
        Ok(())
    }

    /// The windows of a batch, and of the last one.
    fn batch_sizes(&self) -> [usize; 2] {
        let count = self.windows.count(self.part);
        let full = self.batch_size.min(count);
        let last = count % self.batch_size;
        [full, if last == 0 { full } else { last }]
    }

    fn order(&self) -> Vec<usize> {
        let mut order: Vec<_> = (0..self.windows.count(self.part)).collect();
        let epoch = self.epoch.fetch_add(1, Ordering::Relaxed);
        if let Some(seed) = self.shuffle {
            let mixed = seed ^ (epoch as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15);
            order.shuffle(&mut StdRng::seed_from_u64(mixed));
        }
        order
    }

    fn batch(&self, indices: &[usize]) -> Batch {
        let windows = &self.windows;
        let all = indices.len();
        let indices = &indices[part(all, &self.share, windows.count(self.part))];
        let inputs = indices
            .iter()
            .flat_map(|&index| windows.input(self.part, index));
        let targets = indices
            .iter()
            .flat_map(|&index| windows.target(self.part, index));
        let count = indices.len();
        let inputs = TensorData::new(
            inputs.collect::<Vec<_>>(),
            [count, windows.length, windows.channels()],
        );
        let targets = TensorData::new(targets.collect::<Vec<_>>(), [count, windows.horizon]);
        Batch {
            inputs: Tensor::from_data(inputs, &self.device),
            targets: Tensor::from_data(targets, &self.device),
            part: count as f64 / all as f64,
        }
    }
}

impl DataLoader<Batch> for WindowLoader {
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
        Arc::new(Self {
            windows: self.windows.clone(),
            device: device.clone(),
            epoch: AtomicUsize::new(self.epoch.load(Ordering::Relaxed)),
            share: self.share.clone(),
            ..*self
        })
    }

    /// A part of each batch, in place of some of the batches, so that a step on several devices is
    /// about the windows of a step on one.
    fn slice(&self, start: usize, end: usize) -> Arc<dyn DataLoader<Batch>> {
        Arc::new(Self {
            windows: self.windows.clone(),
            device: self.device.clone(),
            epoch: AtomicUsize::new(self.epoch.load(Ordering::Relaxed)),
            share: self.share.start + start..self.share.start + end,
            ..*self
        })
    }
}

/// Which of the windows of a batch are in a share of `all`, to the nearest whole one.
fn part(batch: usize, share: &Range<usize>, all: usize) -> Range<usize> {
    let nearest = |bound: usize| (2 * batch * bound + all) / (2 * all);
    nearest(share.start)..nearest(share.end)
}

struct Batches<'a> {
    loader: &'a WindowLoader,
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
        let loaded = |windows| part(windows, &loader.share, all).len();
        Progress::new(loaded(self.at), loaded(all), Some("windows".into()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::split::split;

    fn loader() -> WindowLoader {
        let rows = (0..40).map(|row| vec![row as f32, -row as f32]).collect();
        let targets = (0..40).map(|row| -row as f32).collect();
        let parts = split(40, 3, 2).unwrap().starts;
        let windows = Windows::of_series(rows, targets, parts, 3, 2);
        WindowLoader::new(Arc::new(windows), Part::Train, 10, &Device::flex())
    }

    #[test]
    fn paths_are_windows_with_a_target_each() {
        let rows = (0..20).map(|row| vec![row as f32]).collect();
        let targets = (0..10).map(|path| 10.0 * path as f32).collect();
        let windows = Windows::of_paths(rows, targets, [0..7, 7..8, 8..10], 2);
        let loader = WindowLoader::new(Arc::new(windows), Part::Test, 5, &Device::flex());
        let batch = loader.batches().next().unwrap();
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
