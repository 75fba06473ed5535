use burn::backend::Flex;

impl crate::SignatureOps for Flex {}
