"""From a CRM into files on disk: what is asked, how a killed read goes on, what cannot be kept as a record."""
