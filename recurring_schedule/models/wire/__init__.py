"""The types of fields: the values that are accepted from the wire, and from Python."""
