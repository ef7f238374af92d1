"""The assignment by Phosphene's own layers, model, objectives and techniques."""
