"""One module for each operation of the tag."""
