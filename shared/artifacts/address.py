"""Opens the artifact store that an address names."""

from collections.abc import Callable, Mapping
from importlib import import_module
from pathlib import Path
from urllib.parse import unquote, urlsplit

from shared.artifacts.directory import DirectoryStore
from shared.artifacts.store import ArtifactStore
from shared.errors import ConfigurationError


def open_artifacts(url: str) -> ArtifactStore:
    """The store at a folder's path, `file:///path` or `s3://bucket/prefix`.

    Raises:
        ConfigurationError: an address of another kind, or one whose extra is not installed.
    """
    parts = urlsplit(url)
    if parts.scheme not in _OPENERS or (parts.scheme == "s3" and not parts.netloc):
        possible = "a folder, file:///path or s3://bucket/prefix"
        raise ConfigurationError(f"artifacts cannot be kept at {url!r}; possible are {possible}")
    return _OPENERS[parts.scheme](url)


def _folder(url: str) -> ArtifactStore:
    return DirectoryStore(Path(url).expanduser().absolute())


def _file(url: str) -> ArtifactStore:
    return DirectoryStore(Path(unquote(urlsplit(url).path)))


def _bucket(url: str) -> ArtifactStore:
    try:
        # Late, because its library is an extra that a single machine does without.
        return import_module("shared.artifacts.s3").BucketStore(url)
    except ModuleNotFoundError as error:
        raise ConfigurationError(
            f"{url!r} needs the extra s3: run pip install '.[s3]' in dreamqueue's folder ({error})"
        ) from error


_OPENERS: Mapping[str, Callable[[str], ArtifactStore]] = {"": _folder, "file": _file, "s3": _bucket}
