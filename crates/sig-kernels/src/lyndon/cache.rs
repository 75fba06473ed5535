//! What was prepared once is kept for the life of the process.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use super::LogSignatureBasis;
use super::change::ChangeOfBasis;
use super::splits::LyndonPlaces;
use crate::SignatureSpec;

/// Where the Lyndon words and their parts lie among the terms of a signature.
pub fn lyndon_places(spec: SignatureSpec) -> Arc<LyndonPlaces> {
    static KNOWN: Known<SignatureSpec, LyndonPlaces> = LazyLock::new(Mutex::default);
    kept(&KNOWN, spec, || Arc::new(LyndonPlaces::new(spec)))
}

/// The changes between a basis and the terms at words.
pub fn change_of_basis(spec: SignatureSpec, basis: LogSignatureBasis) -> Arc<ChangeOfBasis> {
    static KNOWN: Known<(SignatureSpec, LogSignatureBasis), ChangeOfBasis> =
        LazyLock::new(Mutex::default);
    kept(&KNOWN, (spec, basis), || {
        Arc::new(ChangeOfBasis::new(spec, basis))
    })
}

type Known<K, V> = LazyLock<Mutex<HashMap<K, Arc<V>>>>;

/// The value of a key, made at its first use. It is made without the lock, which a long preparation
/// would keep from others.
fn kept<K: Eq + std::hash::Hash, V>(
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
