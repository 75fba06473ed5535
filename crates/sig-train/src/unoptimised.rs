/// Says in one line on stderr that a build without optimisation is slow, if this is one.
///
/// ```
/// sig_train::warn_if_unoptimised();
/// ```
pub fn warn_if_unoptimised() {
    if cfg!(debug_assertions) {
        tell!("This build is unoptimised and slow; add --release to the `cargo` command.");
    }
}
