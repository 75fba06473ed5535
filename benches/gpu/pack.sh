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

# What makes the programs small: one codegen unit, no code that moves in memory, and functions of the same code once.
export CARGO_BUILD_TARGET=x86_64-unknown-linux-gnu CARGO_PROFILE_RELEASE_CODEGEN_UNITS=1
export RUSTFLAGS='-C relocation-model=static -C link-arg=-Wl,--icf=all'

features=(--workspace --features cuda,wgpu)
folder=target/gpu
rm -rf "$folder"
mkdir -p "$folder/bin"

# built TARGET COMMAND...: the executable of a target, from what cargo says of it.
built() {
    local target=$1 file
    shift
    file=$(cargo "$@" --profile "$profile" "${features[@]}" --message-format json-render-diagnostics |
        sed -n "/\"name\":\"$target\"/s/.*\"executable\":\"\([^\"]*\)\".*/\1/p" | tail -1)
    strip -o "$folder/bin/$target" "$file"
}
built sig_core test --no-run --lib
mv "$folder/bin/sig_core" "$folder/bin/kernels"
for test in golden properties; do
    built "$test" test --no-run --test "$test"
done
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
