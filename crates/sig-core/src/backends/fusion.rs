use burn::backend::tensor::FloatTensor;
use burn_fusion::{Fusion, FusionBackend};

use super::recorded::recorded;
use crate::custom::{
    Power, Product, ProductBackward, SendsOn, Series, SeriesBackward, Signature, SignatureBackward,
    SignatureFrom, SignatureFromBackward, Windows, WindowsBackward, record,
};
use crate::{
    AlgebraParams, PowerSeries, SignatureOps, SignatureParams, SignatureStates,
    SignatureWindowsParams,
};

/// Primitives fuse as any chain of tensor operations does, but on their way to a server one operation
/// is better than many.
impl<B: FusionBackend + SignatureOps + SendsOn> SignatureOps for Fusion<B> {
    recorded!(whole: B::SENDS_ON);
}

impl<B: FusionBackend + SignatureOps + SendsOn> SignatureStates for Fusion<B> {}
