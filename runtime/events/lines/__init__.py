"""Events as lines of JSON: parse bytes into typed events, or explain why a line is not one.

`compiled` reads the lines that it can prove good, `plain` every line. What `compiled` leaves, such
as every bad line, `plain` reads or explains. Whatever `compiled` reads, `plain` reads alike.

Imports go one way: `line` `refusals` ← `values` ← `compiled` `plain` ← `reader`.
"""

from .line import LONGEST, Line
from .reader import SKEW, Lines

__all__ = ["LONGEST", "SKEW", "Line", "Lines"]
