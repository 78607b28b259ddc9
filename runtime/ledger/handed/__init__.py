"""Labels of customers that were handed to channels, and which of them arrived.

Imports go one way: `labels` ← `keeping`.
"""
