"""Your assignment. Write the functions that raise NotImplementedError; everything else is there."""
