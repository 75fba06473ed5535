//! What was prepared once is kept for the life of the process.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use super::LogSignatureBasis;
use super::blocks::{self, Block};
use super::splits::LyndonPlaces;
use crate::SignatureSpec;

/// Where the Lyndon words and their parts lie among the terms of a signature.
pub fn lyndon_places(spec: SignatureSpec) -> Arc<LyndonPlaces> {
    static KNOWN: Known<SignatureSpec, LyndonPlaces> = LazyLock::new(Mutex::default);
    kept(&KNOWN, spec, || Arc::new(LyndonPlaces::new(spec)))
}

/// The changes of basis.
pub fn blocks(spec: SignatureSpec, basis: LogSignatureBasis) -> Arc<[Block]> {
    static KNOWN: Known<(SignatureSpec, LogSignatureBasis), [Block]> =
        LazyLock::new(Mutex::default);
    kept(&KNOWN, (spec, basis), || blocks::blocks(spec, basis).into())
}

type Known<K, V> = LazyLock<Mutex<HashMap<K, Arc<V>>>>;

/// The value of a key, made at its first use. It is made without the lock, which a long preparation
/// would keep from others.
fn kept<K: Eq + std::hash::Hash, V: ?Sized>(
    known: &Known<K, V>,
    key: K,
    make: impl FnOnce() -> Arc<V>,
) -> Arc<V> {
    let locked = || known.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(value) = locked().get(&key) {
        return value.clone();
    }
    let value = make();
    locked().entry(key).or_insert(value).clone()
}
