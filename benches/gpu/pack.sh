#!/usr/bin/env bash
# Builds the binaries that benches/gpu/run.sh runs and packs them, with what they read, into target/gpu.tar.xz.
# The machine that unpacks it needs the GPU's driver and nothing else: no Rust, no CUDA toolkit, no network.
#   benches/gpu/pack.sh            release builds
#   benches/gpu/pack.sh dev        as the tests are built, to try the script
set -euo pipefail
cd "$(dirname "$0")/../.."
profile=${1:-release}
variables=$(.ci/llvm)
eval "$variables"

features=(--workspace --features cuda,wgpu,cpu,sig-core/kernel-sources)
folder=target/gpu
rm -rf "$folder"
mkdir -p "$folder/bin"

# The executable of one target, from what cargo says of it.
built() {
    local name=$1
    shift
    local file
    file=$(cargo "$@" --profile "$profile" "${features[@]}" --message-format json-render-diagnostics |
        sed -n 's/.*"executable":"\([^"]*\)".*/\1/p' | tail -1)
    strip -o "$folder/bin/$name" "$file"
}
built kernels test --no-run -p sig-core --lib
built golden test --no-run -p sig-core --test golden
built properties test --no-run -p sig-core --test properties
built sig-train build --bin sig-train
for bench in compare backends training_step; do
    built "$bench" build --bench "$bench"
done

cp -r testdata benches/gpu/run.sh benches/gpu/report.py "$folder"
mkdir -p "$folder/cuda/nvvm/libdevice"
cp "$CUDA_PATH/nvvm/libdevice/libdevice.10.bc" "$folder/cuda/nvvm/libdevice"
git describe --always --dirty >"$folder/VERSION"
# The binaries share most of their code: one dictionary for all of them.
tar -C target -cf - gpu | xz -T1 --lzma2=preset=6,dict=1GiB >target/gpu.tar.xz
ls -l target/gpu.tar.xz
