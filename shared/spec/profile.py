"""The two profiles: what each sets the other fields to when a spec leaves them out."""

from collections.abc import Mapping
from typing import Any, Literal, cast

Profile = Literal["modern", "classic"]

DREAM_DEFAULTS: Mapping[str, Mapping[str, Any]] = {"modern": {}, "classic": {"tile_size": 400}}

# Classic: the original program's own settings. Modern ones are the fields' defaults.
STYLE_DEFAULTS: Mapping[str, Mapping[str, Any]] = {
    "modern": {},
    "classic": {
        "iterations": 120,
        "optimizer": "gradient-descent",
        "step_size": 10.0,
        "weights": {"style": 10.0, "content": 1.5, "denoise": 0.3},
        "content_layers": [4],
        "style_layers": "all",
        "max_size": 300,
        "levels": 1,
    },
}


def with_profile_defaults(data: Any, defaults: Mapping[str, Mapping[str, Any]]) -> Any:
    """The data of a block, completed by what its profile sets; anything but a mapping is left to the validator."""
    if not isinstance(data, dict):
        return data
    given = cast("dict[str, Any]", data)
    return _merged(defaults.get(str(given.get("profile", "modern")), {}), given)


def _merged(defaults: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
    """Both, the given one winning, field by field also inside blocks."""
    merged = {**defaults, **given}
    for name in defaults.keys() & given.keys():
        if isinstance(defaults[name], dict) and isinstance(given[name], dict):
            merged[name] = _merged(defaults[name], given[name])
    return merged
