"""From spec to plan: which stages a job has, and what each of them needs."""

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from shared.equipment import Equipment
from shared.errors import SpecError, TooLargeError
from shared.networks import NETWORKS, NetworkCard
from shared.plan.cost import stage_work
from shared.plan.keys import stage_key
from shared.plan.layers import Mix, chosen_channels, chosen_network, dreamed_layers, strongest_channels
from shared.plan.memory import Pictures, fitting, stage_gib
from shared.plan.parameters import AnimateParameters, DreamParameters, LayerParameters, StageParameters
from shared.plan.records import Plan, Stage, StageInput
from shared.plan.seeds import derived_seed
from shared.plan.size import Size, fitted
from shared.plan.style import check_masks, check_style_images, style_inputs, style_parameters
from shared.spec.animation import EXTRAS, WEBP_LONGEST_SIDE, AnimationSpec
from shared.spec.dream import DreamSpec, Guide, Motion
from shared.spec.job import SMALLEST_MAX_SIZE, JobSpec
from shared.spec.source import MAX_SIDE, Source
from shared.spec.style import StyleSpec


@dataclass(frozen=True)
class Surroundings:
    """What a plan depends on besides the spec.

    Attributes:
        image_sizes: (height, width) of every uploaded image that the spec names.
        equipment: what some worker has; None while that is not known.
        max_cost: largest job that is accepted, in megapixel-steps.
        memory_gib: what a worker has; a stage that would take more is cut into smaller pieces, or its job refused.
        mask_coverages: share of white in every one that is a mask, 0..1.
    """

    image_sizes: Mapping[str, Size] = field(default_factory=dict[str, Size])
    equipment: Equipment | None = None
    max_cost: float = float("inf")
    memory_gib: float = float("inf")
    mask_coverages: Mapping[str, float] = field(default_factory=dict[str, float])


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
    plan = _drafted(spec, network, surroundings)
    _check_cost(plan, surroundings.max_cost)
    if plan.memory_gib > surroundings.memory_gib:
        raise _too_little_memory(plan, spec, network, surroundings)
    return plan


def frame_size(spec: JobSpec, image_sizes: Mapping[str, Size]) -> Size:
    """(height, width) of every frame: the source's, made to fit `max_size`."""
    return fitted(_source_size(spec.source, image_sizes), spec.max_size)


def _source_size(source: Source, image_sizes: Mapping[str, Size]) -> Size:
    made = source.solid or source.noise
    if made is not None:
        return made.size
    if source.frame is not None:
        message = "a frame of another job can be asked of the service alone; name the picture, as {image: path}"
        raise SpecError(message, "/source/frame")
    return _image_size(source.image or "", image_sizes, "/source/image")


def _image_size(image: str, image_sizes: Mapping[str, Size], pointer: str) -> Size:
    if image not in image_sizes:
        raise SpecError(f"image {image} is not here; upload it with POST /v1/images", pointer)
    return image_sizes[image]


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
    height, width = _image_size(guide.image, image_sizes, pointer)
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
        return _drafted(smaller, network, surroundings).memory_gib > surroundings.memory_gib

    sides = range(SMALLEST_MAX_SIZE, longest)
    fitting = bisect_left(sides, True, key=is_too_large)
    return sides[fitting - 1] if fitting else None


def _drafted(spec: JobSpec, network: NetworkCard | None, surroundings: Surroundings) -> Plan:
    """The plan of a spec that is not refused for anything but what the whole would take."""
    draft = _Draft(spec, surroundings)
    draft.add_all(network)
    stages = tuple(draft.stages)
    return Plan(seed=draft.seed, network=network.name if network else None, size=draft.size, stages=stages)


class _Draft:
    """The stages found so far, each with its key."""

    def __init__(self, spec: JobSpec, surroundings: Surroundings) -> None:
        self.spec = spec
        self.surroundings = surroundings
        self.size = frame_size(spec, surroundings.image_sizes)
        self.seed = spec.seed if spec.seed is not None else 0
        self.stages: list[Stage] = []

    def add_all(self, network: NetworkCard | None) -> None:
        """Dream frames first, then their styles, then the animation."""
        # Only noise depends on the seed: jobs with other seeds share what they make of the same picture.
        seed = self.seed if self.spec.source.noise else None
        source = StageInput(source=self.spec.source, max_size=self.spec.max_size, seed=seed)
        frames = [("source", source)]
        if self.spec.dream is not None and network is not None:
            frames = self.add_dreams(self.spec.dream, network, source)
        if self.spec.style is not None:
            frames = self.add_styles(self.spec.style, frames)
        if self.spec.animation is not None:
            parameters = AnimateParameters(animation=self.spec.animation)
            inputs = tuple(frame for _, frame in frames)
            self._add("animate", 0, (self.spec.animation.format,), inputs, parameters)

    def add_dreams(self, spec: DreamSpec, network: NetworkCard, source: StageInput) -> list[tuple[str, StageInput]]:
        """One stage a layer, or a mix of layers; in a chain each reads the one before."""
        frames: list[tuple[str, StageInput]] = []
        guides = [StageInput(source=Source(image=spec.guide.image), max_size=spec.guide.max_size)] if spec.guide else []
        mixes = dreamed_layers(spec, network)
        for index, mix in enumerate(mixes):
            stage_id = _numbered("dream", index, len(mixes))
            # Coming back to a layer, an endless dream keeps to the channels that were drawn for it.
            turn = mixes.index(mix) if spec.endless else index
            parameters = DreamParameters(
                **spec.model_dump(exclude={"network", "layers", "mode", "channels", "guide", "endless"}),
                network=network.name,
                layers=self._layers(spec, network, mix, turn),
                seed=self._stage_seed("dream", index),
            )
            label = "+".join(mix)
            start = self._following(spec, frames[-1][1]) if frames and spec.mode == "chain" else source
            self._add(stage_id, index, (label,), (start, *guides), parameters)
            frames.append((label, StageInput(stage=stage_id)))
        return frames

    def _following(self, spec: DreamSpec, frame: StageInput) -> StageInput:
        """A frame as the next one dreams on from it."""
        if spec.endless is None:
            return frame
        return frame.model_copy(update={"motion": Motion(**spec.endless.model_dump(exclude={"frames"}))})

    def _layers(self, spec: DreamSpec, network: NetworkCard, mix: Mix, turn: int) -> tuple[LayerParameters, ...]:
        """The layers of one stage, each with its own channels; `turn` numbers the draws."""
        draws = f"dream-{turn:02d}/channels"
        seeds = {layer: derived_seed(self.seed, draws if len(mix) == 1 else f"{draws}/{layer}") for layer in mix}
        return tuple(
            LayerParameters(
                name=layer,
                weight=weight,
                channels=chosen_channels(spec.channels, network, layer, seeds[layer]),
                strongest=strongest_channels(spec.channels, network, layer),
            )
            for layer, weight in mix.items()
        )

    def add_styles(self, spec: StyleSpec, frames: Sequence[tuple[str, StageInput]]) -> list[tuple[str, StageInput]]:
        """One stage a batch of frames, each with all style images behind the contents."""
        images = style_inputs(spec, self.size)
        styled: list[tuple[str, StageInput]] = []
        for first in range(0, len(frames), spec.batch_size):
            batch = frames[first : first + spec.batch_size]
            stage_id = _numbered("style", first, len(frames))
            seeds = (self._stage_seed("style", first + number) for number in range(len(batch)))
            parameters = style_parameters(spec, next(seeds), tuple(seeds))
            labels, contents = zip(*batch, strict=True)
            stage = self._add(stage_id, first, labels, (*contents, *images), parameters)
            made = (StageInput(stage=stage_id, frame=number) for number in stage.frames)
            styled += zip(labels, made, strict=True)
        return styled

    def _stage_seed(self, kind: str, index: int) -> int:
        """The job's seed for the first stage, as the original's one run had it; derived ones later."""
        return derived_seed(self.seed, _numbered(kind, index)) if self.stages else self.seed

    def _add(
        self,
        stage_id: str,
        index: int,
        labels: tuple[str, ...],
        inputs: tuple[StageInput, ...],
        wanted: StageParameters,
    ) -> Stage:
        sizes = self.surroundings.image_sizes
        handed_in = [_source_size(item.source, sizes) for item in inputs if item.source is not None]
        pictures = Pictures(self.size, handed_in)
        parameters = fitting(wanted, pictures, self.surroundings.memory_gib)
        keys = {stage.id: stage.key for stage in self.stages}
        stage = Stage(
            id=stage_id,
            index=index,
            label="..".join(dict.fromkeys((labels[0], labels[-1]))),
            inputs=inputs,
            parameters=parameters,
            key=stage_key(parameters, inputs, keys),
            work=stage_work(parameters, self.size, len(inputs)),
            memory_gib=stage_gib(parameters, pictures),
            labels=labels if len(labels) > 1 else (),
        )
        self.stages.append(stage)
        return stage


def _numbered(kind: str, index: int, count: int = 1) -> str:
    """The id of a stage, with as many digits as put ids in order; without a count as few, whatever the job's length."""
    return f"{kind}-{index:0{max(2, len(str(count - 1)))}d}"
