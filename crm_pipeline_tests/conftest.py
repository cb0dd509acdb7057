"""Settings of the whole suite."""

from hypothesis import settings

# How long an example takes says something about the machine, not about the law.
settings.register_profile("laws", deadline=None)
settings.load_profile("laws")
