use burn::backend::tensor::FloatTensor;
use burn::tensor::Shape;
#[cfg(feature = "host-backend")]
use sig_core::backend::{HostNumber, HostTensor};
use sig_core::backend::{Operation, SignatureOps};

use super::portable;

/// The field along increments and areas: of states `[batch, hidden]`, controls
/// `[batch, channels + channels²]` and the weight and bias of each layer in a row, `[batch, hidden]`.
///
/// With the antisymmetric `L` of the areas the second sum of the field is `Σ_j Df_j v_j`,
/// `v_j = Σ_i L_ij f_i`: a tangent per channel is pushed through the network, and in the last layer
/// only block `j` of tangent `j` is needed, so that the Jacobians of all pairs are never formed.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct FieldWithAreas {
    /// The numbers of the state, of each hidden layer, and of the fields.
    pub(super) sizes: Vec<usize>,
}

impl FieldWithAreas {
    pub(super) fn channels(&self) -> usize {
        self.sizes[self.sizes.len() - 1] / self.sizes[0]
    }
}

impl Operation<3> for FieldWithAreas {
    const IDS: [&'static str; 2] = ["sig::log_field@1", "sig::log_field_backward@1"];

    fn numbers(&self) -> Vec<usize> {
        self.sizes.clone()
    }

    fn read(numbers: &[usize]) -> Option<Self> {
        let [state, .., fields] = *numbers else {
            return None;
        };
        // So that no product of two overflows.
        let sizes = 1..1 << (usize::BITS / 2 - 1);
        let fits = numbers.iter().all(|number| sizes.contains(number));
        (fits && fields.is_multiple_of(state)).then(|| Self {
            sizes: numbers.to_vec(),
        })
    }

    fn inputs(&self, states: &Shape) -> [Shape; 3] {
        let ([batch, _], channels) = (states.dims(), self.channels());
        let layers = self.sizes.windows(2);
        let weights = layers.map(|ends| (ends[0] + 1) * ends[1]);
        let weights: usize = weights.sum();
        [
            Shape::from([batch, self.sizes[0]]),
            Shape::from([batch, channels + channels * channels]),
            Shape::from([weights]),
        ]
    }

    fn output(&self, states: &Shape) -> Shape {
        states.clone()
    }

    fn portable<B: SignatureOps>(&self, inputs: [FloatTensor<B>; 3]) -> FloatTensor<B> {
        portable::field_with_areas::<B>(inputs, &self.sizes)
    }

    #[cfg(feature = "host-backend")]
    fn host<T: HostNumber>(
        &self,
        inputs: [HostTensor<'_, T>; 3],
        _keeps: bool,
    ) -> Option<(Vec<T>, Option<Vec<T>>)> {
        Some((self.call(inputs).values(), None))
    }

    #[cfg(feature = "host-backend")]
    fn host_gradients<T: HostNumber>(
        &self,
        inputs: [HostTensor<'_, T>; 3],
        output: &[T],
        _kept: Option<&[T]>,
    ) -> Option<[Vec<T>; 3]> {
        Some(self.call(inputs).gradients(output))
    }
}

#[cfg(feature = "host-backend")]
impl FieldWithAreas {
    fn call<'a, T>(
        &'a self,
        [states, controls, weights]: [HostTensor<'a, T>; 3],
    ) -> sig_kernels::LogField<'a, T> {
        sig_kernels::LogField {
            sizes: &self.sizes,
            states: states.numbers,
            controls: controls.numbers,
            weights: weights.numbers,
        }
    }
}
