"""One schedule as a small program in another language, without dependencies."""
