"""The draft of a plan: stages put together, each with its key and what it takes."""

from collections.abc import Sequence

from shared.networks import NetworkCard
from shared.plan.cost import stage_work
from shared.plan.keys import stage_key
from shared.plan.layers import Mix, chosen_channels, dreamed_layers, strongest_channels
from shared.plan.memory import Pictures, fitting, stage_gib
from shared.plan.parameters import AnimateParameters, DreamParameters, LayerParameters, StageParameters
from shared.plan.records import Plan, Stage, StageInput
from shared.plan.seeds import derived_seed
from shared.plan.style import style_inputs, style_parameters
from shared.plan.surroundings import Surroundings, frame_size, source_size
from shared.spec.dream import DreamSpec, Motion
from shared.spec.job import JobSpec
from shared.spec.source import Source
from shared.spec.style import StyleSpec


def drafted(spec: JobSpec, network: NetworkCard | None, surroundings: Surroundings) -> Plan:
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
        handed_in = [source_size(item.source, sizes) for item in inputs if item.source is not None]
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
