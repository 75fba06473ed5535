"""Joins the rows of all into lines, ours beside each peer's."""

from statistics import geometric_mean

from runners import OURS

PASSES = ("forward", "backward", "backprop")


def grouped(rows):
    """By workload and pass, the rows by peer."""
    found = {}
    for row in rows:
        found.setdefault((row["workload"], row["pass"]), {})[row["peer"]] = row
    return found


def lines(rows, peers):
    """A header, then a line of cells for each workload and pass that ours has a row of."""
    yield ["workload", "shape", "pass", f"{OURS} ms", *(f"{peer} ms" for peer in peers), "ratio", "fastest peer"]
    for (workload, name), by_peer in grouped(rows).items():
        ours = by_peer[OURS]
        shape = ",".join(map(str, ours["shape"]))
        times = [f"{by_peer[peer]['median_ms']:.3f}" if peer in by_peer else "–" for peer in (OURS, *peers)]
        peer, ratio = fastest(by_peer)
        yield [workload, shape, name, *times, f"{ratio:.2f}" if peer else "–", peer or "–"]


def fastest(by_peer):
    """The fastest peer of a workload and pass, and its time over ours; no peer where none has it."""
    peers = [row for peer, row in by_peer.items() if peer != OURS]
    if not peers:
        return None, None
    best = min(peers, key=lambda row: row["median_ms"])
    return best["peer"], best["median_ms"] / by_peer[OURS]["median_ms"]


def means(rows):
    """For each pass, the geometric mean of the ratios and of how many it is."""
    found = grouped(rows)
    for name in PASSES:
        ratios = [fastest(by_peer)[1] for (_, which), by_peer in found.items() if which == name and len(by_peer) > 1]
        if ratios:
            yield name, geometric_mean(ratios), len(ratios)


def text(lines):
    """In columns of spaces."""
    lines = list(lines)
    widths = [max(map(len, column)) for column in zip(*lines)]
    return "\n".join("  ".join(cell.ljust(width) for cell, width in zip(line, widths)).rstrip() for line in lines)


def markdown(lines):
    """As a table of Markdown."""
    header, *lines = lines
    return "\n".join("| " + " | ".join(line) + " |" for line in [header, ["---"] * len(header), *lines])
