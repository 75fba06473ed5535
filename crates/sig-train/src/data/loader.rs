use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use burn::data::dataloader::{DataLoader, DataLoaderIterator, Progress};
use burn::data::dataset::DatasetError;
use burn::tensor::{Device, Tensor, TensorData};
use rand::SeedableRng;
use rand::rngs::StdRng;
use rand::seq::SliceRandom;

use super::{Part, Windows};

/// Windows side by side.
#[derive(Clone, Debug)]
pub(crate) struct Batch {
    /// `[batch, length, channels]`
    pub(crate) inputs: Tensor<3>,
    /// `[batch, horizon]`
    pub(crate) targets: Tensor<2>,
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
        Self {
            windows,
            part,
            batch_size,
            device,
            shuffle: None,
            epoch: AtomicUsize::new(1),
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
        self.windows.count(self.part)
    }

    fn to_device(&self, device: &Device) -> Arc<dyn DataLoader<Batch>> {
        Arc::new(Self {
            windows: self.windows.clone(),
            device: device.clone(),
            epoch: AtomicUsize::new(self.epoch.load(Ordering::Relaxed)),
            ..*self
        })
    }

    /// # Panics
    ///
    /// Panics: it serves training on several devices, which a study does not do.
    fn slice(&self, _start: usize, _end: usize) -> Arc<dyn DataLoader<Batch>> {
        unimplemented!("a study trains on one device")
    }
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
        Progress::new(self.at, self.order.len(), Some("windows".into()))
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
