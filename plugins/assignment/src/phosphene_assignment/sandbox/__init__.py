"""What runs in the processes that hold a student's code. Nothing in here knows an answer, and nothing in here imports
anything of this package outside this folder: the processes are not even able to read it."""
