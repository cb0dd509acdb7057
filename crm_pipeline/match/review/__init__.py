"""What waits for a person, what people decided, and how matching follows it."""
