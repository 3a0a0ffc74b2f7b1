"""The distribution as others meet it."""

from importlib.metadata import distributions

OURS = {"api", "worker", "shared", "deploy"}


def test_our_top_level_names_belong_to_nobody_else() -> None:
    for distribution in distributions():
        if distribution.name == "dreamqueue":
            continue
        tops = {path.parts[0] for path in distribution.files or () if len(path.parts) > 1}
        modules = {path.stem for path in distribution.files or () if len(path.parts) == 1 and path.suffix == ".py"}
        assert not OURS & (tops | modules), distribution.name
