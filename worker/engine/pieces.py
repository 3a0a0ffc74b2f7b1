"""Losses in pieces: what one tile adds to the losses of a whole picture, and how it should change."""

from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from worker.engine.image import Image, Size
from worker.engine.losses import Lens, Targets, gram_matrix, style_loss
from worker.engine.mosaic import positions
from worker.engine.tiles import Span, Tile

COMPILED_KEPT = 8

PIECE = tf.TensorSpec((None, None, 3))
CORES = tf.TensorSpec((None, 4), tf.int32)


class Sums(NamedTuple):
    """Sums over positions, of a tile or of a whole picture.

    Attributes:
        contents: a scalar a content layer, its squared differences.
        grams: a matrix a style layer (and region), its products of channels, not averaged.
    """

    contents: tuple[Any, ...]
    grams: tuple[Any, ...]


class Piece(NamedTuple):
    """One tile as the compiled functions take it.

    Attributes:
        image: the pixels seen, `(height, width, 3)`.
        cores: a row a layer: first row, first column, rows and columns of its positions in the tile itself.
        contents: what the content layers should be there.
        guides: the style layers' guides there, none without regions.
    """

    image: Any
    cores: Any
    contents: tuple[Any, ...]
    guides: tuple[Any, ...]


def layers_of(lens: Lens) -> tuple[str, ...]:
    """Every layer that a loss needs, each once."""
    return tuple(dict.fromkeys(lens.content_layers + lens.style_layers))


def cut_piece(lens: Lens, image: Image, tile: Tile, targets: Targets) -> Piece:
    """A tile of a picture, with its part of the targets."""
    contents = tuple(
        _cut(content, tile, lens.network.stride(layer))
        for content, layer in zip(targets.contents, lens.content_layers, strict=True)
    )
    guided = lens.style_layers if lens.regions else ()
    guides = tuple(
        _cut(guide, tile, lens.network.stride(layer)) for guide, layer in zip(targets.guides, guided, strict=True)
    )
    return Piece(seen_pixels(image, tile), cores_of(lens, tile), contents, guides)


def seen_pixels(image: Image, tile: Tile) -> tf.Tensor:
    """The pixels that a tile is computed from."""
    return tf.constant(np.ascontiguousarray(image[tile.seen_rows.slice, tile.seen_columns.slice]))


def cores_of(lens: Lens, tile: Tile) -> tf.Tensor:
    """Where a tile's own positions lie among those it sees, a row a layer."""
    rows = [_core(lens.network.stride(layer), tile) for layer in layers_of(lens)]
    return tf.constant(np.array(rows, np.int32))


@lru_cache(maxsize=COMPILED_KEPT)
def compiled_core(lens: Lens) -> Callable[[tf.Tensor, tf.Tensor], dict[str, tf.Tensor]]:
    """A tile's own activations, by layer: `(pixels seen, cores)`."""
    return tf.function(lambda image, cores: _core_activations(lens, image, cores), input_signature=[PIECE, CORES])


@lru_cache(maxsize=COMPILED_KEPT)
def compiled_sums(lens: Lens) -> Callable[[Piece], Sums]:
    """What a tile adds to the sums of the whole picture."""
    return tf.function(lambda piece: _sums(lens, piece), input_signature=[_piece_signature(lens)])


@lru_cache(maxsize=COMPILED_KEPT)
def compiled_pull(lens: Lens) -> Callable[[Piece, Sums], tf.Tensor]:
    """The gradient of a tile's pixels seen, given that of the loss for the whole picture's sums.

    Every position lies in one tile, so the gradients of all tiles, added up where they overlap, are the whole's.
    """

    def pull(piece: Piece, slopes: Sums) -> tf.Tensor:
        with tf.GradientTape() as tape:
            tape.watch(piece.image)
            sums = tf.nest.flatten(_sums(lens, piece))
            value = tf.add_n(
                [tf.reduce_sum(one * slope) for one, slope in zip(sums, tf.nest.flatten(slopes), strict=True)]
            )
        return tape.gradient(value, piece.image)

    return tf.function(pull, input_signature=[_piece_signature(lens), _sums_signature(lens)])


def whole_losses(lens: Lens, size: Size, sums: Sums, targets: Targets) -> tf.Tensor:
    """Content and style loss `(2,)` of a picture of this size, each over its scale, from its sums."""
    pairs = zip(sums.contents, lens.content_layers, targets.content_scales, strict=True)
    counts = {layer: _count(lens, layer, size) for layer in layers_of(lens)}
    contents = [total / (counts[layer] * lens.network.channels(layer)) / scale for total, layer, scale in pairs]
    # Guides are already over their sums.
    style = [1.0 if lens.regions else counts[layer] for layer in lens.style_layers for _ in range(max(1, lens.regions))]
    grams = tuple(gram / count for gram, count in zip(sums.grams, style, strict=True))
    return tf.stack([tf.reduce_mean(tf.stack(contents)), style_loss(grams, targets)]) / targets.scales[:2]


def added(sums: Iterator[Sums]) -> Sums:
    """The sums of all tiles."""
    total = next(sums)
    for one in sums:
        total = tf.nest.map_structure(tf.add, total, one)
    return total


def averaged_grams(lens: Lens, image: Image, tiles: Sequence[Tile]) -> tuple[tf.Tensor, ...]:
    """A picture's Gram matrices all over it, a tile at a time."""
    look, size = compiled_core(lens), (image.shape[0], image.shape[1])
    total: list[Any] = [0.0] * len(lens.style_layers)
    for tile in tiles:
        seen = look(seen_pixels(image, tile), cores_of(lens, tile))
        total = [
            one + gram_matrix(seen[layer], averaged=False) for one, layer in zip(total, lens.style_layers, strict=True)
        ]
    return tuple(one / _count(lens, layer, size) for one, layer in zip(total, lens.style_layers, strict=True))


def whole_contents(lens: Lens, image: Image, tiles: Sequence[Tile]) -> tuple[NDArray[np.float32], ...]:
    """A picture's content activations, put together tile by tile."""
    network = lens.network
    wholes = {layer: np.zeros(_shape(lens, layer, image), np.float32) for layer in lens.content_layers}
    for tile in tiles:
        seen = compiled_core(lens)(seen_pixels(image, tile), cores_of(lens, tile))
        for layer, whole in wholes.items():
            _cut(whole, tile, network.stride(layer))[...] = seen[layer].numpy()
    return tuple(wholes[layer] for layer in lens.content_layers)


def _core_activations(lens: Lens, image: tf.Tensor, cores: tf.Tensor) -> dict[str, tf.Tensor]:
    seen = lens.activations(image)
    found: dict[str, tf.Tensor] = {}
    for number, layer in enumerate(layers_of(lens)):
        row, column, height, width = tf.unstack(cores[number], num=4)
        found[layer] = seen[layer][:, row : row + height, column : column + width]
    return found


def _sums(lens: Lens, piece: Piece) -> Sums:
    seen = _core_activations(lens, piece.image, piece.cores)
    contents = tuple(
        tf.reduce_sum(tf.square(seen[layer] - target))
        for layer, target in zip(lens.content_layers, piece.contents, strict=True)
    )
    return Sums(contents, lens.guided_grams(seen, piece.guides, averaged=False))


def _cut(whole: Any, tile: Tile, stride: int) -> Any:
    """A tile's part of what covers a whole layer, `(any, height, width, any)`."""
    rows, columns = positions(tile.rows, stride), positions(tile.columns, stride)
    return whole[:, rows.slice, columns.slice]


def _core(stride: int, tile: Tile) -> tuple[int, int, int, int]:
    rows, columns = _inside(tile.rows, tile.seen_rows, stride), _inside(tile.columns, tile.seen_columns, stride)
    return rows.start, columns.start, rows.stop - rows.start, columns.stop - columns.start


def _inside(span: Span, seen: Span, stride: int) -> Span:
    return positions(span.within(seen), stride)


def _count(lens: Lens, layer: str, size: Size) -> float:
    _, height, width, _ = _shape_of_size(lens, layer, size)
    return float(height * width)


def _shape(lens: Lens, layer: str, image: Image) -> tuple[int, int, int, int]:
    return _shape_of_size(lens, layer, (image.shape[0], image.shape[1]))


def _shape_of_size(lens: Lens, layer: str, size: Size) -> tuple[int, int, int, int]:
    rows, columns = (positions(Span(0, length), lens.network.stride(layer)).stop for length in size)
    return 1, rows, columns, lens.network.channels(layer)


def _piece_signature(lens: Lens) -> Piece:
    contents = tuple(tf.TensorSpec((1, None, None, lens.network.channels(layer))) for layer in lens.content_layers)
    guided = lens.style_layers if lens.regions else ()
    return Piece(PIECE, CORES, contents, tuple(tf.TensorSpec((lens.regions, None, None, 1)) for _ in guided))


def _sums_signature(lens: Lens) -> Sums:
    channels = [lens.network.channels(layer) for layer in lens.style_layers for _ in range(max(1, lens.regions))]
    scalars = tuple(tf.TensorSpec(()) for _ in lens.content_layers)
    return Sums(scalars, tuple(tf.TensorSpec((count, count)) for count in channels))
