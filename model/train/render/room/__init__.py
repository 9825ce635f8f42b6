"""Rooms without people: plan, walls, light, camera and the rendering of one picture."""
