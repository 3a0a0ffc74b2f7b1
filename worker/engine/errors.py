"""The engine's errors: EngineError, and below it what can be wrong with a layer, an image, an encoder or a number.

EngineError
├── UnknownLayerError
├── UnknownNetworkNameError
├── WeightsMismatchError
├── ImageTooSmallError
├── ImageUnreadableError
├── RegionError
├── SettingsError
├── EncoderMissingError
├── UnreadableError
└── NotFiniteError
"""

from collections.abc import Iterable


class EngineError(Exception):
    """Anything that the engine refuses to compute, or could not."""


class UnknownLayerError(EngineError):
    """A layer that the network does not have."""

    def __init__(self, got: str | int, network: str, possible: Iterable[str]) -> None:
        """Name the layer asked for beside those that exist."""
        self.got, self.network, self.possible = got, network, tuple(possible)
        super().__init__(got, network, self.possible)

    def __str__(self) -> str:
        """Say what was got and what is possible."""
        listed = ", ".join(f"{index} {name}" for index, name in enumerate(self.possible))
        return f"{self.network} has no layer {self.got!r}; its layers are {listed}"


class UnknownNetworkNameError(EngineError):
    """A network that the engine cannot build."""

    def __init__(self, got: str, possible: Iterable[str]) -> None:
        """Name the network asked for beside those that exist."""
        self.got, self.possible = got, tuple(possible)
        super().__init__(got, self.possible)

    def __str__(self) -> str:
        """Say what was got and what is possible."""
        return f"there is no network {self.got!r}; possible are {', '.join(self.possible)}"


class WeightsMismatchError(EngineError):
    """Tensors that are missing, or whose shapes are not the network's."""

    def __init__(self, network: str, tensor: str, got: str, wanted: str) -> None:
        """Name the tensor, what stands there and what should."""
        self.network, self.tensor, self.got, self.wanted = network, tensor, got, wanted
        super().__init__(network, tensor, got, wanted)

    def __str__(self) -> str:
        """Say what was got and what was wanted."""
        return f"{self.network} needs {self.tensor} as {self.wanted}, got {self.got}; fetch the weights again"


class ImageTooSmallError(EngineError):
    """An image with a side under what the computation can use."""

    def __init__(self, got: tuple[int, int], minimum: int, reason: str) -> None:
        """Hold the size `(height, width)` in pixels, the smallest side that works and what asks for it."""
        self.got, self.minimum, self.reason = got, minimum, reason
        super().__init__(got, minimum, reason)

    def __str__(self) -> str:
        """Say what was got and what works."""
        height, width = self.got
        return f"the image is {height} x {width} px; {self.reason} needs both sides to be {self.minimum} px or more"


class ImageUnreadableError(EngineError):
    """Bytes that are no picture."""

    def __init__(self, reason: str) -> None:
        """Hold the decoder's reason."""
        self.reason = reason
        super().__init__(reason)

    def __str__(self) -> str:
        """Say why, and what to send."""
        return f"the image cannot be read ({self.reason}); send a PNG, JPEG, WebP, GIF, TIFF or BMP"


class RegionError(EngineError):
    """Masks that do not fit the styles, or that leave too little of the picture."""


class SettingsError(EngineError):
    """A setting out of its range."""

    def __init__(self, name: str, got: object, possible: str) -> None:
        """Name the setting, its value and its range."""
        self.name, self.got, self.possible = name, got, possible
        super().__init__(name, got, possible)

    def __str__(self) -> str:
        """Say what was got and what is possible."""
        return f"{self.name} is {self.got!r}; possible is {self.possible}"


class EncoderMissingError(EngineError):
    """A format whose encoder is an extra that this machine does not have."""

    def __init__(self, container: str, extra: str, reason: str) -> None:
        """Name the format, the extra that brings its encoder, and what was missed."""
        self.container, self.extra, self.reason = container, extra, reason
        super().__init__(container, extra, reason)

    def __str__(self) -> str:
        """Say what is missing and how to bring it."""
        return (
            f"{self.container} needs the extra {self.extra}: run pip install '.[{self.extra}]' in dreamqueue's folder "
            f"on this machine and retry the job, or choose gif, webp or apng ({self.reason})"
        )


class UnreadableError(EngineError):
    """A file that was written here and that another's reader does not take as it was meant."""

    def __init__(self, container: str, reason: str) -> None:
        """Name the format and what was found."""
        self.container, self.reason = container, reason
        super().__init__(container, reason)

    def __str__(self) -> str:
        """Say what was found, and what to do."""
        return f"the {self.container} that was made does not read back ({self.reason}); choose another format"


class NotFiniteError(EngineError):
    """A picture or loss that became NaN or infinite."""

    def __init__(self, where: str) -> None:
        """Say at which step of what it happened."""
        self.where = where
        super().__init__(where)

    def __str__(self) -> str:
        """Say where, and what to change."""
        return f"the computation left the finite numbers at {self.where}; choose a smaller step size"
