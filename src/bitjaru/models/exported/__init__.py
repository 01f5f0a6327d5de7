"""Models that were exported as ONNX graphs, answering with ONNX Runtime: TensorFlow is not needed."""
