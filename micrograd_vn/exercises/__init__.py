"""Exercises: how one is defined, and Câu 3 and Câu 4 of the course AIO2024."""

from micrograd_vn.exercises.checking import check
from micrograd_vn.exercises.course import cau3, cau4, network
from micrograd_vn.exercises.definition import Definition, GivensError, exercise, steps
from micrograd_vn.exercises.homework import Homework, Variant, assign, load_homework
from micrograd_vn.exercises.marking import ClassReport, check_class
from micrograd_vn.exercises.moodle import Quiz, quiz
from micrograd_vn.exercises.report import Report
from micrograd_vn.exercises.sampling import variants
from micrograd_vn.exercises.solved import Exercise, Expression
from micrograd_vn.exercises.students import read_students

__all__ = [
    "ClassReport", "Definition", "Exercise", "Expression", "GivensError", "Homework", "Quiz",
    "Report", "Variant", "assign", "cau3", "cau4", "check", "check_class", "exercise",
    "load_homework", "network", "quiz", "read_students", "steps", "variants",
]  # fmt: skip
