use burn_router::{BackendRouter, RouterChannel};

impl<C: RouterChannel> crate::SignatureOps for BackendRouter<C> {}
