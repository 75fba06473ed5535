//! A GPU on paper: the limits that CubeCL's CUDA runtime tells of an H100.

use burn_cubecl::cubecl;
use cubecl::ir::{DeviceIdentity, HardwareProperties, MemoryDeviceProperties};
use cubecl::prelude::{DeviceProperties, VectorSize};
use cubecl::profile::TimingMethod;

/// It computes in nothing until a type is registered.
pub(crate) fn properties() -> DeviceProperties {
    let hardware = HardwareProperties {
        load_width: 128,
        vector_register_count: None,
        plane_size_min: 32,
        plane_size_max: 32,
        max_bindings: 1024,
        max_shared_memory_size: 227 << 10,
        max_cube_count: (i32::MAX as u32, 65_535, 65_535),
        max_units_per_cube: 1024,
        max_cube_dim: (1024, 1024, 64),
        num_streaming_multiprocessors: Some(132),
        num_cpu_cores: None,
        last_level_cache_size: None,
        num_tensor_cores: Some(4),
        min_tensor_cores_dim: Some(8),
        max_vector_size: VectorSize::MAX,
        cube_mma_reserved_shared_memory: 0,
    };
    DeviceProperties::new(
        Default::default(),
        MemoryDeviceProperties::new(16 << 30, 512),
        hardware,
        TimingMethod::Device,
        DeviceIdentity {
            name: "a GPU on paper".into(),
            fingerprint: "ptx_sm90".into(),
            physical: None,
        },
    )
}
