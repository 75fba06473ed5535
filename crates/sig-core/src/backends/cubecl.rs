use burn_cubecl::CubeBackend;

impl crate::SignatureOps for CubeBackend {}
