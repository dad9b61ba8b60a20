"""Readers of the graph: what is drawn, explained and compiled."""
