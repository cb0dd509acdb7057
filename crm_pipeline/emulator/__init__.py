"""HubSpot and Salesforce as local HTTP servers for the demo, the tests and the benchmarks.

The product reaches them by base URL only; nothing outside the demo, tests and benchmarks imports
this package. An emulator answers what the real CRM answers, not what the product hopes for: what is
not emulated is refused with an error in the CRM's own form, never with a false success.
"""
