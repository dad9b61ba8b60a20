"""The tables of the documentation: the operations, and the benchmarks."""

import inspect
import pathlib
import re

from micrograd_vn import table
from micrograd_vn.engine import Op
from micrograd_vn.formulas.identities import textbook
from micrograd_vn.formulas.text import Text
from micrograd_vn.formulas.tree import Formula, Name, Number, differentiate, replaced, rounded

# Those that take any number of operands, here with two of each kind.
SEVERAL = {
    "dot": ["w₁", "w₂", "x₁", "x₂"],
    "logsumexp": ["x₁", "x₂"],
    "cross_entropy": ["h₁", "h₂", "t₁", "t₂"],
    "softmax": ["x₁", "x₂"],
    "softmax_rest": ["x₁", "x₂"],
    "largest": ["x₁", "x₂"],
    "excess": ["m", "x₁", "x₂"],
}
HEADINGS = {
    "vi": ["Tên", "Ký hiệu", "Công thức", "Đạo hàm", "Miền xác định"],
    "en": ["Name", "Symbol", "Formula", "Derivatives", "Domain"],
}
EVERYWHERE = {"vi": "mọi số", "en": "everywhere"}

# The words of `tests.benchmarks`, in Vietnamese.
VIETNAMESE = {
    "A: a step of the two-moons network": "A: một bước của mạng hai nửa vành trăng",
    "B: 20 steps of a small GPT": "B: 20 bước của một GPT nhỏ",
    "A, compiled: one point of a step": "A, biên dịch: một điểm của một bước",
    "A, with network libraries: a step": "A, với thư viện mạng: một bước",
    "Memory of a recorded addition": "Bộ nhớ của một phép cộng được ghi",
    "Emitting and compiling": "Sinh mã và biên dịch",
    "times faster than micrograd": "nhanh hơn micrograd (lần)",
    "times ours": "so với micrograd_vn",
    "A step on": "Một bước trên",
    "1000000 points": "1000000 điểm",
    "of the first": "so với dòng đầu",
    "this process": "tiến trình này",
    "from, to": "từ, đến",
    "medians of 5 runs": "trung vị của 5 lượt đo",
    "Left out, as not installed": "Bỏ qua vì chưa cài đặt",
    "a C compiler": "trình biên dịch C",
    " cores": " lõi",
    "Live page in Chromium": "Trang tương tác trong Chromium",
    "opened, ms": "mở, ms",
    "an update, ms": "một lần cập nhật, ms",
    "a network of 498 values": "mạng gồm 498 giá trị",
    "of the last": "so với dòng cuối",
    "100 points": "100 điểm",
    "10000 points": "10000 điểm",
    "neurons with dot": "nơ-ron dùng dot",
    "products with dot": "tích dùng dot",
    "nn and optim": "nn và optim",
    "a tensor for each scalar": "một tensor cho mỗi số",
    "100 steps and compilation, per step": "100 bước và biên dịch, mỗi bước",
    "microgpt's kind of Value": "Value kiểu microgpt",
    "floats": "số thực",
    "batch of": "lô",
    "straight-line C at": "mã C không rẽ nhánh với",
    "assignments": "phép gán",
    "a chain of": "một chuỗi",
    "workload A": "bài A",
}


def operations(lang: str) -> str:
    """Return the table of operations as Markdown, written from what the operations say."""
    rows = [HEADINGS[lang], ["---"] * 5]
    for op in [x for x in vars(table).values() if isinstance(x, Op)]:
        names = SEVERAL.get(op.name) or list(inspect.signature(op.partials).parameters)[1:]
        domain = _condition(op.domain) or EVERYWHERE[lang]
        rows.append([f"`{op.name}`", op.symbol, *_formulas(op, names), domain])
    return "\n".join(f"| {' | '.join(cell.replace('|', '∣') for cell in row)} |" for row in rows)


def benchmarks(lang: str) -> str:
    """Return the published tables of `python -m tests.benchmarks`."""
    text = (pathlib.Path(__file__).parent / "benchmarks.md").read_text(encoding="utf-8")
    if lang == "vi":
        longest_first = sorted(VIETNAMESE, key=len, reverse=True)
        text = re.sub("|".join(longest_first), lambda words: VIETNAMESE[words[0]], text)
    return text


def _formulas(op: Op, names: list[str]) -> tuple[str, str]:
    """Return the formula of an operation, and those of its derivatives."""
    operands = [Name(name) for name in names]
    formula = op(*operands)
    slopes = [replaced(textbook(differentiate(formula, x)), _short) for x in operands]
    return Text()(formula), ", ".join(map(Text(), slopes))


def _short(f: Formula) -> Formula | None:
    """Return a number with few digits."""
    return rounded(float(f)) if isinstance(f, Number) else None


def _condition(domain: str) -> str:
    """Return a condition in Python as one writes it by hand."""
    for python, written in (
        ("-", "−"), ("% 1 == 0", "∈ ℤ"), ("==", "="), ("!=", "≠"), ("<=", "≤"), (">=", "≥"),
        (" or ", "; "), (" and ", ", "),
    ):  # fmt: skip
        domain = domain.replace(python, written)
    return domain
