"""How sure a match is: candidates compete, rules bound what evidence allows, tiers follow."""
