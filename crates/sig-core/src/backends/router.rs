use burn::backend::tensor::FloatTensor;
use burn_router::{BackendRouter, RouterChannel};

use super::recorded::recorded;
use crate::custom::{
    Power, Product, ProductBackward, Series, SeriesBackward, Signature, SignatureBackward,
    SignatureFrom, SignatureFromBackward, Windows, WindowsBackward, record,
};
use crate::{
    AlgebraParams, PowerSeries, SignatureOps, SignatureParams, SignatureStates,
    SignatureWindowsParams,
};

/// A remote device, or one that captures a graph.
impl<C: RouterChannel> SignatureOps for BackendRouter<C> {
    recorded!(whole: true);
}

impl<C: RouterChannel> SignatureStates for BackendRouter<C> {}
