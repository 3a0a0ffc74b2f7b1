"""Opens the artifact store that an address names."""

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
    if parts.scheme == "":
        return DirectoryStore(Path(url).expanduser().absolute())
    if parts.scheme == "file":
        return DirectoryStore(Path(unquote(parts.path)))
    raise ConfigurationError(f"artifacts cannot be kept at {url!r}; possible are a folder, file:///path")
