"""What `make demo` and `make dev` show: two emulated CRMs of a demo organisation, and the story of a first night.

Belongs here: the emulators' start and stop (world.py), the sequence (run.py), the telling (figures.py, story.py). Not
here: what the product needs with real CRMs. Nothing imports this package but the command line, tests and benchmarks.
"""
