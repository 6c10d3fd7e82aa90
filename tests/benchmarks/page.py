"""Writes what was measured into a page: `python -m tests.benchmarks.page FILE.json [FILE.json ...] PAGE.md`."""

import json
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

import torch
from tests.benchmarks.cases import CASES
from tests.benchmarks.measuring import SIDE

from lfdm_pipeline.evaluation.timing import device_name

BEGIN, END = "<!-- make bench: begin -->", "<!-- make bench: end -->"
GIGA = 1e9
PRODUCT = 2 * SIDE**3 / GIGA
PUBLISHED_PEAK = (150, 185)
SPEED = (
    "| | s | plain, s | ratio | bf16, ratio | published, ratio | the same by the peak | share of peak |",
    "|---|---|---|---|---|---|---|---|",
)
NEEDS = ("| | GB | plain, GB | published, share | GFLOP | plain, GFLOP |", "|---|---|---|---|---|---|")
OTHERS = ("| | s |", "|---|---|")
Info = dict[str, Any]


@dataclass(frozen=True)
class Needs:
    """What one call takes: bytes and operations, by (case, device, variant)."""

    found: dict[tuple[str, str, str], Info]

    def __call__(self, info: Info, what: str, variant: str = "ours") -> float | None:
        """In units of 1e9, where it was measured."""
        found = self.found.get((info.get("case", ""), info["device"], variant))
        return found[what] / GIGA if found else None


def page(text: str, runs: Iterable[dict[str, Any]]) -> str:
    """The page with what stands between the marks replaced by what was measured."""
    before, rest = text.split(BEGIN)
    _, after = rest.split(END)
    return f"{before}{BEGIN}\n{body(list(runs))}\n{END}{after}"


def body(runs: list[dict[str, Any]]) -> str:
    benchmarks = [each for run in runs for each in run["benchmarks"]]
    infos = [each["extra_info"] for each in benchmarks]
    needs = Needs({(i["case"], i["device"], i["variant"]): i for i in infos if "variant" in i})
    # A later run may have measured the same again.
    first: dict[tuple[str, str], Info] = {}
    for info in infos:
        if "seconds" in info:
            first.setdefault((_machine(info), info["title"]), info)
    timed = list(first.values())
    parts = [f"Measured {min(run['datetime'] for run in runs)[:16]} UTC, torch {torch.__version__}."]
    for machine in sorted({_machine(info) for info in timed}):
        ours = [info for info in timed if _machine(info) == machine]
        parts += [
            f"{machine}: matrix product at {_rates(ours, _product)} GFLOP/s, peak {_rates(ours, _fastest)}.",
            "\n".join([*SPEED, *(_speed(info, needs) for info in ours)]),
        ]
    if needs.found:
        parts.append("\n".join([*NEEDS, *(_needs(info, needs) for info in infos if info.get("variant") == "ours")]))
    others = [f"| {each['name']} | {each['stats']['median']:.3g} |" for each in benchmarks if not each["extra_info"]]
    return "\n\n".join([*parts, *(["\n".join([*OTHERS, *others])] if others else [])])


def _machine(info: Info) -> str:
    name = device_name(torch.device(info["device"]))
    if info["device"] == "cuda":
        return name
    threads = f"{info['threads']} thread{'' if info['threads'] == 1 else 's'}"
    return f"{name.rsplit(', ', 1)[0]}, {threads}, {info['instructions']}"


def _product(info: Info) -> list[float]:
    """Seconds of torch's matrix product, in each round."""
    found: list[float] = info["seconds"]["product"]
    return found


def _fastest(info: Info) -> list[float]:
    """Seconds of the same by whichever way is fastest: the machine's peak."""
    return list(map(min, info["seconds"]["product"], info["seconds"]["convolution"]))


def _rates(infos: Iterable[Info], seconds: Callable[[Info], list[float]]) -> str:
    rates = [PRODUCT / median(seconds(info)) for info in infos]
    return f"{min(rates):.0f} to {max(rates):.0f}"


def _speed(info: Info, needs: Needs) -> str:
    seconds = info["seconds"]
    gflop, products = needs(info, "operations"), median(_ratios(seconds["ours"], _fastest(info)))
    return _row(
        info["title"],
        *(f"{median(seconds[variant]):.3g}" for variant in ("ours", "plain")),
        _spread(_ratios(seconds["plain"], seconds["ours"])),
        _spread(_ratios(seconds["plain"], seconds["bf16"])) if "bf16" in seconds else "",
        *(_against_published(info, way(info)) for way in (_product, _fastest)),
        f"{gflop / (PRODUCT * products):.0%}" if gflop else "",
    )


def _against_published(info: Info, product: list[float]) -> str:
    published, products = _published(info), median(_ratios(info["seconds"]["ours"], product))
    if not published:
        return ""
    return " to ".join(f"{published.seconds * peak / (PRODUCT * products):.1f}" for peak in PUBLISHED_PEAK)


def _needs(info: Info, needs: Needs) -> str:
    published = _published(info)
    memory, plain_memory, gflop, plain_gflop = (
        needs(info, what, variant) or 0.0 for what in ("bytes", "operations") for variant in ("ours", "plain")
    )
    share = f"{memory / published.gigabytes:.0%}" if published and published.gigabytes else ""
    title = CASES[info["case"]].title + ("" if info["device"] == "cpu" else f", {info['device']}")
    return _row(title, f"{memory:.2f}", f"{plain_memory:.2f}", share, f"{gflop:.3g}", f"{plain_gflop:.3g}")


def _published(info: Info) -> Any:
    return CASES[info["case"]].published if info["device"] == "cpu" and "case" in info else None


def _ratios(above: list[float], below: list[float]) -> list[float]:
    return [a / b for a, b in zip(above, below, strict=True)]


def _spread(values: list[float]) -> str:
    low, high = min(values), max(values)
    return f"{median(values):.2f}" + (f" ({low:.2f} to {high:.2f})" if high > low else "")


def _row(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"


if __name__ == "__main__":
    *results, target = map(Path, sys.argv[1:])
    target.write_text(page(target.read_text(), [json.loads(path.read_text()) for path in results]))
