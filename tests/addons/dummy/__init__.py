"""A dummy addon: what an addon can do, shown to the tests and to nobody else."""
