"""What a processor says of itself is read, whatever its kind."""

from pathlib import Path

import pytest

from worker.engine import processor
from worker.engine.processor import processor_instructions, processor_name

X86 = "model name\t: AMD EPYC 7B13\nflags\t\t: fpu avx avx2 fma avx512f\n\nprocessor\t: 1\nflags\t: amx_bf16\n"
ARM = "processor\t: 0\nBogoMIPS\t: 243.75\nFeatures\t: fp asimd bf16 sve\n"


@pytest.mark.parametrize(
    ("told", "instructions"), [(X86, ("avx", "avx2", "fma", "avx512f")), (ARM, ("asimd", "bf16", "sve")), ("", ())]
)
def test_the_instructions_that_kernels_are_chosen_by_are_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, told: str, instructions: tuple[str, ...]
) -> None:
    # given
    monkeypatch.setattr(processor, "CPU_INFO", tmp_path / "cpuinfo")
    processor.CPU_INFO.write_text(told)

    # when
    found = processor_instructions()

    # then
    assert found == instructions


@pytest.mark.parametrize("told", [ARM, None])
def test_a_processor_without_a_model_is_named_by_its_kind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, told: str | None
) -> None:
    # given
    monkeypatch.setattr(processor, "CPU_INFO", tmp_path / "cpuinfo")
    if told is not None:
        processor.CPU_INFO.write_text(told)

    # then
    assert processor_name()
