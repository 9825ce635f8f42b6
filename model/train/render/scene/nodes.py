"""A small way to write shader graphs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import bpy


def rgba(color: Any) -> tuple[float, float, float, float]:
    """Linear RGB with alpha 1."""
    return float(color[0]), float(color[1]), float(color[2]), 1.0


class Graph:
    """The nodes of one material."""

    def __init__(self, name: str) -> None:
        self.material = bpy.data.materials.new(name)
        self.material.use_nodes = True
        self.tree = self.material.node_tree
        self.tree.nodes.clear()
        self._output = self.tree.nodes.new("ShaderNodeOutputMaterial")

    def node(self, kind: str, **settings: Any) -> Any:
        """Add a node; settings are inputs (underscores for spaces) or properties."""
        node = self.tree.nodes.new("ShaderNode" + kind)
        for key, value in settings.items():
            name = key.replace("_", " ")
            if name in node.inputs:
                self.feed(node.inputs[name], value)
            elif key in node.inputs:
                self.feed(node.inputs[key], value)
            else:
                setattr(node, key, value)
        return node

    def feed(self, socket: Any, value: Any) -> None:
        """Give a socket a value or another node's output."""
        if getattr(value, "is_output", False):
            self.tree.links.new(value, socket)
        else:
            socket.default_value = value

    def mix(self, factor: Any, first: Any, second: Any) -> Any:
        """The output of a mix of two colours."""
        node = self.tree.nodes.new("ShaderNodeMix")
        node.data_type = "RGBA"
        for number, value in ((0, factor), (6, first), (7, second)):
            self.feed(node.inputs[number], value)
        return node.outputs[2]

    def math(self, operation: str, *values: Any) -> Any:
        """The output of a mathematical node."""
        node = self.tree.nodes.new("ShaderNodeMath")
        node.operation = operation
        for socket, value in zip(node.inputs, values, strict=False):
            self.feed(socket, value)
        return node.outputs[0]

    def ramp(self, factor: Any, stops: Sequence[tuple[float, Any]], *, steps: bool = False) -> Any:
        """The colour of a ramp with stops of position and linear RGB."""
        node = self.node("ValToRGB")
        if steps:
            node.color_ramp.interpolation = "CONSTANT"
        elements = node.color_ramp.elements
        for i, (position, color) in enumerate(stops):
            element = elements[i] if i < 2 else elements.new(position)
            element.position, element.color = position, rgba(color)
        self.feed(node.inputs[0], factor)
        return node.outputs[0]

    def finish(self, shader: Any) -> Any:
        """Connect a shader and return the material."""
        self.tree.links.new(shader.outputs[0], self._output.inputs[0])
        return self.material
