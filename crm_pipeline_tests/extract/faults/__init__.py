"""What goes wrong while the CRMs are read: survived, or ended with the right error and nothing lost."""
