"""A step's StableHLO as text: the same step in other precisions, and how much it computes."""

import math
import re
from collections.abc import Callable, Mapping

# Where an operation stood in the source: paths of the machine that wrote it.
LOCATION = re.compile(r' loc\((?:[^()"]|"[^"]*"|\([^()]*\))*\)|^#loc.*\n', re.MULTILINE)
# TensorFlow numbers its functions by what the process traced before.
MODULE = re.compile(r"^module @\S+", re.MULTILINE)
# Truth values packed eight to a byte, as not every version of MLIR packs them.
PACKED = re.compile(r'dense<"0x(?P<bytes>[0-9A-F]+)"> : tensor<(?P<shape>[\dx]+)xi1>')
PRODUCT = re.compile(
    r"^(?P<indent> *)(?P<result>%\S+) = (?P<kind>stablehlo\.(?:convolution\(|dot_general |dot ))(?P<one>%[\w#.]+), "
    r"(?P<other>%[\w#.]+)(?P<rest>.*) : "
    r"\(tensor<(?P<left>[\dx]+)xf32>, tensor<(?P<right>[\dx]+)xf32>\) -> tensor<(?P<made>[\dx]+)xf32>$",
    re.MULTILINE,
)
CONTRACTED = re.compile(r"contracting_dims = \[([\d, ]*)\]")
KERNEL_AXES = re.compile(r"dim_numbers = \[.*?\]x\[(.*?)\]")
DILATED = re.compile(r"lhs_dilate = \[([\d, ]*)\]")
# Kernels' gradients are traced too. Nobody asks for them, and the compiler throws them away.
KERNEL_GRADIENT = "dim_numbers = [f, 0, 1, b]"


def cleaned(text: str) -> str:
    """The same step without names that depend on where and when it was traced, truth values spelled out."""
    return PACKED.sub(_spelled_out, MODULE.sub("module @step", LOCATION.sub("", text)))


def in_tf32(text: str) -> str:
    """Products that may round their factors to TF32; on a device that does not know it, nothing changes."""
    return text.replace("precision HIGHEST", "precision DEFAULT").replace("[HIGHEST, HIGHEST]", "[DEFAULT, DEFAULT]")


def in_bf16(text: str) -> str:
    """Convolutions of bfloat16 factors with float32 sums; all else as it was, as in the engine's mixed precision."""
    return PRODUCT.sub(_rounded, text)


PRECISIONS: Mapping[str, Callable[[str], str]] = {"float32": lambda text: text, "tf32": in_tf32, "bf16": in_bf16}


def operations(text: str) -> int:
    """Floating-point operations of the products of one step: a multiplication and an addition are two.

    The loop over steps stands once in the program, and once more as a function that nobody calls any more.
    """
    return sum(_operations(product) for product in PRODUCT.finditer(text[max(0, text.find("@main")) :]))


def _spelled_out(packed: re.Match[str]) -> str:
    shape, values = _numbers(packed["shape"]), bytes.fromhex(packed["bytes"])
    words = ["true" if values[place // 8] >> place % 8 & 1 else "false" for place in range(math.prod(shape))]
    for length in reversed(shape):
        words = [f"[{', '.join(words[first : first + length])}]" for first in range(0, len(words), length)]
    return f"dense<{words[0]}> : tensor<{packed['shape']}xi1>"


def _rounded(product: re.Match[str]) -> str:
    if "convolution" not in product["kind"]:
        return product[0]
    indent, result = product["indent"], product["result"]
    names = f"%left_{result[1:]}", f"%right_{result[1:]}"
    shapes = product["left"], product["right"]
    factors = zip(names, (product["one"], product["other"]), shapes, strict=True)
    rounding = [
        f"{indent}{name} = stablehlo.convert {factor} : (tensor<{shape}xf32>) -> tensor<{shape}xbf16>\n"
        for name, factor, shape in factors
    ]
    types = f"(tensor<{shapes[0]}xbf16>, tensor<{shapes[1]}xbf16>) -> tensor<{product['made']}xf32>"
    return f"{''.join(rounding)}{indent}{result} = {product['kind']}{', '.join(names)}{product['rest']} : {types}"


def _operations(product: re.Match[str]) -> int:
    rest, made = product["rest"], math.prod(_numbers(product["made"]))
    if KERNEL_GRADIENT in rest:
        return 0
    contracted, axes, dilated = CONTRACTED.search(rest), KERNEL_AXES.search(rest), DILATED.search(rest)
    if "dot" in product["kind"]:
        summed = _numbers(contracted[1]) if contracted else [-1]
        return 2 * made * math.prod(_numbers(product["left"])[axis] for axis in summed)
    if not axes or not dilated:
        raise ValueError(f"cannot count the operations of {product[0].strip()!r}; known are convolutions and products")
    kernel = _numbers(product["right"])
    # Between the values of a dilated input lie zeros, which count nothing.
    return 2 * made * math.prod(kernel) // kernel[axes[1].split(", ").index("o")] // math.prod(_numbers(dilated[1]))


def _numbers(text: str) -> list[int]:
    return [int(number) for number in re.findall(r"\d+", text)]
