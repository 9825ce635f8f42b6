"""Names of the arrays that networks and effects hand about."""

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

ImageU8: TypeAlias = NDArray[np.uint8]
"""(H, W, 3) uint8, RGB, gamma-encoded."""

AlphaU8: TypeAlias = NDArray[np.uint8]
"""(H, W) uint8; 0 is background, 255 foreground."""

AlphaF32: TypeAlias = NDArray[np.float32]
"""(H, W) float32 in [0, 1]; 1 is foreground."""

LumaF32: TypeAlias = NDArray[np.float32]
"""(H, W) float32 in [0, 1]; gamma-encoded luma."""

MapF32: TypeAlias = NDArray[np.float32]
"""(H, W) or (H, W, C) float32, whatever the function's text says."""
