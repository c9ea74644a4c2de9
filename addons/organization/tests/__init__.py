"""Units, positions, holders and what stands under a letter."""
