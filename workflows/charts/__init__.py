"""A programme's road as a chart: drawn as a picture, exported as BPMN 2.0, told as a table. All from its rules."""

from .chart import Chart, Edge, Node, chart_of

__all__ = ["Chart", "Edge", "Node", "chart_of"]
