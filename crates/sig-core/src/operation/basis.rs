use std::sync::Arc;

use burn::backend::tensor::FloatTensor;
use burn::tensor::Shape;
#[cfg(feature = "host-backend")]
use sig_kernels::cpu::SparseProduct;
use sig_kernels::lyndon::{ChangeOfBasis, LieMap, change_of_basis};

use super::Operation;
#[cfg(feature = "host-backend")]
use crate::backends::host::{HostNumber, HostTensor};
use crate::devices::would_fit;
use crate::ops::SignatureOps;
use crate::{LogSignatureBasis, SignatureSpec, portable};

/// All of the bases and of the maps: one is described by its place here.
const BASES: [LogSignatureBasis; 3] = [
    LogSignatureBasis::Words,
    LogSignatureBasis::Brackets,
    LogSignatureBasis::Hall,
];
const MAPS: [LieMap; 3] = [LieMap::ToBasis, LieMap::ToLyndon, LieMap::ToWords];

/// A change of the coordinates of Lie elements: from `[rows, n]`, in a basis or at the Lyndon words, to
/// `[rows, n]`, or to `[rows, terms]` at all words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ChangeBasis {
    /// Channels and depth of the algebra.
    pub spec: SignatureSpec,
    /// The basis; not [`Expand`](LogSignatureBasis::Expand).
    pub basis: LogSignatureBasis,
    /// Which coordinates become which.
    pub map: LieMap,
}

impl Operation<1> for ChangeBasis {
    const IDS: [&'static str; 2] = ["sig::change_basis@1", "sig::change_basis_backward@1"];

    fn numbers(&self) -> Vec<usize> {
        let basis = BASES.iter().position(|&one| one == self.basis);
        let map = MAPS.iter().position(|&one| one == self.map);
        vec![
            basis.expect("Lie elements have coordinates in this basis"),
            map.expect("every map is in the list"),
            self.spec.channels(),
            self.spec.depth(),
        ]
    }

    fn read(numbers: &[usize]) -> Option<Self> {
        let [basis, map, channels, depth] = *numbers else {
            return None;
        };
        let spec = SignatureSpec::try_new(channels, depth).ok()?;
        // The matrix has a row or a word for each term, whatever the sizes of the tensors.
        let fits = would_fit(spec.terms().saturating_mul(size_of::<[usize; 3]>()));
        fits.then_some(Self {
            spec,
            basis: *BASES.get(basis)?,
            map: *MAPS.get(map)?,
        })
    }

    fn inputs(&self, element: &Shape) -> [Shape; 1] {
        let [rows, _] = element.dims();
        [Shape::from([rows, self.coordinates()])]
    }

    fn output(&self, element: &Shape) -> Shape {
        let [rows, _] = element.dims();
        let columns = match self.map {
            LieMap::ToBasis | LieMap::ToLyndon => self.coordinates(),
            LieMap::ToWords => self.spec.terms(),
        };
        Shape::from([rows, columns])
    }

    fn portable<B: SignatureOps>(&self, [element]: [FloatTensor<B>; 1]) -> FloatTensor<B> {
        portable::sparse_product::<B>(self.change().matrix(self.map), element)
    }

    fn portable_gradients<B: SignatureOps>(
        &self,
        _: [FloatTensor<B>; 1],
        output: FloatTensor<B>,
    ) -> [FloatTensor<B>; 1] {
        let change = self.change();
        [portable::sparse_product_gradient::<B>(
            change.matrix(self.map),
            output,
        )]
    }

    #[cfg(feature = "host-backend")]
    fn host<T: HostNumber>(
        &self,
        [element]: [HostTensor<'_, T>; 1],
        _keeps: bool,
    ) -> Option<(Vec<T>, Option<Vec<T>>)> {
        Some((self.product(element.numbers, false), None))
    }

    #[cfg(feature = "host-backend")]
    fn host_gradients<T: HostNumber>(
        &self,
        _: [HostTensor<'_, T>; 1],
        output: &[T],
        _kept: Option<&[T]>,
    ) -> Option<[Vec<T>; 1]> {
        Some([self.product(output, true)])
    }
}

impl ChangeBasis {
    /// The matrix of the map, with others of the same basis.
    pub(crate) fn change(&self) -> Arc<ChangeOfBasis> {
        change_of_basis(self.spec, self.basis)
    }

    fn coordinates(&self) -> usize {
        self.basis.terms(self.spec.channels(), self.spec.depth())
    }

    #[cfg(feature = "host-backend")]
    fn product<T: HostNumber>(&self, input: &[T], transposed: bool) -> Vec<T> {
        let change = self.change();
        let matrix = change.matrix(self.map);
        SparseProduct {
            matrix,
            transposed,
            input,
        }
        .values()
    }
}
