"""Settings of the whole suite."""

import os

from hypothesis import settings

# How long an example takes says something about the machine, not about the law. In CI Hypothesis loads a profile of
# its own, which has no deadline either and tries the same examples every time.
if not os.environ.get("CI"):
    settings.register_profile("laws", deadline=None)
    settings.load_profile("laws")
