use burn::backend::NdArray;

impl crate::SignatureOps for NdArray {}
