"""Values, rows and organisations that nobody expects: kept byte for byte, set apart with a reason, or a clear error."""
