"""An organisation of any size: two CRMs full of records of everything, made up by arguments alone.

`Synthetic` are the arguments, `load_hubspot` and `load_salesforce` put one CRM each into a store (in processes of their
own, which need not talk: both know who is who), `write_truth` joins their tables of who is who.
Nothing in it knows the matcher.
"""

from crm_pipeline.emulator.organisation.synthetic.loading import load_hubspot, load_salesforce
from crm_pipeline.emulator.organisation.synthetic.sizes import Synthetic
from crm_pipeline.emulator.organisation.synthetic.truth import write_truth

__all__ = ["Synthetic", "load_hubspot", "load_salesforce", "write_truth"]
