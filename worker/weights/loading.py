"""Weights as a network is built from: read in every format, so that TensorFlow is loaded with this module."""

from collections.abc import Mapping

from shared.errors import WeightsCorruptError, WeightsUnavailableError
from shared.settings import WeightsSettings
from worker.weights.formats.frozen_graph import read_frozen_graph, read_zipped_graph
from worker.weights.library import READERS, Reader, Tensors, files_at_hand, not_at_hand, read_checked
from worker.weights.manifest import Format, weights_named

_READERS: Mapping[Format, Reader] = {
    **READERS,
    Format.GRAPH: lambda path, _: read_frozen_graph(path),
    Format.GRAPH_ZIP: lambda path, file: read_zipped_graph(path, file.inside),
}


def load(name: str, settings: WeightsSettings) -> Tensors:
    """Read a network's tensors, checked against the manifest; nothing is kept in memory here.

    Returns:
        float32 tensors, keys `LAYER/kernel` (HWIO) and `LAYER/bias`, with the layers' names of the network's own file.

    Raises:
        UnknownNetworkError: there is no network of that name.
        WeightsUnavailableError: the weights are not at hand.
        WeightsCorruptError: the file is not the published one.
    """
    weights = weights_named(name)
    errors: list[WeightsCorruptError | WeightsUnavailableError] = []
    for path, file in files_at_hand(weights, settings):
        try:
            return read_checked(weights, path, file, _READERS[file.format])
        except (WeightsCorruptError, WeightsUnavailableError) as error:
            errors.append(error)
    raise errors[0] if errors else not_at_hand(weights, settings)
