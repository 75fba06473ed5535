//! Plain numbers to tensors and back.

use burn::tensor::{DType, Device, Tensor, TensorData};

/// Numbers in C order and their sizes.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Array {
    pub(crate) shape: Vec<usize>,
    pub(crate) values: Vec<f64>,
}

impl Array {
    pub(crate) fn new(shape: impl Into<Vec<usize>>, values: Vec<f64>) -> Self {
        let shape = shape.into();
        assert_eq!(shape.iter().product::<usize>(), values.len(), "{shape:?}");
        Self { shape, values }
    }

    pub(crate) fn zeros(shape: impl Into<Vec<usize>>) -> Self {
        let shape = shape.into();
        let values = vec![0.0; shape.iter().product()];
        Self { shape, values }
    }

    /// The entry at an index of the first axis.
    pub(crate) fn row(&self, index: usize) -> Self {
        let shape = self.shape[1..].to_vec();
        let size = shape.iter().product::<usize>();
        let values = self.values[index * size..(index + 1) * size].to_vec();
        Self { shape, values }
    }

    /// Entries of the same sizes, put along a new first axis.
    pub(crate) fn stack(rows: &[Self]) -> Self {
        let mut shape = vec![rows.len()];
        shape.extend(&rows[0].shape);
        Self::new(shape, rows.iter().flat_map(|r| r.values.clone()).collect())
    }

    /// A part of the second axis of `[batch, length, channels]`.
    pub(crate) fn points(&self, range: std::ops::Range<usize>) -> Self {
        let rows: Vec<Self> = (0..self.shape[0])
            .map(|row| {
                let row = self.row(row);
                let points: Vec<Self> = range.clone().map(|t| row.row(t)).collect();
                Self::stack(&points)
            })
            .collect();
        Self::stack(&rows)
    }

    /// The numbers after a round trip through a dtype.
    pub(crate) fn rounded(&self, dtype: DType) -> Self {
        let data = TensorData::new(self.values.clone(), self.shape.clone()).convert_dtype(dtype);
        Self::new(self.shape.clone(), numbers(data))
    }

    pub(crate) fn tensor<const D: usize>(&self, device: &Device, dtype: DType) -> Tensor<D> {
        let data = TensorData::new(self.values.clone(), self.shape.clone()).convert_dtype(dtype);
        Tensor::from_data(data, (device, dtype))
    }
}

impl<const D: usize> From<Tensor<D>> for Array {
    fn from(tensor: Tensor<D>) -> Self {
        let shape = tensor.dims().to_vec();
        if shape.contains(&0) {
            // Burn 0.22 cannot read an empty tensor from a CubeCL device in a debug build.
            return Self::zeros(shape);
        }
        Self::new(shape, numbers(tensor.into_data()))
    }
}

fn numbers(data: TensorData) -> Vec<f64> {
    data.convert_dtype(DType::F64)
        .try_to_vec::<f64>()
        .expect("converted to f64 above")
}
