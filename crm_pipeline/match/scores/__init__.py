"""Scored pairs: comparing what blocking brings, what the evidence weighs, and keeping it from run to run."""
