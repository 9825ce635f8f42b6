# %% [markdown]
# The alpha of frames, step by step: open this file in Jupyter, VS Code or Spyder and run its cells,
# or all of it with `python examples/matter.py`.

# %%
import numpy as np

import u2cam

matter = u2cam.Matter("u2net_live", device="cpu")
print(matter.model_name, "on", matter.device_name)

# %% Any frames (H, W, 3) uint8 RGB do: from OpenCV (convert its BGR), PyAV, imageio. Here, noise.
rng = np.random.default_rng(0)
frames = [rng.integers(0, 256, (144, 256, 3), np.uint8) for _ in range(3)]

# %% Frame after frame: the previous matte helps the next one.
alphas = [matter(frame) for frame in frames]  # (H, W) float32 in [0, 1]
print(alphas[0].shape, alphas[0].dtype)

# %% Composite over a colour of your own, straight from the definition.
background = np.array([0, 177, 64])
alpha = alphas[-1][..., None]  # (H, W, 1)
picture = (alpha * frames[-1] + (1 - alpha) * background).astype(np.uint8)

# %% Another scene: forget the frames before. And at the end, free the network's memory.
matter.reset()
alpha = matter(frames[0])
matter.close()
