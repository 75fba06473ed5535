"""The picture of the times: a line for each workload, a point for each library."""

from runners import OURS
from table import PASSES, grouped

COLOURS = {OURS: "#d1242f", "pysiglib": "#0969da", "signax": "#1a7f37", "iisignature": "#8250df", "keras_sig": "#9a6700"}
TITLES = {"forward": "signature", "backward": "signature and gradient", "backprop": "signature and gradient, without autodiff"}


def write(file, rows, about):
    """Writes the rows of both passes beside one another as SVG; `about` is the line below it."""
    import matplotlib  # of the peers' virtual environment

    matplotlib.use("svg")
    # The same file for the same rows; text as text.
    matplotlib.rcParams |= {"svg.hashsalt": "burn-sig", "svg.fonttype": "none", "font.family": "sans-serif"}
    from matplotlib import pyplot

    found = grouped(rows)
    passes = [name for name in PASSES[:2] if any(which == name for _, which in found)]
    workloads = list(dict.fromkeys(workload for workload, _ in found))
    figure, axes = pyplot.subplots(1, len(passes), figsize=(9, 0.6 + 0.36 * len(workloads)), sharey=True, squeeze=False)
    for axis, name in zip(axes[0], passes):
        for y, workload in enumerate(workloads):
            by_peer = found.get((workload, name), {})
            times = {peer: row["median_ms"] for peer, row in by_peer.items()}
            if times:
                axis.plot([min(times.values()), max(times.values())], [y, y], color="#d0d7de", zorder=1)
            for peer, time in times.items():
                axis.scatter(time, y, s=64 if peer == OURS else 30, color=COLOURS.get(peer), label=peer, zorder=2)
        axis.set(title=TITLES[name], xscale="log", xlabel="milliseconds")
        axis.spines[["top", "right", "left"]].set_visible(False)
        axis.tick_params(axis="y", length=0)
        axis.grid(axis="x", color="#eaeef2")
        axis.set_axisbelow(True)
    shapes = {row["workload"]: " × ".join(map(str, row["shape"])) for row in rows}
    axes[0][0].set_yticks(range(len(workloads)), [shapes[workload] for workload in workloads])
    axes[0][0].set_ylabel("batch × length × channels × depth")
    axes[0][0].invert_yaxis()
    handles = {}
    for axis in axes[0]:
        handles |= {label: handle for handle, label in zip(*axis.get_legend_handles_labels())}
    figure.legend(handles.values(), handles, ncols=len(handles), loc="lower center", bbox_to_anchor=(0.5, 0.96), frameon=False)
    figure.text(0.5, -0.07, about, ha="center", va="top", size=8, color="#57606a")
    figure.savefig(file, format="svg", bbox_inches="tight", facecolor="white", metadata={"Date": None})
