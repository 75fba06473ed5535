use burn::nn::{LayerNorm, Linear};

use super::{KerasError, KerasGroup};
use crate::gated_residual::HiddenLayer;
use crate::{
    Gate, GatedResidualNetwork, KanLinear, SigDense, SigKan, SignatureScaling, TimeWeighting,
};

/// A layer that has a counterpart in Keras.
pub trait KerasLayer: Sized {
    /// The layer with its parameters taken from the group of its counterpart.
    ///
    /// # Errors
    ///
    /// Says which variable is missing or of another size.
    fn load_keras(self, group: &KerasGroup<'_>) -> Result<Self, KerasError>;
}

/// `Dense`.
impl KerasLayer for Linear {
    fn load_keras(mut self, group: &KerasGroup<'_>) -> Result<Self, KerasError> {
        group.expect_variables(1 + usize::from(self.bias.is_some()))?;
        self.weight = group.load(0, "weight", self.weight)?;
        self.bias = self
            .bias
            .map(|bias| group.load(1, "bias", bias))
            .transpose()?;
        Ok(self)
    }
}

/// `LayerNormalization` over the last axis.
impl KerasLayer for LayerNorm {
    fn load_keras(mut self, group: &KerasGroup<'_>) -> Result<Self, KerasError> {
        group.expect_variables(1 + usize::from(self.beta.is_some()))?;
        self.gamma = group.load(0, "gamma", self.gamma)?;
        self.beta = self
            .beta
            .map(|beta| group.load(1, "beta", beta))
            .transpose()?;
        Ok(self)
    }
}

/// `KANLinear` of keras_efficient_kan. The base activation is not among the weights and stays.
impl KerasLayer for KanLinear {
    fn load_keras(mut self, group: &KerasGroup<'_>) -> Result<Self, KerasError> {
        let first = usize::from(self.bias.is_some());
        group.expect_variables(3 + first)?;
        self.base_weight = group.load(0, "base weight", self.base_weight)?;
        self.bias = self
            .bias
            .map(|bias| group.load(1, "bias", bias))
            .transpose()?;
        self.spline_weight = group.load(1 + first, "spline weight", self.spline_weight)?;
        self.knots = group.load(2 + first, "knots", self.knots)?;
        self.norm = self
            .norm
            .map(|norm| norm.load_keras(&group.inner("layer_norm")))
            .transpose()?;
        Ok(self)
    }
}

/// `Gate` of sigkan.
impl KerasLayer for Gate {
    fn load_keras(mut self, group: &KerasGroup<'_>) -> Result<Self, KerasError> {
        self.value = self.value.load_keras(&group.inner("dense_layer"))?;
        self.gate = self.gate.load_keras(&group.inner("gated_layer"))?;
        Ok(self)
    }
}

/// `GRN` and `GRKAN` of sigkan.
impl<H: HiddenLayer + KerasLayer> KerasLayer for GatedResidualNetwork<H> {
    fn load_keras(mut self, group: &KerasGroup<'_>) -> Result<Self, KerasError> {
        self.hidden_1 = self.hidden_1.load_keras(&group.inner("hidden_layer_1"))?;
        self.hidden_2 = self.hidden_2.load_keras(&group.inner("hidden_layer_2"))?;
        self.gate = self.gate.load_keras(&group.inner("gate_layer"))?;
        self.skip = self.skip.load_keras(&group.inner("skip_layer"))?;
        let norm = group.inner("add_and_norm_layer").inner("norm_layer");
        self.norm = self.norm.load_keras(&norm)?;
        Ok(self)
    }
}

/// The variable of the layer that weights by time.
impl KerasLayer for TimeWeighting {
    fn load_keras(mut self, group: &KerasGroup<'_>) -> Result<Self, KerasError> {
        group.expect_variables(1)?;
        self.weight = group.load(0, "time weighting", self.weight)?;
        Ok(self)
    }
}

macro_rules! signature_layer {
    ($(#[$doc:meta])* $layer:ty, $field:ident, $name:literal) => {
        $(#[$doc])*
        impl KerasLayer for $layer {
            fn load_keras(mut self, group: &KerasGroup<'_>) -> Result<Self, KerasError> {
                if self.norm.scaling != SignatureScaling::None || self.mean_one {
                    let name = group.path().into();
                    return Err(KerasError::NotReference { name });
                }
                self.time_weighting = self.time_weighting.load_keras(group)?;
                self.weighting = self.weighting.load_keras(&group.inner("sig_to_weight"))?;
                self.$field = self.$field.load_keras(&group.inner($name))?;
                Ok(self)
            }
        }
    };
}
signature_layer!(
    /// `SigDense` of sigkan.
    SigDense, linear, "dense_layer"
);
signature_layer!(
    /// `SigKAN` of sigkan.
    SigKan, kan, "kan_layer"
);
