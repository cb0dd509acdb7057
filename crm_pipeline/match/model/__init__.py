"""What a match weighs in one organisation, estimated once and frozen until somebody trains anew."""
