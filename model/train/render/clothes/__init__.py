"""Clothes: garments of the assets and garments cut from the body's own hull."""
