"""The work instruction IK-UNAIR-LIB-11 as it is worked and printed."""
