"""What graphics cards compute at most, as their makers state it: the peak that a step's rate is a share of."""

from collections.abc import Mapping

# TFLOP/s without sparsity: float32, TF32, bfloat16 with float32 sums. NVIDIA states them in data sheets and, for the
# RTX cards, in the white papers of Ada and Ampere GA102, often with sparsity, which is twice as much. They were written
# down from memory: compare a card's own sheet before its share is quoted.
Peaks = Mapping[str, float]
CARDS: Mapping[str, Peaks] = {
    "H200": {"float32": 67.0, "tf32": 494.7, "bf16": 989.4},
    "H100 PCIe": {"float32": 51.0, "tf32": 378.0, "bf16": 756.0},
    "H100 80GB HBM3": {"float32": 67.0, "tf32": 494.7, "bf16": 989.4},
    "A100": {"float32": 19.5, "tf32": 156.0, "bf16": 312.0},
    "L40S": {"float32": 91.6, "tf32": 183.0, "bf16": 362.0},
    "L4": {"float32": 30.3, "tf32": 60.0, "bf16": 121.0},
    "A10": {"float32": 31.2, "tf32": 62.5, "bf16": 125.0},
    "RTX 4090": {"float32": 82.6, "tf32": 82.6, "bf16": 165.2},
    "RTX 3090": {"float32": 35.6, "tf32": 35.6, "bf16": 71.0},
}


def stated_peak(device: str, precision: str) -> float | None:
    """FLOP/s of a device as its driver names it; None where the table does not have it."""
    words = f" {device} ".replace("-", " ")
    peaks = next((peaks for name, peaks in CARDS.items() if f" {name} " in words), None)
    return peaks[precision] * 1e12 if peaks else None
