"""From spec to plan: what is refused, and the stages of what is not."""

from bisect import bisect_left
from collections.abc import Mapping, Sequence

from shared.equipment import Equipment
from shared.errors import SpecError, TooLargeError
from shared.networks import NETWORKS, NetworkCard
from shared.plan.draft import drafted
from shared.plan.layers import chosen_network
from shared.plan.records import Plan
from shared.plan.size import Size, fitted
from shared.plan.style import check_masks, check_style_images
from shared.plan.surroundings import Surroundings, frame_size, image_size
from shared.spec.animation import EXTRAS, WEBP_LONGEST_SIDE, AnimationSpec
from shared.spec.dream import DreamSpec, Guide
from shared.spec.job import SMALLEST_MAX_SIZE, JobSpec
from shared.spec.source import MAX_SIDE


def plan_job(spec: JobSpec, surroundings: Surroundings) -> Plan:
    """All stages of a job whose seed is set.

    Raises:
        SpecError: a layer, a channel or an image that is not there; the message lists what is.
        TooLargeError: the job costs more than is accepted, or no worker has the memory for it; the message has the size
            that would fit.
    """
    size = frame_size(spec, surroundings.image_sizes)
    equipment = surroundings.equipment or Equipment()
    network = chosen_network(spec.dream.network, equipment.networks) if spec.dream else None
    _check_size(size, [card for card in (network, NETWORKS[spec.style.network] if spec.style else None) if card])
    if spec.dream is not None:
        _check_octaves(spec.dream, size)
    if spec.style is not None:
        check_style_images(spec.style, size, surroundings.image_sizes)
        check_masks(spec.style, size, surroundings.mask_coverages)
    if spec.animation is not None:
        _check_animation(spec.animation, size, surroundings.equipment)
    if spec.dream is not None and spec.dream.guide is not None and network is not None:
        _check_guide(spec.dream.guide, network, surroundings.image_sizes)
    plan = drafted(spec, network, surroundings)
    _check_cost(plan, surroundings.max_cost)
    if plan.memory_gib > surroundings.memory_gib:
        raise _too_little_memory(plan, spec, network, surroundings)
    return plan


def _check_size(size: Size, networks: Sequence[NetworkCard]) -> None:
    frames = f"frames would be {size[0]} x {size[1]}"
    if max(size) > MAX_SIDE:
        raise SpecError(f"{frames}; the longest side may have {MAX_SIDE:,} pixels: lower max_size", "/max_size")
    for network in networks:
        if min(size) < network.minimum_size:
            least = f"{network.minimum_size} x {network.minimum_size} pixels at least"
            message = f"{frames}; {network.name} needs {least}: take a larger source, or raise max_size"
            raise SpecError(message, "/source")


def _check_octaves(dream: DreamSpec, size: Size) -> None:
    """Refuse octaves without a pixel, which the original program would dream at; modern leaves small ones out."""
    smallest = min(size)
    for _ in range(dream.repeats if dream.profile == "classic" else 0):
        # Truncated, as the engine shrinks them.
        smallest = int(smallest * dream.rescale_factor)
    if smallest < 1:
        message = (
            f"the smallest of {dream.repeats + 1} octaves of {size[0]} x {size[1]} would have no pixel: lower repeats, "
            "raise rescale_factor, or take profile modern"
        )
        raise SpecError(message, "/dream/repeats")


def _check_animation(animation: AnimationSpec, size: Size, equipment: Equipment | None) -> None:
    extra = EXTRAS.get(animation.format)
    if extra is not None and equipment is not None and extra not in equipment.extras:
        message = (
            f"{animation.format} needs the extra {extra}, which no worker has: run pip install '.[{extra}]' in "
            "dreamqueue's folder on a worker's machine, or choose gif, webp or apng"
        )
        raise SpecError(message, "/animation/format")
    if animation.format == "webp" and max(size) > WEBP_LONGEST_SIDE:
        most = f"a webp holds at most {WEBP_LONGEST_SIDE:,} pixels a side"
        message = f"frames would be {size[0]} x {size[1]}; {most}: lower max_size, or take apng"
        raise SpecError(message, "/animation/format")


def _check_guide(guide: Guide, network: NetworkCard, image_sizes: Mapping[str, Size]) -> None:
    pointer = "/dream/guide/image"
    height, width = image_size(guide.image, image_sizes, pointer)
    seen, least = fitted((height, width), guide.max_size), network.minimum_size
    if min(seen) < least:
        message = (
            f"the guide is {height} x {width}, looked at as {seen[0]} x {seen[1]}; {network.name} needs "
            f"{least} x {least} pixels at least: send another, or raise dream.guide.max_size"
        )
        raise SpecError(message, pointer)


def _check_cost(plan: Plan, max_cost: float) -> None:
    if plan.work > max_cost:
        raise TooLargeError(
            f"the job costs {plan.work:,.0f} megapixel-steps, more than the {max_cost:,.0f} that are accepted; "
            "lower max_size, iterations or the number of layers or frames"
        )


def _too_little_memory(
    plan: Plan, spec: JobSpec, network: NetworkCard | None, surroundings: Surroundings
) -> TooLargeError:
    """The refusal of a job that no worker has the memory for, with the largest size that would fit."""
    largest = _largest_fitting(max(plan.size), spec, network, surroundings)
    stage = max(plan.stages, key=lambda stage: stage.memory_gib)
    advice = f"max_size {largest} would fit" if largest else "it would not fit at any size"
    return TooLargeError(
        f"{stage.id} would take {stage.memory_gib:.1f} GiB at {plan.size[0]} x {plan.size[1]}, more than the "
        f"{surroundings.memory_gib:.1f} GiB that a worker has; {advice}"
    )


def _largest_fitting(
    longest: int, spec: JobSpec, network: NetworkCard | None, surroundings: Surroundings
) -> int | None:
    """The largest `max_size` below `longest` at which a worker has the memory for the job; None where there is none."""

    def is_too_large(max_size: int) -> bool:
        smaller = spec.model_copy(update={"max_size": max_size})
        return drafted(smaller, network, surroundings).memory_gib > surroundings.memory_gib

    sides = range(SMALLEST_MAX_SIZE, longest)
    fitting = bisect_left(sides, True, key=is_too_large)
    return sides[fitting - 1] if fitting else None
