"""Schema drift.

What changed between the document that this SDK was made from and another one, and for whom it
breaks.
"""
