"""The assignment: vanilla RNN and LSTM captioning, and image gradients. Laid out, graded, packed."""
