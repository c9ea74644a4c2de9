"""Correspondence: the agenda of incoming letters and the dispositions given on them."""
