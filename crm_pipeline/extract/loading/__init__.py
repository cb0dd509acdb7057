"""From the files into `raw.*`, set by set: what is new, what changed and when, what is gone."""
