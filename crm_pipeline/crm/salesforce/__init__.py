"""Salesforce, over simple-salesforce with a session of ours."""
