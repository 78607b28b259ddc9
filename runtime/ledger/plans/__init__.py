"""The plans that runs and workers decided by, as documents.

Imports go one way: `documents` ← `keeping`.
"""
