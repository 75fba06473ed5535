#!/usr/bin/env bash
# Tests and times everything on the GPU of this machine, with the files beside it and nothing else, in 8 minutes.
#   ./run.sh [BACKEND...]      default: cuda wgpu; ONLY='training|losses' runs the steps of these names alone
# Leaves results/: steps.jsonl has one line per step, with its exit code and seconds; *.log what it printed; *.json its times.
# Then, here or elsewhere:  python3 report.py results
set -uo pipefail
cd "$(dirname "$0")"
here=$PWD
out=$here/results
export PATH="$here/bin:$PATH" CUDA_PATH="${CUDA_PATH:-$here/cuda}" PROPTEST_CASES=8
LIMIT=${LIMIT:-480} ONLY=${ONLY:-.}
rm -rf "$out"
mkdir -p "$out"
[ $# -gt 0 ] || set -- cuda wgpu

# step NAME SECONDS COMMAND...: runs it for that long at most, and no longer than all may take.
step() {
    local name=$1 limit=$2 start=$EPOCHREALTIME code=0
    shift 2
    [[ $name =~ $ONLY ]] || return 0
    local left=$((LIMIT - SECONDS))
    [ "$limit" -le "$left" ] || limit=$left
    if [ "$limit" -gt 0 ]; then
        (cd "$out" && exec timeout --kill-after 5 "$limit" "$@") >"$out/$name.log" 2>&1 || code=$?
    else
        code=124
        echo "no time was left" >"$out/$name.log"
    fi
    local seconds
    seconds=$(awk "BEGIN { printf \"%.1f\", $EPOCHREALTIME - $start }")
    printf '{"step": "%s", "code": %d, "seconds": %s}\n' "$name" "$code" "$seconds" | tee -a "$out/steps.jsonl"
}

# Mebibytes of the GPU in use, every fifth of a second.
watch_memory() {
    command -v nvidia-smi >/dev/null || return 0
    nvidia-smi --query-gpu=memory.used --format=csv,noheader,nounits --loop-ms=200 >"$out/memory.csv" 2>/dev/null &
    trap "kill $! 2>/dev/null" EXIT
}

machine() {
    echo "version: $(cat "$here/VERSION")"
    echo "system: $(uname -srm), $(nproc) threads, $(sed -n 's/^model name\s*: //p' /proc/cpuinfo | head -1)"
    nvidia-smi --query-gpu=name,driver_version,memory.total,clocks.max.sm,compute_cap --format=csv 2>/dev/null || echo "no nvidia-smi"
}

step machine 10 bash -c "$(declare -f machine); here='$here'; machine"
watch_memory
for backend in "$@"; do
    export BURN_DEVICE=$backend
    step "$backend.kernels" 60 kernels backends::cubecl --skip sources
    # The fused kernels and what chooses among methods; chains of tensor operations are Burn's own.
    ln -sfn "$here/testdata" "$out/testdata"
    step "$backend.golden" 60 golden "::$backend::" --skip Parallel --skip Sequential --skip sigkernel --skip logsig
    step "$backend.properties" 60 properties properties::gradients properties::streams properties::options
    step "$backend.compare" 60 compare --suite --device "$backend" --seconds 0.7 --json "$backend.compare.json"
    step "$backend.wide" 30 compare --device "$backend" --batch 128 --length 100 --channels 10 --depth 4 --seconds 0.7 --json "$backend.wide.json"
    step "$backend.large" 30 compare --device "$backend" --batch 8192 --length 100 --channels 5 --depth 4 --seconds 0.7 --json "$backend.large.json"
    step "$backend.long" 30 compare --device "$backend" --batch 1 --length 100000 --channels 4 --depth 4 --seconds 0.7 --json "$backend.long.json"
    step "$backend.training" 60 training_step --device "$backend" --warm-up 50 --json "$backend.training.json"
    if command -v ncu >/dev/null && [ "$backend" = cuda ]; then
        step "$backend.counters" 60 ncu --csv --launch-count 12 --metrics \
            sm__warps_active.avg.pct_of_peak_sustained_active,dram__bytes.sum,launch__registers_per_thread,gpu__time_duration.sum \
            compare --device "$backend" --seconds 0.01
    fi
done
unset BURN_DEVICE
step flex.training 60 training_step --device flex --warm-up 50 --json flex.training.json
step backends 90 backends --quick --device "$(IFS=,; echo "$*"),flex"
cp "$out/target/backends/times.json" "$out/backends.json" 2>/dev/null
rm -f "$out/testdata"
echo "$SECONDS s; python3 report.py results"
