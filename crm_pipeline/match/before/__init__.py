"""The matcher that the vectorised engine replaces; gone when stage.py runs on the engine."""
