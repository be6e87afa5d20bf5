"""Large sheets: rows staged by COPY, judged by SQL, written at once.

SQL reads the plain spellings and finds what is surely good. Every other row is read by
the same columns as a small sheet (`resources.LineResource`), so there is one truth of
what a cell may say and of the sentence that names it.
"""
