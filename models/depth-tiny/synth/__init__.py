"""Ray-cast scenes with true depth: geometry, paint, light, layout and lens. NumPy only.

World: metres, y up, the camera above the origin looking towards +z. All images are float32 in 0..1
until the last step. Depth is planar: metres along the optical axis, not along the ray.
"""
