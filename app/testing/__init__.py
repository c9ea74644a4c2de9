"""The test tools of the kernel and of every addon, as a pytest plugin (`-p app.testing.plugin`)."""
