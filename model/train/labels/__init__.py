"""Labels for pictures without mattes, made by teacher networks."""
