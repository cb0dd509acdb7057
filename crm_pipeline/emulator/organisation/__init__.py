"""Two CRMs of an organisation that does not exist, for the demo, the tests and the benchmarks.

`generate` makes up a bilingual organisation with the dirt of real life, `guide` reads the guide's own example, `load`
puts either into the emulators, `portal` sets up the custom fields both need. `with_business` adds deals, tickets and
activities. `synthetic` makes up and loads one of any size, with every object in it. No part of it knows the matcher.
"""

from crm_pipeline.emulator.organisation.business import with_business
from crm_pipeline.emulator.organisation.generate import generate
from crm_pipeline.emulator.organisation.guide import guide
from crm_pipeline.emulator.organisation.loading import load
from crm_pipeline.emulator.organisation.model import Organisation, Owner, Record, Truth
from crm_pipeline.emulator.organisation.portal import set_up

__all__ = ["Organisation", "Owner", "Record", "Truth", "generate", "guide", "load", "set_up", "with_business"]
