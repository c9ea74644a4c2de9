"""What the library keeps of a cooperation in the making."""
