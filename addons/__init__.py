"""The addons of Sinergi. Extra folders join this package's path at discovery."""
