"""Trained models as files that other programs can read: ONNX graphs beside what their texts are cut with."""
