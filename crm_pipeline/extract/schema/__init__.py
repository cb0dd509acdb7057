"""The fields of both CRMs, what became of them since the last run, and the stages of deals and tickets."""
