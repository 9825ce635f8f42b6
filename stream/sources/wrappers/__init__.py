"""Sources around a source: its frames turned and cut, or only a part of them."""
