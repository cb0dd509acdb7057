"""The report of a run: one page for a browser, for whoever operates the pipeline and for whoever asks how it goes.

One file without script that loads nothing, in English and Japanese, light and dark. Belongs here: what it says
(content.py and what that reads), how it looks, where it is kept (file.py). Not here: the diff of a plan as a whole
(report/diff), the command (cli/report.py).
"""
