"""Exercises: how one is defined, and Câu 3 and Câu 4 of the course AIO2024."""

from micrograd_vn.exercises.checking import check
from micrograd_vn.exercises.course import cau3, cau4, network
from micrograd_vn.exercises.definition import Definition, GivensError, exercise, steps
from micrograd_vn.exercises.report import Report
from micrograd_vn.exercises.sampling import variants
from micrograd_vn.exercises.solved import Exercise, Expression

__all__ = [
    "Definition", "Exercise", "Expression", "GivensError", "Report", "cau3", "cau4", "check",
    "exercise", "network", "steps", "variants",
]  # fmt: skip
