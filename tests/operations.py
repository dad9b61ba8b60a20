"""The operations of the package, by name."""

from micrograd_vn import table
from micrograd_vn.engine import Op

TABLE = {op.name: op for op in vars(table).values() if isinstance(op, Op)}
