"""The attention-LSTM: layers, network, training."""
