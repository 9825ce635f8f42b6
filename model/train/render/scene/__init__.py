"""The Blender side: materials, light, camera, furniture and the two passes."""
