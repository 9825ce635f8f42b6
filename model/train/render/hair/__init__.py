"""Hair as strands: styles, growth, beards and brows."""
