"""Keys for comparing: what a name, an address, a telephone number is when its spelling is taken away.

Belongs here: pure functions from one raw value to its keys, their small tables, and the stage that keeps the keys of
every record. Not here: what two keys mean for each other (match/), and values that are written into a CRM: a folded
name, a generated reading or a reformatted number never leaves this stage.
"""

#: Changes whenever a key of some value changes: cached keys of other versions are computed anew.
NORMALISER_VERSION = "6"
