"""What analysts see: marts, and a read-only copy of the database, swapped in when a run is through.

Belongs here: marts (one SQL file each) and the swap. Not here: anything that a later run reads, but for the reach of
each run, which is kept so that before and after can be told.
"""
