"""Tells which jobs come with dreamqueue."""

from typing import Annotated

from fastapi import APIRouter, Path

from api.answers import PresetAnswer, PresetList
from api.dependencies import ArtifactsDep, SettingsDep, StoreDep
from api.uploads import upload
from api.views import preset_list, preset_summary
from shared.presets.catalogue import preset_of
from shared.spec.file import replace_images
from shared.spec.job import JobSpec

router = APIRouter(prefix="/v1/presets", tags=["specs"])

PresetPath = Annotated[str, Path(max_length=100, examples=["figure-07-recursive"])]


@router.get("")
def list_presets() -> PresetList:
    """Every job that comes with dreamqueue, by name."""
    return preset_list()


# What a preset leaves to the defaults is left out: so it reads as it was written.
@router.get("/{name}", response_model_exclude_unset=True)
def give_preset(name: PresetPath, settings: SettingsDep, store: StoreDep, artifacts: ArtifactsDep) -> PresetAnswer:
    """One of them, ready to be handed in: the pictures that it names are taken in."""
    preset = preset_of(name)
    pixels = settings.api.max_image_pixels
    data = replace_images(preset.data, lambda path: upload(store, artifacts, path.read_bytes(), pixels).id)
    return PresetAnswer(**dict(preset_summary(preset)), spec=JobSpec.model_validate(data))
