"""A LiteRT file with its kernels in half precision, and all else as it is.

The converter's own half precision rounds every number of the graph, and 1 / 116 ** 3 in L -> gray becomes 3 % larger:
float16's smallest numbers are 6e-8 apart. Kernels are stored in half precision anyway; the rest is a hundredth.
"""

import flatbuffers
import numpy as np
from tensorflow.lite.python import schema_py_generated as schema

ALIGNMENT = 16  # bytes: what the format promises of tensors, and flatbuffers' Python part does not keep by itself
HALVES_SINCE = 3  # the version of the operator DEQUANTIZE that knows float16


class Aligned(flatbuffers.Builder):
    """Writes a flatbuffer in which every vector begins at a multiple of 16 bytes."""

    def StartVector(self, elemSize, numElems, alignment):
        return super().StartVector(elemSize, numElems, max(alignment, ALIGNMENT))


def halved(data):
    """The bytes of a LiteRT file of float32, its kernels in float16: each is turned back when the file is loaded."""
    model = schema.ModelT.InitFromObj(schema.Model.GetRootAs(data))
    for graph in model.subgraphs:
        graph.operators[:0] = [
            _halve(model, graph, number) for number in range(len(graph.tensors)) if _is_kernel(model, graph, number)
        ]
    builder = Aligned(len(data))
    builder.Finish(model.Pack(builder), b"TFL3")
    return bytes(builder.Output())


def _is_kernel(model, graph, number):
    tensor = graph.tensors[number]
    constant = model.buffers[tensor.buffer].data is not None
    return constant and tensor.type == schema.TensorType.FLOAT32 and len(tensor.shape) == 4


def _halve(model, graph, number):
    """Store a constant as float16; the operator that gives the tensor `number` its values from it."""
    tensor = graph.tensors[number]
    numbers = np.frombuffer(model.buffers[tensor.buffer].data.tobytes(), np.float32)
    buffer = schema.BufferT(data=np.frombuffer(numbers.astype(np.float16).tobytes(), np.uint8))
    half = schema.TensorT(
        name=tensor.name + b"/half",
        type=schema.TensorType.FLOAT16,
        shape=tensor.shape,
        buffer=len(model.buffers),
        hasRank=tensor.hasRank,
    )
    model.buffers[tensor.buffer].data, tensor.buffer = None, 0  # its values are no constant of the file any more
    model.buffers.append(buffer)
    graph.tensors.append(half)
    return schema.OperatorT(opcodeIndex=_dequantize(model), inputs=[len(graph.tensors) - 1], outputs=[number])


def _dequantize(model):
    """The number of the operator DEQUANTIZE in the file, which is added where it is missing."""
    kind = schema.BuiltinOperator.DEQUANTIZE
    for number, code in enumerate(model.operatorCodes):
        if code.builtinCode == kind:
            return number
    model.operatorCodes.append(schema.OperatorCodeT(deprecatedBuiltinCode=kind, builtinCode=kind, version=HALVES_SINCE))
    return len(model.operatorCodes) - 1
