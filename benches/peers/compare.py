#!/usr/bin/env python3
"""Times burn-sig and other path-signature libraries in turn, on the same shapes and cores, and prints the ratios.

    python3 benches/peers/compare.py                                  # the standard workloads, one thread
    python3 benches/peers/compare.py --threads 2 --workloads W1,W7 --json rows.json
    python3 benches/peers/compare.py --op stream --shape 128,100,5,4 --peers signax,iisignature
    python3 benches/peers/compare.py --op logsignature --shape 128,100,5,4 --shape 32,128,3,5
    python3 benches/peers/compare.py --op windows --window 32 --hop 4 --shape 128,100,5,4
    python3 benches/peers/compare.py --op kernel --solver series:6 --shape 64,64,3,1

Makes a virtual environment of the peers in target/peers-venv the first time; run by the Python of another virtual
environment, it uses that one. A peer that does not install is left out. Each workload is timed by all of them in turn, in
several rounds, so that what else the machine does meets all alike; the median of the rounds' medians counts. All are
float32; `backward` is the signature and its gradient, ours by autodiff, `backprop` ours by the call for it, beside the peers
whose gradient is such a call, pysiglib and iisignature. pysiglib and iisignature have no gradient of `--op stream`.
Log-signatures are those at the Lyndon words, or of iisignature the coordinates in its own basis, as many. keras_sig has none.

`--op kernel` is the Gram matrix of two batches of so many paths by the signature kernel, or with `--kernels` the kernels of
rows or of all prefixes (finite differences alone, and no gradient at a peer), its gradient that of both batches; a depth is
given and not used. Beside each time stands the largest error of the first 64 pairs against a series of order 40 in float64, relative to the kernel or 1.

keras_sig compiles for minutes at depth 10 (W5). With JAX_COMPILATION_CACHE_DIR=FOLDER in the environment, JAX keeps what it
has compiled for the next run.
"""

import argparse
import json
import statistics
import sys

import chart
import environment
import table
from runners import Failed, Ours, Peer
from worker import KERNELS, OPS, PEERS

SUITE = {
    "W1": (128, 100, 5, 4),
    "W2": (1, 1000, 3, 5),
    "W3": (32, 500, 7, 3),
    "W4": (128, 20, 7, 4),
    "W5": (16, 64, 2, 10),
    "W6": (256, 256, 4, 4),
    "W7": (1, 10000, 4, 4),
    "W8": (64, 128, 10, 3),
}


def names(known):
    """A reader of a list of names."""

    def read(text):
        chosen = text.split(",")
        unknown = [name for name in chosen if name not in known]
        if unknown:
            raise argparse.ArgumentTypeError(f"no {unknown[0]}: there are {', '.join(known)}")
        return chosen

    return read


def shape(text):
    """Batch, length, channels, depth."""
    try:
        sizes = tuple(map(int, text.split(",")))
    except ValueError:
        sizes = ()
    if len(sizes) != 4 or min(sizes) < 1 or sizes[1] < 2:
        raise argparse.ArgumentTypeError(f"{text}: four positive numbers B,L,C,D with L at least 2 are needed")
    return sizes


def solver(text):
    """How kernels are solved."""
    name, _, order = text.partition(":")
    if name not in ("series", "fd") or not order.isdecimal():
        raise argparse.ArgumentTypeError(f"{text}: series:ORDER or fd:DYADIC is needed")
    return text


def positive(text):
    """A number of at least 1."""
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text}: must be at least 1")
    return int(text)


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--peers", type=names(PEERS), default=list(PEERS), help=f"of {','.join(PEERS)}; default all")
    parser.add_argument("--workloads", type=names(SUITE), help="of W1 to W8; default all, or none if there is a shape")
    parser.add_argument("--shape", type=shape, action="append", default=[], metavar="B,L,C,D",
                        help="batch, length, channels, depth; may be repeated")
    parser.add_argument("--op", choices=OPS, default=OPS[0], help="default %(default)s")
    parser.add_argument("--window", type=positive, default=32, help="points of a window; default %(default)s")
    parser.add_argument("--hop", type=positive, default=4, help="from window to window; default %(default)s")
    parser.add_argument("--solver", type=solver, default="series:6", help="series:ORDER or fd:DYADIC of kernels; default %(default)s")
    parser.add_argument("--kernels", choices=KERNELS, default=KERNELS[0], help="of all pairs, of rows, or of prefixes; default %(default)s")
    parser.add_argument("--threads", type=positive, default=1, help="and cores; default %(default)s")
    parser.add_argument("--rounds", type=positive, default=3, help="default %(default)s")
    parser.add_argument("--seconds", type=float, default=1.5, help="of a measurement, at least 7 calls; default %(default)s")
    parser.add_argument("--ours", default="cargo bench --bench compare --", metavar="COMMAND", help="default %(default)s")
    parser.add_argument("--json", type=argparse.FileType("w"), metavar="FILE", help="a file for the rows")
    parser.add_argument("--svg", type=argparse.FileType("w"), metavar="FILE", help="a file for a picture of the times")
    parser.add_argument("--markdown", action="store_true", help="print the table in Markdown")
    return parser.parse_args()


def workloads(args):
    """The shapes by name."""
    chosen = args.workloads or ([] if args.shape else list(SUITE))
    return {name: SUITE[name] for name in chosen} | {",".join(map(str, sizes)): sizes for sizes in args.shape}


def start(args):
    """The peers that are installed."""
    peers = []
    for name in args.peers:
        try:
            peers.append(Peer(name, args.threads))
        except Failed as failed:
            print(f"{name} is left out: {failed}", file=sys.stderr)
    return peers


def interleave(runners, workload, sizes, args):
    """What each runner took for a workload, a list of rows for each; all of them in turn, another first each round."""
    rows = {runner: [] for runner in runners}
    for number in range(args.rounds):
        first = number % len(runners)
        for runner in runners[first:] + runners[:first]:
            if runner not in rows or not runner.suits(sizes, args.op):
                continue
            print(f"{workload}, round {number + 1}: {runner.name}", file=sys.stderr)
            try:
                rows[runner] += runner.measure(sizes, args)
            except Failed as failed:
                if isinstance(runner, Ours):
                    raise
                del rows[runner]
                print(f"{runner.name} is left out: {failed}", file=sys.stderr)
    return rows


def joined(workload, sizes, args, rows):
    """A row for each runner and pass: the median of the rounds' medians."""
    for runner, measured in rows.items():
        for name in table.PASSES:
            rounds = [row for row in measured if row["pass"] == name]
            if rounds:
                yield {
                    "peer": runner.name,
                    "workload": workload,
                    "shape": sizes,
                    "pass": name,
                    "threads": args.threads,
                    "median_ms": statistics.median(row["median_ms"] for row in rounds),
                    "min_ms": min(row["min_ms"] for row in rounds),
                    "n": sum(row["n"] for row in rounds),
                    **({"error": max(row["error"] for row in rounds)} if "error" in rounds[0] else {}),
                }


def compare(args):
    ours = Ours(args.ours, args.threads)
    ours.build()  # on all cores
    cores = environment.limit(args.threads)
    peers = start(args)
    if not peers:
        raise Failed("none of the peers is installed")
    print(f"{environment.cpu()}; threads: {args.threads}, {cores}; rounds: {args.rounds}; ours: {args.ours}")
    for peer in peers:
        print(f"{peer.name}: {', '.join(' '.join(item) for item in peer.versions.items())}")
    rows = []
    for name, sizes in workloads(args).items():
        workload = name if args.op == OPS[0] else f"{name}{args.op}"
        rows += joined(workload, sizes, args, interleave([ours, *peers], workload, sizes, args))
    for peer in peers:
        peer.stop()
    lines = table.lines(rows, [peer.name for peer in peers])
    print("", table.markdown(lines) if args.markdown else table.text(lines), "", sep="\n")
    for row in rows:
        if "error" in row:
            print(f"error of {row['peer']}, {row['workload']}, {row['pass']}: {row['error']:.1e}")
    print("ratio: the fastest peer's time over ours; above 1 ours is faster")
    for name, mean, count in table.means(rows):
        print(f"geometric mean of {count} ratios, {name}: {mean:.2f}")
    if args.json:
        args.json.write("[\n" + ",\n".join(map(json.dumps, rows)) + "\n]\n")
    if args.svg:
        versions = ", ".join(" ".join(next(iter(peer.versions.items()))) for peer in peers)
        chart.write(args.svg, rows, f"float32 on {environment.cpu()}, threads: {args.threads}; {versions}")


def main():
    args = arguments()
    environment.enter()
    try:
        compare(args)
    except Failed as failed:
        sys.exit(f"error: {failed}")


if __name__ == "__main__":
    main()
