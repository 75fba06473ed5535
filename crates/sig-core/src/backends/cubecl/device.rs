//! What a device can do.

use burn::backend::cubecl::dtype_to_storage_type;
use burn::tensor::DType;
use burn_cubecl::cubecl::ir::features::TypeUsage;
use burn_cubecl::cubecl::prelude::DeviceProperties;

use super::plan::Limits;

/// Mesa's driver for CPUs leaves every loop of an invocation once all of them together have run so
/// many iterations (`LP_MAX_TGSI_LOOP_ITERATIONS` in its source).
const LOOPS_OF_LLVMPIPE: usize = 65_535;

pub(super) fn limits(properties: &DeviceProperties) -> Limits {
    let hardware = &properties.hardware;
    let (x, y, _) = hardware.max_cube_count;
    Limits {
        units: hardware.max_units_per_cube.min(hardware.max_cube_dim.0) as usize,
        shared_bytes: hardware.max_shared_memory_size,
        cubes: [x as usize, y as usize],
        processors: hardware
            .num_streaming_multiprocessors
            .or(hardware.num_cpu_cores)
            .map(|processors| processors as usize),
        buffer_bytes: usize::try_from(properties.memory.max_page_size).unwrap_or(usize::MAX),
        loops: properties
            .identity
            .name
            .starts_with("llvmpipe")
            .then_some(LOOPS_OF_LLVMPIPE),
    }
}

/// Halves are read and written but not computed in.
pub(super) fn assert_supported(properties: &DeviceProperties, dtype: DType) {
    let needed = match dtype {
        DType::F16 | DType::BF16 => TypeUsage::Buffer | TypeUsage::Conversion,
        _ => TypeUsage::Buffer | TypeUsage::Conversion | TypeUsage::Arithmetic,
    };
    let usage = properties.type_usage(dtype_to_storage_type(dtype));
    assert!(
        usage.is_superset(needed),
        "signature: the device {:?} does not compute in {dtype:?}; cast the path to f32",
        properties.identity.name
    );
}

#[cfg(test)]
mod tests {
    use super::super::tests::paper;
    use super::*;

    fn device() -> DeviceProperties {
        let mut device = paper::properties();
        let storage = TypeUsage::Buffer | TypeUsage::Conversion;
        for (dtype, usage) in [
            (DType::F32, TypeUsage::all()),
            (DType::F64, storage),
            (DType::F16, storage),
            (DType::BF16, TypeUsage::Conversion.into()),
        ] {
            device.register_type_usage(dtype_to_storage_type(dtype), usage);
        }
        device
    }

    #[test]
    fn what_a_device_computes_in_is_taken() {
        assert_supported(&device(), DType::F32);
        assert_supported(&device(), DType::F16);
    }

    #[test]
    #[should_panic(expected = "\"a GPU on paper\" does not compute in F64; cast the path to f32")]
    fn what_it_only_stores_is_refused() {
        assert_supported(&device(), DType::F64);
    }

    #[test]
    #[should_panic(expected = "does not compute in BF16")]
    fn halves_that_it_does_not_store_are_refused() {
        assert_supported(&device(), DType::BF16);
    }

    #[test]
    fn limits_are_those_of_the_device() {
        let expected = Limits {
            units: 1024,
            shared_bytes: 227 << 10,
            cubes: [i32::MAX as usize, 65_535],
            processors: Some(132),
            buffer_bytes: 16 << 30,
            loops: None,
        };
        assert_eq!(limits(&device()), expected);
    }

    #[test]
    fn mesa_on_the_cpu_runs_a_number_of_loops() {
        let mut device = device();
        device.identity.name = "llvmpipe (LLVM 15.0.6, 256 bits)".into();
        assert_eq!(limits(&device).loops, Some(65_535));
    }
}
