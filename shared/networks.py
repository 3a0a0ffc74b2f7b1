"""The pretrained networks that a spec can name, with their layers, known without loading them."""

import itertools
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from shared.errors import SpecError
from shared.spec.suggestion import suggestion


@dataclass(frozen=True)
class Layer:
    """A named activation that can be dreamed of or painted by.

    Attributes:
        name: as specs name it.
        channels: how many feature maps it has.
        stride: pixels of the image between two neighbouring positions.
        field: pixels of the image, on a side, that one position sees.
        held: numbers a position that are kept until the gradient comes back: all that lies behind the layer before.
    """

    name: str
    channels: int
    stride: int
    field: int
    held: int


@dataclass(frozen=True)
class NetworkCard:
    """What a plan must know of a network.

    Attributes:
        kernels: numbers in its convolutions.
        identity: sha256 that names the weights; two files with the same identity give the same pictures.
        minimum_size: the smallest side of an image, in pixels, that every layer can look at.
        chain: the layers of a chain when a spec names none: (first, last).
        endless: the layer of an endless dream when a spec names none.
    """

    name: str
    layers: tuple[Layer, ...]
    kernels: int
    identity: str
    minimum_size: int
    chain: tuple[int, int]
    endless: int

    def index(self, wanted: str | int, pointer: str = "") -> int:
        """The number of a layer given by name or number."""
        names = [layer.name for layer in self.layers]
        number = names.index(wanted) if wanted in names else wanted
        if isinstance(number, str) and number.isdecimal():
            number = int(number)
        if isinstance(number, int) and 0 <= number < len(names):
            return number
        listed = ", ".join(f"{i} {name}" for i, name in enumerate(names))
        meant = suggestion(wanted, names)
        raise SpecError(f"{self.name} has no layer {wanted!r}; {meant}its layers are {listed}", pointer)


def _layers(names: str, *facts: tuple[int, ...]) -> tuple[Layer, ...]:
    """Layers from their names and, fact by fact in the order of `Layer`, what is told of each."""
    return tuple(itertools.starmap(Layer, zip(names.split(), *facts, strict=True)))


_INCEPTION = "conv2d0 conv2d1 conv2d2 mixed3a mixed3b mixed4a mixed4b mixed4c mixed4d mixed4e mixed5a mixed5b"
_INCEPTION_STRIDES = (2, 4, 4, 8, 8, 16, 16, 16, 16, 16, 32, 32)
_INCEPTION_FIELDS = (7, 11, 19, 59, 91, 171, 235, 299, 363, 427, 587, 715)
_VGG = "conv1_1 conv1_2 conv2_1 conv2_2 conv3_1 conv3_2 conv3_3 conv4_1 conv4_2 conv4_3 conv5_1 conv5_2 conv5_3"

# The order is the order of `network: auto`: the first that a worker has.
NETWORKS: Mapping[str, NetworkCard] = MappingProxyType(
    {
        card.name: card
        for card in (
            NetworkCard(
                name="inception5h",
                layers=_layers(
                    _INCEPTION,
                    (64, 64, 192, 256, 480, 508, 512, 512, 528, 832, 832, 1024),
                    _INCEPTION_STRIDES,
                    _INCEPTION_FIELDS,
                    (64, 192, 192, 1776, 1376, 2088, 1668, 1688, 1744, 2384, 3536, 3120),
                ),
                kernels=6_025_888,
                identity="a39b08b826c9d5a5532ff424c03a3a11a202967544e389aca4b06c2bd8aef63f",
                minimum_size=32,
                chain=(1, 11),
                endless=7,
            ),
            NetworkCard(
                name="googlenet",
                layers=_layers(
                    _INCEPTION,
                    (64, 64, 192, 256, 480, 512, 512, 512, 528, 832, 832, 1024),
                    _INCEPTION_STRIDES,
                    _INCEPTION_FIELDS,
                    (64, 192, 192, 1776, 1376, 2096, 1672, 1688, 1744, 2384, 3520, 3120),
                ),
                kernels=5_966_272,
                identity="8a5b1f80889ea1fe55939e5a2eb629a9b91250f06fc4091efdb2cc074b804b43",
                minimum_size=32,
                chain=(1, 11),
                endless=7,
            ),
            NetworkCard(
                name="vgg16",
                layers=_layers(
                    _VGG,
                    (64, 64, 128, 128, 256, 256, 256, 512, 512, 512, 512, 512, 512),
                    (1, 1, 2, 2, 4, 4, 4, 8, 8, 8, 16, 16, 16),
                    (3, 5, 10, 14, 24, 32, 40, 60, 76, 92, 132, 164, 196),
                    (64, 64, 192, 128, 384, 256, 256, 768, 512, 512, 1024, 512, 512),
                ),
                kernels=14_710_464,
                identity="c163cea254b1225e931128f413724e92745eff9ae7f5cbf844d5a058e1e09a28",
                minimum_size=32,
                # Earlier layers of vgg16 only drive colours to neon; the last one spins webs over what the others drew.
                chain=(4, 11),
                endless=10,
            ),
        )
    }
)
