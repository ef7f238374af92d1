"""The grader's own answers: plain numpy in float64, written from the definitions alone. Students' processes cannot
reach this folder."""
