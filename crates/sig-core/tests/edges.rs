//! The edges: nothing to sum, nothing to fit, numbers that are none, inputs that do not match.

mod edges {
    mod algebra;
    mod graph;
    mod halves;
    mod kernels;
    mod lengths;
    mod mismatch;
    mod nonfinite;
    mod nothing;
    pub(crate) mod panics;
    mod parts;
    mod precision;
    mod second_order;
    mod shapes;
    mod sizes;
}
mod support;
