"""Settings of the whole suite."""

import os

from hypothesis import settings

# `make test` tries the same examples every time, so that a change fails for what it changed; `make laws` looks for new
# ones. How long an example takes says something about the machine, not about the law.
settings.register_profile("laws", deadline=None, derandomize="CRM_PIPELINE_NEW_EXAMPLES" not in os.environ)
settings.load_profile("laws")
