"""The simulator's own page: who comes, what fails, how fast, and the world from above."""
